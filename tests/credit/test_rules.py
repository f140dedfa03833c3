"""Gradients, terms, feedback pathways and constraints, each against its definition."""

import numpy as np
import pytest

from spikeplast import credit


def small_network(activation="tanh", loss="cross_entropy", **options):
    return credit.Network([5, 7, 6, 3], activation, loss, random_state=1, **options)


def batch(loss="cross_entropy", n=6):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 5))
    if loss == "squared_error":
        return x, rng.normal(size=(n, 3))
    return x, credit.one_hot(rng.integers(3, size=n), 3)


@pytest.mark.parametrize(
    "activation", ["tanh", "sigmoid", "softplus", "relu", "leaky_relu", "linear"]
)
@pytest.mark.parametrize("loss", ["squared_error", "cross_entropy"])
def test_backpropagation_is_the_gradient(activation, loss):
    network = small_network(activation, loss)
    x, target = batch(loss)
    before = [[a.copy() for a in arrays] for arrays in (network.weights, network.biases)]
    credit.Learner(network, credit.named_rule("backpropagation", 1.0)).step(x, target)
    changes = [
        [old - new for old, new in zip(olds, news, strict=True)]
        for olds, news in zip(before, (network.weights, network.biases), strict=True)
    ]
    network.weights, network.biases = before
    for arrays, gradients in zip(before, changes, strict=True):
        for array, gradient in zip(arrays, gradients, strict=True):
            assert np.abs(numerical_gradient(network, array, x, target) - gradient).max() < 1e-6


def numerical_gradient(network, array, x, target, step=1e-5):
    gradient = np.empty_like(array)
    for place in np.ndindex(array.shape):
        value = array[place]
        losses = []
        for array[place] in (value + step, value - step):
            losses.append(network.loss_value(x, target))
        array[place] = value
        gradient[place] = (losses[0] - losses[1]) / (2 * step)
    return gradient


def test_terms_are_those_of_the_paper():
    """Shervani-Tabar & Rosenbaum's equations 14 to 23, sample by sample, with column vectors."""
    rng = np.random.default_rng(2)
    W = rng.normal(size=(3, 4))
    pre, post, pre_error, post_error = (rng.normal(size=(5, n)) for n in (4, 3, 4, 3))
    ones = np.ones((3, 1))
    expected = {name: np.zeros_like(W) for name in credit.TERMS}
    for sample in zip(pre, post, pre_error, post_error, strict=True):
        x, y, d, e = (v[:, None] for v in sample)
        for name, value in {
            "F0": -e @ x.T,
            "F1": -y @ d.T,
            "F2": -e @ d.T,
            "F3": -W,
            "F4": -ones @ d.T,
            "F5": -e @ ones.T @ y @ x.T,
            "F6": -y @ y.T @ W @ d @ d.T,
            "F7": -e @ y.T @ W @ d @ x.T,
            "F8": -y @ x.T @ W.T @ e @ d.T,
            "F9": y @ x.T - y @ y.T @ W,
            "hebb": y @ x.T,
            "oja": y @ x.T - y**2 * W,
            "subspace": y @ x.T - y @ y.T @ W,
            "sanger": y @ x.T - np.tril(y @ y.T) @ W,
        }.items():
            expected[name] += value
    for k in range(4):
        expected["differential_hebbian"] += np.outer(post[k + 1] - post[k], pre[k + 1] - pre[k])
    local = credit.Local(W, pre, post, pre_error, post_error)
    for name, function in credit.TERMS.items():
        assert np.allclose(function(local), expected[name], rtol=1e-12, atol=1e-12), name


def test_a_users_term_and_the_sum_over_a_batch():
    x, target = batch()
    networks = [small_network(bias=False) for _ in range(2)]
    own = credit.Rule(
        credit.FixedRandom(),
        {"F0": 0.1, lambda s: s.post_error.T @ s.pre_error: 0.3},
        reduction="sum",
    )
    known = credit.Rule(credit.FixedRandom(), {"F0": 0.6, "F2": -1.8})
    for network, rule in zip(networks, (own, known), strict=True):
        credit.Learner(network, rule).step(np.tanh(x), target)
    for a, b in zip(networks[0].weights, networks[1].weights, strict=True):
        assert np.allclose(a, b)


