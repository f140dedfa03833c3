"""Labels of cells and predictions, against cases worked out by hand."""

import numpy as np
import pytest

from spikeplast.analysis import (
    accuracy,
    assign_labels,
    confusion_matrix,
    mean_responses,
    predict_labels,
)

# Cells: one for class 0, one for class 1, one silent, one for class 1.
RESPONSES = np.array([[4, 0, 0, 1], [6, 2, 0, 1], [1, 3, 0, 5]])
LABELS = np.array([0, 0, 1])


def test_mean_responses_average_over_the_images_of_a_class():
    means = mean_responses(RESPONSES, LABELS, 3)
    assert means.tolist() == [[5, 1, 0, 1], [1, 3, 0, 5], [0, 0, 0, 0]]


def test_cells_get_the_class_of_their_highest_mean_not_of_their_highest_sum():
    assert assign_labels(RESPONSES, LABELS, 2).tolist() == [0, 1, -1, 1]
    often = np.array([[2], [2], [2], [3]])
    assert assign_labels(often, [0, 0, 0, 1], 2).tolist() == [1]


def test_prediction_averages_over_the_cells_of_a_class():
    cells = [0, 1, -1, 1]
    # Class 1 has more spikes in all (6 to 5), class 0 more for each of its cells.
    assert predict_labels([[5, 3, 99, 3]], cells, 2).tolist() == [0]
    assert predict_labels([[0, 0, 7, 0]], cells, 2).tolist() == [-1]


def test_accuracy_counts_images_without_prediction_as_wrong():
    assert accuracy([0, -1, 1, 1], [0, 1, 1, 0]) == 0.5


def test_confusion_matrix_has_true_classes_in_rows():
    matrix = confusion_matrix([1, 1, -1], [0, 1, 1], 2)
    assert matrix.tolist() == [[0, 1, 0], [0, 1, 1]]


@pytest.mark.parametrize(
    ("responses", "labels", "message"),
    [
        ([[1.0, np.nan]], [0], "NaN"),
        ([[-1.0]], [0], "negative"),
        ([[1.0]], [0, 1], "do not fit"),
        ([[1.0]], [5], "from 0 to 1"),
        ([[1.0]], [0.5], "integers"),
        (np.zeros((0, 3)), np.zeros(0, int), "do not fit"),
    ],
)
def test_wrong_input_is_refused(responses, labels, message):
    with pytest.raises(ValueError, match=message):
        assign_labels(responses, labels, 2)


def test_predictions_need_one_label_for_each_cell():
    with pytest.raises(ValueError, match="do not fit"):
        predict_labels(RESPONSES, [0, 1], 2)
    with pytest.raises(ValueError, match="not be empty"):
        accuracy([], [])
    with pytest.raises(ValueError, match="NaN"):
        predict_labels([[np.nan]], [0], 2)


def test_classes_that_there_are_not_are_no_part_of_a_confusion_matrix():
    with pytest.raises(ValueError, match="labels must be integers from 0 to 1"):
        confusion_matrix([0, 1], [0, -1], 2)
    for wrong in ([0, -2], [0, 2], [0, 0.5]):
        with pytest.raises(ValueError, match="predictions must be integers from -1 to 1"):
            confusion_matrix(wrong, [0, 1], 2)
