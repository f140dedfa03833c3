"""What the plots draw: data, units and refusals."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from brian2 import (
    NeuronGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    ms,
    mV,
    run,
    second,
)

from spikeplast import plotting


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_raster_of_arrays_in_milliseconds():
    ax = plotting.raster((np.array([0, 2]), np.array([0.01, 0.02])), n_cells=3)
    assert ax.lines[0].get_xdata() == pytest.approx([10, 20])
    assert list(ax.lines[0].get_ydata()) == [0, 2]
    assert ax.get_xlabel() == "time (ms)"
    assert ax.get_ylim() == (-0.5, 2.5)


def test_raster_of_a_monitor_is_that_of_its_arrays():
    source = SpikeGeneratorGroup(4, [1, 3], [1, 2] * ms)
    monitor = SpikeMonitor(source)
    run(5 * ms)
    ax = plotting.raster(monitor)
    assert ax.lines[0].get_xdata() == pytest.approx([1, 2])
    assert ax.get_ylim() == (-0.5, 3.5)


def test_voltage_traces_of_a_monitor_with_spikes_and_threshold():
    group = NeuronGroup(2, "dv/dt = 20*mV/ms/10 : volt", threshold="v > 9*mV", reset="v = 0*mV")
    state, spikes = StateMonitor(group, "v", record=True), SpikeMonitor(group)
    run(10 * ms)
    ax = plotting.voltage_traces(state, cells=[1], spikes=spikes, threshold=9 * mV)
    trace, limit = ax.lines[:2]
    assert trace.get_ydata() == pytest.approx(state.v[1] / mV)
    assert limit.get_ydata() == pytest.approx(np.full(100, 9))
    assert len(ax.collections[0].get_segments()) == np.count_nonzero(spikes.i == 1) > 0
    assert ax.get_ylabel() == "membrane potential (mV)"


def test_weight_traces_of_synapses_and_of_long_times():
    group = NeuronGroup(2, "v : 1")
    synapses = Synapses(group, group, "w : 1")
    synapses.connect()
    synapses.w = [0, 1, 2, 3]
    monitor = StateMonitor(synapses, "w", record=[1, 3])
    run(1 * ms)
    ax = plotting.weight_traces(monitor)
    assert [line.get_ydata()[0] for line in ax.lines] == [1, 3]
    long = plotting.weight_traces((np.array([0, 7200.0]), np.array([0, 1.0])))
    assert long.get_xlabel() == "time (min)"
    assert long.lines[0].get_xdata() == pytest.approx([0, 120])


def test_weight_histogram_adds_up_to_all_synapses():
    ax = plotting.weight_histogram(np.linspace(0, 1, 101), bins=10)
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(100)


def test_receptive_fields_put_each_cell_upright_in_its_place():
    weights = np.arange(6 * 3, dtype=float).reshape(6, 3)
    ax = plotting.receptive_fields(weights, (2, 3), labels=[4, -1, 7])
    canvas = np.asarray(ax.images[0].get_array())
    assert canvas[1:3, 5:8] == pytest.approx(weights[:, 1].reshape(2, 3))
    assert canvas[4:6, 1:4] == pytest.approx(weights[:, 2].reshape(2, 3))
    assert [text.get_text() for text in ax.texts] == ["4", "–", "7"]


def test_weight_matrix_of_both_signs_has_zero_in_the_middle():
    image = plotting.weight_matrix(np.array([[-1.0, 3.0]])).images[0]
    assert image.get_clim() == (-3, 3)


def test_confusion_matrix_writes_the_counts():
    ax = plotting.confusion_matrix(np.array([[3, 0, 1], [0, 2, 0]]))
    assert sorted(text.get_text() for text in ax.texts) == ["1", "2", "3"]


def test_learning_curve_in_percent():
    ax = plotting.learning_curve([10, 20], [0.5, 0.75], held_out=0.8)
    assert list(ax.lines[0].get_ydata()) == [50, 75]
    assert "80.0 %" in ax.get_legend_handles_labels()[1][1]


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plotting.raster(([0, 1], [0.1])), "one each"),
        (lambda: plotting.raster(([0], [np.nan])), "NaN"),
        (lambda: plotting.raster(([0], [1] * mV)), "spike times has the unit"),
        (lambda: plotting.raster([1, 2, 3]), "SpikeMonitor or a tuple"),
        (lambda: plotting.voltage_traces(([0, 1], [[0, np.inf]])), "infinite"),
        (lambda: plotting.voltage_traces(([0, 1], [0, 1, 2])), "expected"),
        (lambda: plotting.voltage_traces(([0, 1], [0, 1]), cells=[4]), "cell 4"),
        (lambda: plotting.weight_histogram([]), "no weights"),
        (lambda: plotting.weight_matrix(np.full((2, 2), np.nan)), "4 values"),
        (lambda: plotting.receptive_fields(np.ones((6, 2)), (2, 2)), "2 x 2 pixels"),
        (lambda: plotting.receptive_fields(np.ones((4, 2)), (2, 2), labels=[1]), "1 labels"),
        (lambda: plotting.confusion_matrix(np.ones((2, 5))), "shape"),
        (lambda: plotting.learning_curve([1, 2], [1]), "one each"),
    ],
)
def test_wrong_input_is_refused_in_one_line(draw, message):
    with pytest.raises(ValueError, match=message) as caught:
        draw()
    assert "\n" not in str(caught.value)


def test_a_synapses_object_is_no_array_of_weights():
    cells = NeuronGroup(2, "v : 1")
    synapses = Synapses(cells, cells, "w : 1")
    synapses.connect()
    with pytest.raises(TypeError, match=r"give synapses\w*\.w\[:\]"):
        plotting.weight_histogram(synapses)


def test_indices_and_times_in_the_wrong_order_are_noticed():
    with pytest.raises(ValueError, match="whole numbers"):
        plotting.raster(([0.1, 0.2] * second, [1, 2]))