def errors_of(feedback, loss="cross_entropy", activation="tanh"):
    network = small_network(activation, loss)
    x, target = batch(loss)
    feedback.start(network, np.random.default_rng(3))
    y = network.forward(x)
    return network, y, feedback.errors(network, y, y[-1] - target)


def test_pathways():
    feedback = credit.FixedRandom()
    _, y, e = errors_of(feedback)
    assert np.allclose(e[1], (e[2] @ feedback.matrices[1].T) * (1 - y[1] ** 2))
    feedback = credit.Direct()
    _, y, e = errors_of(feedback)
    assert np.allclose(e[1], (e[3] @ feedback.matrices[1].T) * (1 - y[1] ** 2))
    feedback = credit.Direct(positive=True)
    errors_of(feedback)
    assert min(matrix.min() for matrix in feedback.matrices) > 0
    for magnitude in ("constant", "random"):
        feedback = credit.SignSymmetric(magnitude)
        network, _, _ = errors_of(feedback)
        for layer in range(3):
            matrix = feedback.matrix(network, layer)
            assert np.array_equal(np.sign(matrix), np.sign(network.weights[layer].T))
    feedback = credit.Broadcast(0.1)
    _, y, e = errors_of(feedback, "squared_error", "relu")
    assert np.allclose(e[2], 0.1 * e[3].sum(axis=1, keepdims=True) * (y[2] > 0))
    assert (e[2] != 0).any()
    feedback = credit.Broadcast(0.1, excitatory=0.0)
    assert np.allclose(errors_of(feedback, "squared_error", "relu")[2][2], -e[2])
    _, _, e = errors_of(credit.OutputOnly())
    assert not np.any(e[1]) and not np.any(e[2]) and np.any(e[3])


def test_learned_feedback_goes_to_its_fixed_point():
    """Kunin et al. (2020): W^T for symmetric and activation alignment, S W^T for Hebb and decay."""
    rng = np.random.default_rng(4)
    W = rng.normal(size=(4, 5))
    x = rng.normal(size=(200, 5)) * np.array([0.3, 0.6, 1, 1.5, 2])
    covariance = x.T @ x / len(x)
    for primitives, expected in (
        ({"decay": 0.5, "self": 1.0}, W.T),
        ({"sparse": 0.5, "amp": 1.0}, W.T),
        ({"decay": 0.5, "amp": 1.0}, covariance @ W.T),
    ):
        B = rng.normal(size=(5, 4))
        for _ in range(4000):
            B += 0.05 * credit.feedback_change(primitives, B, W, x, x @ W.T)
        assert np.allclose(B, expected, atol=1e-6)
    # -grad of |B W x|^2 by differences
    B = rng.normal(size=(5, 4))
    y = x @ W.T

    def cost(matrix):
        return np.mean(np.sum((y @ matrix.T) ** 2, axis=1))

    change = credit.feedback_change({"null": 1.0}, B, W, x, y)
    step = np.zeros_like(B)
    step[1, 2] = 1e-5
    assert change[1, 2] == pytest.approx((cost(B - step) - cost(B + step)) / 2e-5, rel=1e-6)


def test_kolen_pollack_pulls_the_pathways_together():
    network = small_network()
    x, target = batch()
    learner = credit.Learner(network, credit.named_rule("kolen_pollack", 0.1, decay=0.01))

    def gap():
        return network.weights[1].T - learner.feedback.matrices[1]

    before = gap()
    for _ in range(50):
        learner.step(x, target)
    assert np.allclose(gap(), before * 0.99**50)


