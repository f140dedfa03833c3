"""Each hand-written loop is its Brian 2 network: same input spikes, same spikes and weights."""

import numpy as np
import pytest
from brian2 import set_device

import spikeplast  # noqa: F401  (registers the device)
from benchmarks.inputs import GivenInputs, PoissonInputs
from benchmarks.workload import SpikeList
from benchmarks.workloads import WORKLOADS
from benchmarks.workloads.brunel import Brunel, BrunelAdditive
from benchmarks.workloads.clopath import Clopath
from benchmarks.workloads.coba import Coba
from benchmarks.workloads.convallis import Convallis
from benchmarks.workloads.digits import Digits
from benchmarks.workloads.song import Song
from benchmarks.workloads.triplet import Triplet
from models.diehl_cook_2015 import DiehlCookNetwork


@pytest.fixture
def on_the_engine():
    set_device("numba")
    yield
    set_device("runtime")


def given_spikes(workload, rate, seconds):
    """Poisson spikes, the same for every target; None without inputs."""
    if rate is None:
        return None
    n_steps = round(seconds / workload.dt)
    return SpikeList(*PoissonInputs(workload.n_inputs, rate * workload.dt, seed=5).take(0, n_steps))


@pytest.mark.parametrize(
    ("workload", "rate", "lengths", "least_change"),
    [
        (Coba(n_neurons=200), None, (0.1, 0.25), 0.1),
        pytest.param(
            Triplet(n_inputs=300, n_neurons=20), 10.0, (0.3, 0.43), 1e-4, marks=pytest.mark.slow
        ),
        (Song(n_inputs=60, n_neurons=4), 15.0, (0.3, 0.43), 0.1),
        (Clopath(n_inputs=50, n_neurons=30), 10.0, (0.3, 0.43), 1e-3),
        pytest.param(Brunel(n_neurons=200), 20.0, (0.1, 0.153), 0.1, marks=pytest.mark.slow),
        pytest.param(
            BrunelAdditive(n_neurons=200), 20.0, (0.1, 0.153), 0.1, marks=pytest.mark.slow
        ),
        # Its weights change once a second.
        pytest.param(
            Convallis(n_inputs=50, n_neurons=10), 10.0, (0.6, 1.93), 1e-2, marks=pytest.mark.slow
        ),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "loops") else "",
)
def test_hand_written_loops_give_the_engines_spikes_and_weights(
    workload, rate, lengths, least_change, on_the_engine
):
    """Two runs, of lengths that are no whole number of the loops' chunks."""
    given = given_spikes(workload, rate, sum(lengths))
    drawn = workload.draw(seed=3)
    brian = workload.build(drawn, given)
    for seconds in lengths:
        brian.run(seconds)
    times, cells = brian.spikes()
    weights = brian.w
    assert times.size > 20
    assert np.abs(weights - drawn.w.ravel()).max() > least_change * workload.w_max
    for target in (t for t in workload.loops if t.startswith("hand_written")):
        loop = workload.by_hand(target, drawn, given)
        for seconds in lengths:
            loop.run(seconds)
        loop_times, loop_cells = loop.spikes()
        np.testing.assert_array_equal(loop_cells, cells, err_msg=target)
        np.testing.assert_allclose(loop_times, times, rtol=0, atol=1e-9)
        np.testing.assert_allclose(
            loop.w, weights, rtol=0, atol=1e-11 * workload.w_max, err_msg=target
        )


