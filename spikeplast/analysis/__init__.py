"""Arrays in, numbers out: labels of cells, clustering, weights."""

from spikeplast.analysis.clustering import (
    ClusteringScores,
    best_cells,
    clustering_scores,
    kmeans_scores,
    purity,
)
from spikeplast.analysis.labels import (
    accuracy,
    assign_labels,
    confusion_matrix,
    mean_responses,
    predict_labels,
)
from spikeplast.analysis.weights import WeightStatistics, weight_statistics

__all__ = [
    "ClusteringScores",
    "WeightStatistics",
    "accuracy",
    "assign_labels",
    "best_cells",
    "clustering_scores",
    "confusion_matrix",
    "kmeans_scores",
    "mean_responses",
    "predict_labels",
    "purity",
    "weight_statistics",
]