def test_weight_mirror_and_monitor():
    x, target = batch(n=60)
    network = small_network()
    # It measures weights times the noise's variance.
    W = [w.copy() for w in network.weights]
    still = credit.weight_mirror(0.01, noise=0.5, noise_samples=1000)
    still.start(network, np.random.default_rng(0))
    still.lowest = 1
    for _ in range(700):
        still.learn(network, [], [])
    assert np.allclose(still.matrices[1], 0.25 * W[1].T, rtol=0, atol=0.015)
    monitor = credit.Monitor(x, target, every=20)
    rule = credit.Rule(credit.weight_mirror(0.05, noise_samples=50), {"F0": 0.05})
    credit.Learner(network, rule).fit(x, target, epochs=50, monitor=monitor)
    assert monitor.steps == list(range(0, 201, 20))
    assert monitor.loss[-1] < monitor.loss[0] and monitor.accuracy[-1] > monitor.accuracy[0]
    assert np.all(monitor.weight_angles[0] > 45) and np.all(monitor.weight_angles[-1] < 20)
    assert np.all(monitor.error_angles[0] > 30) and np.all(monitor.error_angles[-1] < 20)
    exact = credit.Monitor(x, target)
    exact.record(network, credit.Transpose(), 0)
    assert np.allclose(exact.error_angles, 0, atol=1e-5)
    assert np.allclose(exact.weight_angles, 0, atol=1e-5)


def test_constraints():
    x, target = batch()
    network = small_network("relu")
    rule = credit.Rule(
        credit.SignSymmetric("random"), {"F0": 1.0}, [credit.DalesLaw(0.5, strength=0.8)]
    )
    learner = credit.Learner(network, rule)
    signs = [np.sign(w) for w in network.weights]
    assert np.all(signs[0] == 1)
    assert np.all(signs[2][:, :3] == -1) and np.all(signs[2][:, 3:] == 1)
    glorot = np.abs(small_network("relu").weights[2])
    assert np.allclose(np.abs(network.weights[2][:, :3]), 0.8 * glorot[:, :3])
    assert not hasattr(rule.constraints[0], "signs")
    before = [w.copy() for w in network.weights]
    for _ in range(30):
        learner.step(np.abs(x), target)
    for w, sign, old in zip(network.weights, signs, before, strict=True):
        assert np.array_equal(np.sign(w), sign)
        assert not np.allclose(w, old)
    assert min(np.abs(w).min() for w in network.weights) == 1e-10
    network = small_network()
    old = network.weights[0].copy()
    credit.WeightDecay(0.1).apply(network)
    assert np.allclose(network.weights[0], 0.9 * old)


def test_a_balanced_network_has_no_mean_input():
    x = np.abs(batch(n=50)[0])
    network = small_network("relu")
    credit.DalesLaw().start(network, np.random.default_rng(0))
    network.balance(x)
    y = network.forward(x)
    for layer in range(network.n_layers):
        assert np.abs(network.summed_input(layer, y[layer]).mean(axis=0)).max() < 1e-12


def test_learning_is_repeatable_and_leaves_the_rule_alone():
    x, target = batch(n=20)
    rule = credit.named_rule("weight_mirror")
    runs = []
    for _ in range(2):
        network = small_network()
        credit.Learner(network, rule, 5).fit(x, target, epochs=3)
        runs.append(network.weights[0])
    assert np.array_equal(*runs)
    assert not hasattr(rule.feedback, "matrices")


@pytest.mark.parametrize("name", ["feedback_alignment", "kolen_pollack", "sign_symmetry_random"])
def test_random_feedback_is_not_the_forward_weights_of_the_same_seed(name):
    network = credit.Network([30, 30, 30, 5], random_state=4)
    learner = credit.Learner(network, credit.named_rule(name), 4)
    for w, B in zip(network.weights, learner.feedback.matrices, strict=True):
        assert abs(np.corrcoef(w.ravel(), B.ravel())[0, 1]) < 0.3
        assert abs(np.corrcoef(w.T.ravel(), B.ravel())[0, 1]) < 0.3


def test_angles():
    assert credit.angle([1, 0], [0, 2]) == pytest.approx(90)
    assert credit.angles([[1, 0], [1, 1]], [[-1, 0], [1, 0]]) == pytest.approx([180, 45])
    assert np.isnan(credit.angle([0, 0], [1, 0]))