@pytest.mark.slow
def test_the_hand_written_digits_are_the_models(on_the_engine):
    """The model draws its own input, so the loop is given what the model drew."""
    workload = Digits(n_inputs=200, n_neurons=20)
    drawn = workload.draw(seed=3)
    model = DiehlCookNetwork(workload.parameters, 200, 5, random_seed=3, record_traces=True)
    told = model.present(drawn.images[:5], model.state(), learning=True, random_seed=7)
    # An image that was shown again, at a higher intensity, and another one after it.
    assert told.shown[0] == told.shown[1] < told.shown[-1]
    spikes = model.monitors["input_spikes"]
    steps = np.rint(np.asarray(spikes.t) / workload.dt).astype(int)
    loop = workload.by_hand("hand_written", drawn, SpikeList(steps, np.asarray(spikes.i)))
    loop.run(2.5)
    times, cells = loop.spikes()
    counts = np.zeros_like(told.counts)
    np.add.at(counts, (np.rint(times / 0.5).astype(int), cells), 1)
    np.testing.assert_array_equal(counts, told.counts)
    np.testing.assert_allclose(loop.w, np.asarray(model.input_synapses.w), rtol=0, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("target", "seconds"), [("numpy", 3.0), ("hand_written", 12.0)])
def test_the_digits_workload_goes_on_from_run_to_run(target, seconds):
    """The longer run is more than one slice of images."""
    workload = Digits(n_inputs=200, n_neurons=20)
    drawn = workload.draw(seed=3)
    running = workload.build(drawn) if target == "numpy" else workload.by_hand(target, drawn)
    for length in (0.5, seconds):
        running.run(length)
    times, cells = running.spikes()
    assert times.size > 5 and cells.max() < 20
    assert seconds - 2 < times.max() <= seconds
    assert running.w.mean() == pytest.approx(78 / 784, rel=0.02)


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_draw_depends_on_the_seed_alone(name):
    least = WORKLOADS[name].least
    workload = WORKLOADS[name](**{setting: max(value, 10) for setting, value in least.items()})
    one, same, other = (workload.draw(seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.w, same.w)
    assert one.w.shape != other.w.shape or np.any(one.w != other.w)
    assert one.w.min() >= 0 and one.w.max() <= workload.w_max


def test_coba_draws_the_stated_shape():
    drawn = Coba(n_neurons=200).draw(seed=3)
    assert (drawn.n_exc, drawn.n_inh) == (160, 40)
    pre, post = drawn.ee
    assert np.all(pre != post)
    assert np.all(np.diff(pre.astype(np.int64) * 200 + post) > 0)
    assert drawn.w.shape == pre.shape
    assert drawn.ei[1].max() < drawn.n_inh
    assert drawn.ia[1].max() >= drawn.n_exc


def test_poisson_inputs_are_sorted_and_have_the_rate_in_every_cell_and_step():
    n, n_steps, p = 40, 50_000, 0.01
    inputs = PoissonInputs(n, p, seed=2)
    parts = [inputs.take(first, 500) for first in range(0, n_steps, 500)]
    for number, (steps, _) in enumerate(parts):
        assert np.all((steps >= 500 * number) & (steps < 500 * (number + 1)))
    steps, cells = (np.concatenate(part) for part in zip(*parts, strict=True))
    trials = steps * n + cells
    assert np.all(np.diff(trials) > 0)
    # Five standard deviations of a binomial count.
    for counts, of in (
        (np.bincount(cells, minlength=n), n_steps),
        (np.bincount(steps // 500), 500 * n),
    ):
        assert np.abs(counts - of * p).max() < 5 * np.sqrt(of * p)
    # The same spikes however they are taken.
    whole = PoissonInputs(n, p, seed=2).take(0, 500)
    np.testing.assert_array_equal(whole, parts[0])


def test_inputs_refuse_what_they_cannot_be():
    with pytest.raises(ValueError, match="p = 1"):
        PoissonInputs(3, 1, seed=1)
    with pytest.raises(ValueError, match="sorted"):
        GivenInputs(np.array([3, 1]), np.array([0, 0]))


def test_given_inputs_come_in_their_steps():
    inputs = GivenInputs(np.array([1, 1, 4, 9]), np.array([5, 6, 7, 8]))
    assert [part.tolist() for part in inputs.take(1, 8)] == [[1, 1, 4], [5, 6, 7]]
