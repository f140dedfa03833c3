"""The digit network: its protocol, its input, and what is frozen at test."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import Hz, ms, mV, set_device

import spikeplast
from models.diehl_cook_2015 import DiehlCookNetwork, DiehlCookParameters
from models.diehl_cook_2015_parameters import RULES
from spikeplast.plasticity import DiehlCookSTDP

# Presentations of 100 ms instead of 500 ms, and a drive that suits nine inputs.
SMALL = DiehlCookParameters(
    n_excitatory=4,
    image_time=50 * ms,
    rest_time=50 * ms,
    w_total=3.0,
    start_intensity=45.0,
    min_spikes=1,
)


@pytest.fixture
def network():
    return DiehlCookNetwork(SMALL, n_inputs=9, slice_length=6, random_seed=3)


def images(*levels):
    return np.array(levels, dtype=np.uint8)[:, None] * np.ones((1, 9), np.uint8)


def test_images_follow_each_other_and_counts_are_those_of_the_spikes():
    network = DiehlCookNetwork(SMALL, 9, 4, record_traces=True)
    shows = network.present(images(255, 255, 255), network.state(), True, random_seed=1)
    assert shows.shown.tolist() == [0, 1, 2]
    assert shows.accepted.all()
    assert (shows.intensity == 45).all()
    monitor = network.monitors["excitatory_spikes"]
    t = np.asarray(monitor.t / ms)
    for k, counts in enumerate(shows.counts):
        during = (t >= 100 * k) & (t < 100 * k + 50)
        assert counts.tolist() == np.bincount(monitor.i[during], minlength=4).tolist()
    assert shows.counts.sum() > 0


def test_a_silent_image_is_repeated_at_rising_intensity_and_then_given_up():
    network = DiehlCookNetwork(replace(SMALL, max_repeats=2), 9, 6)
    shows = network.present(images(0, 0, 0, 255), network.state(), False, 1)
    assert shows.shown.tolist() == [0, 0, 0, 1]
    assert shows.intensity.tolist() == [45, 46, 47, 45]
    assert shows.accepted.tolist() == [False, False, True, False]
    # The next slice goes on at the intensity that this one has reached.
    assert network.state().intensity == 46


def test_an_image_is_given_up_even_if_its_repeats_are_in_several_slices():
    network = DiehlCookNetwork(replace(SMALL, max_repeats=3), 9, 2)
    state, shown, accepted = network.state(), [], []
    for _ in range(2):
        shows = network.present(images(0), state, False, 1, presentations=1)
        state = network.state()
        shown += shows.intensity.tolist()
        accepted += shows.accepted.tolist()
    for _ in range(2):
        shows = network.present(images(0, 0), state, False, 1, presentations=1)
        state = network.state()
        shown += shows.intensity.tolist()
        accepted += shows.accepted.tolist()
    assert shown == [45, 46, 47, 48]
    assert accepted == [False, False, False, True]


def test_inputs_fire_at_the_rate_of_their_pixel_and_rest_afterwards():
    parameters = replace(SMALL, image_time=1000 * ms, start_intensity=2.0, min_spikes=0)
    network = DiehlCookNetwork(parameters, 9, 1, record_traces=True)
    pixels = np.array([[0, 0, 0, 100, 100, 100, 200, 200, 200]], np.uint8)
    network.present(pixels, network.state(), False, 5)
    monitor = network.monitors["input_spikes"]
    counts = np.bincount(monitor.i, minlength=9).reshape(3, 3).sum(axis=1)
    assert counts[0] == 0
    for count, level in ((counts[1], 100), (counts[2], 200)):
        expected = 3 * level * 0.125 * 2.0
        assert abs(count - expected) < 4 * np.sqrt(expected)
    assert np.max(monitor.t_) < 1


def test_weights_sum_to_the_total_after_normalisation():
    still = DiehlCookSTDP(A_plus=0, A_minus=0)
    network = DiehlCookNetwork(replace(SMALL, rule=still), 9, 2)
    before = network.state().w
    network.present(images(255), network.state(), True, 1)
    after = network.state().w
    assert after.sum(axis=0) == pytest.approx(np.full(4, 3.0))
    assert after == pytest.approx(before * 3.0 / before.sum(axis=0))


def test_learning_changes_weights_and_thresholds_and_test_does_not(network):
    bright = images(255, 255, 255)
    network.present(bright, network.state(), True, 1)
    trained = network.state()
    shows = network.present(bright, trained, False, 2)
    assert shows.counts.sum() > 0
    assert np.array_equal(network.state().theta, trained.theta)
    normalised = trained.w * 3.0 / trained.w.sum(axis=0)
    assert network.state().w == pytest.approx(normalised, rel=1e-12)
    network.present(bright, trained, True, 2)
    moved = network.state()
    assert (moved.theta - trained.theta).max() > 0.04e-3
    assert np.abs(moved.w - normalised).max() > 1e-3


def test_the_outcome_depends_on_the_arguments_only(network):
    start = network.state()
    bright = images(255, 128)
    first = network.present(bright, start, True, 7)
    state = network.state()
    network.present(images(60, 70), state, True, 8)
    again = network.present(bright, start, True, 7)
    assert np.array_equal(first.counts, again.counts)
    assert np.array_equal(state.w, network.state().w)
    assert np.array_equal(state.theta, network.state().theta)
    other = network.present(bright, start, True, 9)
    assert not np.array_equal(state.w, network.state().w)
    assert other.counts.shape == first.counts.shape


def test_a_cell_inhibits_all_others_but_not_itself(network):
    pairs = set(
        zip(network.inh_to_exc.i[:].tolist(), network.inh_to_exc.j[:].tolist(), strict=True)
    )
    assert pairs == {(i, j) for i in range(4) for j in range(4) if i != j}
    delays = network.input_synapses.pre.delay / ms
    assert delays.min() >= 0
    assert 9 < delays.max() <= 10


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"dt": -1 * ms}, ValueError, "dt"),
        ({"slot": 50 * mV}, TypeError, "slot"),
        ({"w_total": float("nan")}, ValueError, "w_total"),
        ({"n_excitatory": 2.5}, ValueError, "n_excitatory"),
        ({"rest_time": 70 * ms}, ValueError, "rest_time"),
        ({"start_intensity": 100.0}, ValueError, "start_intensity"),
        ({"rate_per_level": 0 * Hz}, ValueError, "rate_per_level"),
        ({"method": "heun"}, ValueError, "method = 'heun'.*euler, exponential_euler"),
    ],
)
def test_wrong_parameters_are_named(change, error, message):
    with pytest.raises(error, match=message):
        DiehlCookParameters(**change)


def test_many_cells_that_fire_at_once_are_integrated_by_exponential_euler():
    most = {}
    for method in ("euler", "exponential_euler"):
        parameters = replace(SMALL, n_excitatory=500, method=method)
        network = DiehlCookNetwork(parameters, 9, 1, record_traces=True)
        # Alike, so that all fire in one step: 500 * 17 * exp(-5/2) is more than 2 * 100 ms/0.5 ms.
        network.input_synapses.delay = 0 * ms
        network.network.store("start")
        equal = replace(network.state(), w=np.full((9, 500), 0.5))
        network.present(images(255), equal, False, 1)
        most[method] = np.asarray(network.monitors["excitatory_state"].v / mV).max()
    # No conductance draws the voltage above 0 mV.
    assert most["exponential_euler"] < 0 < most["euler"]


def test_wrong_images_and_states_are_refused(network):
    state = network.state()
    for bad in (np.zeros((2, 8), np.uint8), np.zeros((2, 9)), np.zeros((2, 3, 3), np.uint8)):
        with pytest.raises(ValueError, match="images have shape"):
            network.present(bad, state, True, 1)
    with pytest.raises(ValueError, match="presentations"):
        network.present(np.zeros((7, 9), np.uint8), state, True, 1)
    broken = replace(state, w=np.full((9, 4), np.nan))
    with pytest.raises(ValueError, match=r"state\.w"):
        network.present(images(1), broken, True, 1)


def test_on_the_engine_all_of_it_is_in_the_loop_and_a_seed_fixes_the_outcome():
    set_device("numba")
    outcomes = []
    for _ in range(2):
        network = DiehlCookNetwork(SMALL, n_inputs=9, slice_length=6, random_seed=3)
        shows = network.present(images(255, 0, 128, 255), network.state(), True, 7)
        outcomes.append((shows.counts, network.state().w, network.state().theta))
    for first, second in zip(*outcomes, strict=True):
        assert np.array_equal(first, second)
    assert outcomes[0][0].sum() > 0
    assert {where for _, where, _ in spikeplast.explain(network.network).objects} == {"the loop"}


@pytest.mark.usefixtures("loop_in_python")
@pytest.mark.parametrize("name", ["exponential", "pre_and_post"])
def test_rules_with_a_target_learn_the_same_on_both_devices(name):
    # Inputs that spike in every step or never: nothing is drawn that devices draw differently.
    always = {"start_intensity": 45.0, "rate_per_level": 0.99999999 / (255 * 45 * 0.5e-3) * Hz}
    parameters = replace(SMALL, rule=RULES[name], image_time=100 * ms, **always)
    pixels = np.array([[255] * 4 + [0] * 5, [0] * 3 + [255] * 6], np.uint8)
    found = []
    for device in ("runtime", "numba"):
        set_device(device)
        network = DiehlCookNetwork(parameters, 9, 2, random_seed=3)
        start = network.state().w
        shows = network.present(pixels, network.state(), True, 1)
        assert shows.counts.sum() > 3
        found.append((network.state().w, shows.counts))
    assert np.array_equal(found[0][1], found[1][1])
    np.testing.assert_allclose(found[1][0], found[0][0], rtol=1e-9, atol=1e-12)
    normalised = start * 3.0 / start.sum(axis=0)
    assert np.abs(found[0][0] - normalised).max() > 1e-3
