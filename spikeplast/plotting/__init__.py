"""Arrays or Brian 2 monitors in, Matplotlib axes out."""

from spikeplast.plotting.activity import raster, voltage_traces
from spikeplast.plotting.learning import confusion_matrix, learning_curve
from spikeplast.plotting.weights import (
    receptive_fields,
    weight_histogram,
    weight_matrix,
    weight_traces,
)

__all__ = [
    "confusion_matrix",
    "learning_curve",
    "raster",
    "receptive_fields",
    "voltage_traces",
    "weight_histogram",
    "weight_matrix",
    "weight_traces",
]
