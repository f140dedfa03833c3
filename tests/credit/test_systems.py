"""Systems with their own structure: each against its closed form, gradient or definition."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.stats import norm

from spikeplast import credit
from spikeplast.credit import systems
from spikeplast.credit.systems import (
    hopfield,
    hsic,
    index_folding,
    nonlinear_hebbian,
    oja,
    random_input,
    spike_discontinuity,
)


def numerical(function, array, step=1e-5):
    gradient = np.empty_like(array)
    for place in np.ndindex(array.shape):
        value = array[place]
        results = []
        for array[place] in (value + step, value - step):
            results.append(function())
        array[place] = value
        gradient[place] = (results[0] - results[1]) / (2 * step)
    return gradient


@pytest.mark.parametrize("kernel", hsic.KERNELS)
def test_the_bottlenecks_gradient(kernel):
    rng = np.random.default_rng(0)
    z, Ky = rng.normal(size=(7, 6)), hsic.label_kernel(rng.integers(3, size=7), 3)
    expected = numerical(lambda: hsic.objective(z, Ky, 2.0, kernel, 1.5), z)
    found = hsic.objective_gradient(z, Ky, 2.0, kernel, 1.5)
    assert np.abs(found - expected).max() < 1e-9

    def by_groups():
        return hsic.objective(hsic.group_energies(z, 2)[0], Ky, 2.0, kernel, 1.5)

    expected = numerical(by_groups, z)
    energies, slopes = hsic.group_energies(z, 2)
    by_energy = hsic.objective_gradient(energies, Ky, 2.0, kernel, 1.5)
    assert np.abs(np.repeat(by_energy, 3, axis=1) * slopes - expected).max() < 1e-9


def test_the_bottleneck_is_a_three_factor_rule():
    rng = np.random.default_rng(0)
    x, W = rng.normal(size=(7, 5)), rng.normal(size=(4, 5))
    Ky = hsic.label_kernel(rng.integers(3, size=7), 3)
    z = np.tanh(x @ W.T)
    gate = 1 - z**2
    gradient = (hsic.objective_gradient(z, Ky, sigma=1.5) * gate).T @ x
    update = hsic.three_factor_update(x, z, gate, Ky, sigma=1.5)
    assert np.allclose(update, -gradient, atol=1e-14)
    network = systems.BottleneckNetwork([5, 4, 3], sigma=1.5, local_rate=0.5, activation="tanh")
    network.weights[0] = W.copy()
    network.step(x, np.random.default_rng(0).integers(3, size=7))
    Ky = hsic.label_kernel(np.random.default_rng(0).integers(3, size=7), 3)
    update = hsic.three_factor_update(x, z, gate, Ky, sigma=1.5)
    assert np.allclose(network.weights[0] - W, 0.5 * update, atol=1e-14)
    # HSIC centres both matrices: once more than pHSIC
    K = hsic.kernel_matrix(z)
    centre = np.eye(7) - 1 / 7
    assert hsic.hsic(K, Ky) == pytest.approx(np.trace(centre @ K @ centre @ Ky) / 49)


@pytest.mark.filterwarnings("error")
def test_a_bottleneck_that_diverges_names_step_and_layer():
    network = systems.BottleneckNetwork([4, 5, 2], "linear", local_rate=1e9)
    x, labels = np.random.default_rng(0).normal(size=(8, 4)), np.arange(8) % 2
    with pytest.raises(credit.Diverged, match=r"at step \d+ the weights into layer 1 of 2"):
        for _ in range(100):
            network.step(x, labels)


@pytest.mark.filterwarnings("error")
def test_online_systems_that_diverge_say_so():
    x = np.random.default_rng(0).normal(size=(3000, 2))
    with pytest.raises(credit.Diverged, match="smaller rate"):
        systems.DendriticGatedNetwork(2, (5, 1), 5, task="regression", rate=100).learn(x, x[:, 0])
    network = systems.DelayedDopamineNetwork(2, rate=100)
    with pytest.raises(credit.Diverged, match="smaller rate"):
        for sample in x:
            network.trial(sample, 1.0)


def test_hopfield_recalls_and_forgets():
    patterns = hopfield.random_patterns(20, 400)
    J = hopfield.store(patterns)
    cue = patterns[0].copy()
    cue[:80] *= -1
    state, settled = hopfield.recall(J, cue)
    assert settled and hopfield.overlap(state, patterns[0]) > 0.99
    too_many = hopfield.random_patterns(160, 400)
    state, _ = hopfield.recall(hopfield.store(too_many), too_many[0])
    assert hopfield.overlap(state, too_many[0]) < 0.7
    moments = hopfield.field_moments(J, patterns[0], patterns[0])
    assert moments["mean"] == pytest.approx(1, abs=0.1)
    assert moments["std"] == pytest.approx(np.sqrt(20 / 400), rel=0.2)


def test_balance_in_mean_field_and_simulated():
    network = systems.BalancedNetwork(K=100, m0=0.3, N=500)
    assert network.rates_of_infinite_K() == pytest.approx((0.3, 0.3))
    theory = m_E, m_I = network.rates_of_finite_K()
    z = (network.thresholds - network.mean_inputs(m_E, m_I)) / np.sqrt(
        [m_E + 2.0**2 * m_I, m_E + 1.8**2 * m_I]
    )
    assert theory == pytest.approx(norm.sf(z))
    found = network.simulate(10, 5)
    assert np.abs(np.subtract(found.rates, theory)).max() < 0.05
    assert abs(found.excitation + found.inhibition) < 0.2 * found.excitation
    large = systems.BalancedNetwork(K=10**6, m0=0.2, N=10**7)
    assert large.rates_of_finite_K() == pytest.approx((0.2, 0.2), abs=0.01)


def test_moments_of_random_input():
    numbers = (200, 10.0, 3.0, 0.005, 0.001, 2.0)
    theory = random_input.expected_moments(*numbers)
    found = random_input.simulated_moments(*numbers)
    assert found.mean == pytest.approx(theory.mean, rel=0.02)
    assert found.static_std == pytest.approx(theory.static_std, rel=0.15)
    assert found.temporal_std == pytest.approx(theory.temporal_std, rel=0.02)


def test_the_discontinuity_is_the_causal_effect():
    drives = spike_discontinuity.drives(40_000, 1, 1.0)
    z = drives.largest[:, 0]
    threshold = spike_discontinuity.threshold_for(z, 0.4)
    reward = 0.5 * (z >= threshold) + z + drives.common
    assert spike_discontinuity.discontinuity_effect(z, reward, threshold, 0.2) == pytest.approx(
        0.5, abs=0.05
    )
    assert spike_discontinuity.naive_effect(z, reward, threshold) > 1


def test_oja_in_closed_form():
    start, values, t = np.array([0.3, 0.5, -0.2]), np.array([3, 2, 1.0]), np.linspace(0, 4, 9)
    found = solve_ivp(lambda _, a: oja.oja_slope(a, values), (0, 4), start, t_eval=t,
                      rtol=1e-10, atol=1e-12)  # fmt: skip
    assert np.abs(found.y.T - oja.oja_closed_form(start, values, t)).max() < 1e-8


def test_the_boltzmann_machine_climbs_the_likelihood():
    rng = np.random.default_rng(0)
    machine, truth = systems.BoltzmannMachine(4), systems.BoltzmannMachine(4)
    truth.biases = rng.normal(size=4)
    pairs = np.triu(rng.normal(size=(4, 4)), 1) / 2
    truth.weights = pairs + pairs.T
    data = truth.distribution()
    by_weights, by_biases = machine.gradient(data)
    step = 1e-5
    before = machine.divergence(data)
    machine.weights[0, 1] = machine.weights[1, 0] = step
    assert (before - machine.divergence(data)) / step == pytest.approx(by_weights[0, 1], abs=1e-4)
    machine.weights[:] = 0
    machine.biases[2] = step
    assert (before - machine.divergence(data)) / step == pytest.approx(by_biases[2], abs=1e-4)
    machine.learn(data, 2000, 0.2)
    assert machine.divergence(data) < 1e-6


def test_gates_make_depth_useful():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(1500, 2))
    y = (x[:, 0] * x[:, 1] > 0).astype(int)
    scores = {}
    for gates in (4, 0):
        network = systems.GatedLinearNetwork(2, 2, (20, 1), gates)
        network.learn(x[:1200], y[:1200])
        scores[gates] = np.mean(network.predict(x[1200:]) == y[1200:])
    assert scores[4] > 0.9 and scores[0] < 0.65
    target = np.sin(2 * x[:, 0])
    errors = {}
    for gates in (3, 0):
        layers = systems.LayerTargets(2, (20, 20, 20), gates, rate=0.05)
        layers.learn(x, target)
        errors[gates] = [np.mean((p - target[:, None]) ** 2) for p in layers.predict(x)]
    assert errors[3][2] < 0.6 * errors[3][0] and errors[0][2] > 0.9 * errors[0][0]


def test_dendritic_gates():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(600, 3))
    y = (x[:, 0] * x[:, 1] > 0).astype(int)
    network = systems.DendriticGatedNetwork(3, (30, 1), 10, rate=0.02)
    network.learn(x[:500], y[:500])
    network.learn(x[:500], y[:500])
    assert np.mean(network.predict(x[500:]) == y[500:]) > 0.85
    # only open branches have learned, each neuron by itself: its output times its own weights
    first = systems.DendriticGatedNetwork(3, (4, 1), 5, rate=0.1)
    first.learn(x[:1], y[:1])
    opened = first.open_branches(x[:1])[0][0]
    assert np.array_equal(np.any(first.weights[0] != 0, axis=2), opened)
    signal = np.append(x[0], 1)
    expected = -0.1 * (0.5 - y[0]) * opened[:, :, None] * signal
    assert np.allclose(first.weights[0], expected)
    # a neuron that is right enough leaves its weights alone
    for _ in range(200):
        first.learn(x[:1], y[:1])
    settled = first.weights[1].copy()
    first.learn(x[:1], y[:1])
    assert np.array_equal(first.weights[1], settled)
    # without gates a deep network is linear, and this task is not
    linear = systems.DendriticGatedNetwork(3, (30, 1), 1, gated=False, rate=0.02)
    assert all(branches.all() for branches in linear.open_branches(x[:50]))
    linear.learn(x[:500], y[:500])
    assert np.mean(linear.predict(x[500:]) == y[500:]) < 0.7
    regression = systems.DendriticGatedNetwork(3, (30, 1), 10, task="regression", rate=0.002)
    for _ in range(3):
        regression.learn(x[:500], x[:500, 0] * x[:500, 1])
    rest = regression.predict(x[500:]) - x[500:, 0] * x[500:, 1]
    assert np.var(rest) < 0.5 * np.var(x[500:, 0] * x[500:, 1])


def test_nonlinear_hebbian_finds_heavy_tails():
    rng = np.random.default_rng(2)
    sources = np.column_stack([rng.laplace(size=20_000), rng.normal(size=(20_000, 4))])
    mixing = rng.normal(size=(5, 5))
    x, whitening = nonlinear_hebbian.whitened(sources @ mixing.T)
    assert np.allclose(np.cov(x.T), np.eye(5), atol=1e-3)
    truth = whitening @ mixing[:, 0]
    w = nonlinear_hebbian.learn_direction(x, "cubic", batch_size=10)
    assert abs(w @ truth) / np.linalg.norm(truth) > 0.95
    assert nonlinear_hebbian.excess_kurtosis(x @ w) > 2


def test_a_late_error_needs_a_trace():
    rng = np.random.default_rng(0)
    x = rng.choice([-1.0, 1.0], (6000, 12))
    y = x[:, 0] * x[:, 1]
    errors = {}
    for decay in (0.0, 0.8):
        network = systems.DelayedDopamineNetwork(12, delay=2, decay=decay)
        for sample, target in zip(x, y, strict=True):
            network.trial(sample, target)
        errors[decay] = np.mean((network.output(x) - y) ** 2)
    assert errors[0.8] < 0.1 and errors[0.0] > 0.8


def test_chaos_and_a_plastic_rate_network():
    for gain, active in ((0.5, False), (1.8, True)):
        V = systems.RateNetwork(200, gain).run(40)
        assert (np.sqrt(np.mean(V[-50:] ** 2)) > 0.3) == active
    network = systems.RateNetwork(50, 1.5)
    norm = np.linalg.norm(network.weights)
    network.run(20, plasticity=lambda post, pre: -0.1 * post * pre)
    assert np.linalg.norm(network.weights) != pytest.approx(norm)


def test_index_folding_and_back():
    index = np.array([0, 5, 100, 777])
    coarse, fine = index_folding.fold(index)
    assert np.array_equal(coarse, [0, 0, 8, 59]) and np.all(np.abs(fine) < 0.63)
    assert np.allclose(index_folding.unfold(coarse, fine), index, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: systems.BottleneckNetwork([4, 3]), "three or more"),
        (lambda: systems.BottleneckNetwork([4, 3, 2], "rbf"), "'rbf' is unknown"),
        (lambda: systems.BottleneckNetwork([4, 5, 2], n_groups=2), "equal groups"),
        (lambda: systems.BottleneckNetwork([4, 5, 2]).step(np.ones((1, 4)), np.array([0])),
         "batch of one"),
        (lambda: systems.BottleneckNetwork([4, 5, 2]).step(np.ones((2, 3)), np.array([0, 1])),
         r"\(2, 3\) does not fit"),
        (lambda: systems.BottleneckNetwork([4, 5, 2]).step(np.full((2, 4), np.nan), [0, 1]),
         "not finite at step 0"),
        (lambda: systems.BottleneckNetwork([4, 5, 2]).step(np.ones((2, 4)), np.array([0])),
         "one a sample"),
        (lambda: systems.LayerTargets(2, rate=3), "rate = 3"),
        (lambda: systems.LayerTargets(2).learn(np.ones((3, 1)), np.ones(3)), r"\(3, 1\)"),
        (lambda: systems.LayerTargets(1).learn([[np.nan]], [1.0]), "not finite"),
        (lambda: systems.LayerTargets(1).learn([[1.0]], [np.inf]), "finite"),
        (lambda: systems.LayerTargets(2).predict([1.0]), r"\(n, 2\)"),
        (lambda: systems.DendriticGatedNetwork(1, task="regression").learn([[1.0]], [np.nan]),
         "targets have values that are not finite"),
        (lambda: systems.DelayedDopamineNetwork(3).trial([1.0], 1.0), r"input \(1,\)"),
        (lambda: systems.DelayedDopamineNetwork(1).trial([1.0], np.nan), "must be finite"),
        (lambda: hopfield.recall([[0.0, np.nan], [1.0, 0.0]], [1, 1]), "finite"),
        (lambda: spike_discontinuity.naive_effect([1, 2], [np.nan, 2], 1.5), "not finite"),
        (lambda: nonlinear_hebbian.learn_direction([[np.nan]]), "not finite"),
        (lambda: systems.GatedLinearNetwork(2, layers=(3, 2)), "last must have 1 unit"),
        (lambda: systems.GatedLinearNetwork(2).learn(np.ones((1, 2)), np.array([2])), "0 to 1"),
        (lambda: systems.GatedLinearNetwork(2, n_half_spaces=20), "20 half-spaces"),
        (lambda: systems.DendriticGatedNetwork(2, task="ranking"), "'ranking'"),
        (lambda: systems.DendriticGatedNetwork(1).learn(np.ones((1, 1)), [2]), "0 and 1"),
        (lambda: hopfield.store(np.array([[1.0, 0.5]])), "-1 or 1"),
        (lambda: systems.BalancedNetwork(J_E=1.0), "balance needs"),
        (lambda: spike_discontinuity.discontinuity_effect([1, 2], [1, 2], 1.5, 0.1), "widen"),
        (lambda: systems.BoltzmannMachine(17), "17 units"),
        (lambda: systems.BoltzmannMachine(1).learn([0.5, 0.4]), "sum to 1"),
        (lambda: nonlinear_hebbian.whitened(np.ones((5, 2))), "do not fill"),
        (lambda: nonlinear_hebbian.learn_direction(np.ones((5, 2)), "quartic"), "'quartic'"),
        (lambda: index_folding.fold(3, a=0.1), "fold to one"),
        (lambda: index_folding.unfold(1, 2.0), "no index folds to it"),
        (lambda: systems.DelayedDopamineNetwork(3, decay=1), "decay = 1"),
        (lambda: systems.RateNetwork().run(0), "duration = 0"),
        (lambda: random_input.simulated_moments(4, 10, 3, 0.005, 0.001, 0), "duration = 0"),
    ],
)  # fmt: skip
def test_bad_values(call, message):
    with pytest.raises(ValueError, match=message):
        call()
