"""Few-shot episodes, the inner loop against the general learner, and both meta-optimisers."""

import numpy as np
import pytest

from spikeplast import credit
from spikeplast.credit import meta

SIZES = [6, 12, 8, 4]


def clusters(n=30):
    """Four classes in six dimensions, far from each other."""
    rng = np.random.default_rng(0)
    centres = 2 * np.eye(6)[:4]
    labels = np.repeat(np.arange(4), n)
    return np.abs(centres[labels] + 0.3 * rng.normal(size=(4 * n, 6))), labels


def sampler():
    return meta.episode_sampler(*clusters(), n_classes=3, n_train=15, n_query=5)


def test_episodes_have_the_classes_and_samples_asked_for():
    x, labels = clusters()
    episode = sampler()(np.random.default_rng(1))
    assert episode.x.shape == (45, 6) and episode.query.shape == (15, 6)
    assert sorted(episode.target.sum(axis=0)) == [0, 15, 15, 15]
    assert np.array_equal(episode.target.sum(axis=0) / 3, episode.query_target.sum(axis=0))
    known = {tuple(row) for row in x}
    rows = [tuple(row) for row in np.concatenate([episode.x, episode.query])]
    assert set(rows) <= known and len(set(rows)) == 60
    again = meta.episode_sampler(x, labels, n_classes=3, n_train=15, n_query=5, relabel=True)
    assert again(np.random.default_rng(1)).target.sum(axis=0).tolist() == [15, 15, 15]
    twice = meta.episode_sampler(x, labels, n_classes=3, n_train=15, n_query=5, n_passes=2)
    many = twice(np.random.default_rng(1))
    assert np.array_equal(many.x[:45], episode.x) and not np.array_equal(many.x[45:], episode.x)
    assert {tuple(row) for row in many.x[45:]} == {tuple(row) for row in episode.x}
    assert np.array_equal(many.query, episode.query)
    with pytest.raises(ValueError, match=r"4 classes have 30 \+ 0"):
        meta.episode_sampler(x, labels, n_classes=4, n_train=30, n_query=0)
    with pytest.raises(ValueError, match=r"0 classes have 30 \+ 5 samples"):
        meta.episode_sampler(x, labels, n_classes=3, n_train=30, n_query=5)


THETA = 1e-3 * np.array([30, 3, -20, 1, 2, 1, 2, 1, 2, 10])


@pytest.mark.parametrize("backpropagation", [False, True])
def test_the_inner_loop_is_the_general_learner(backpropagation):
    rng = np.random.default_rng(2)
    episode = sampler()(rng)
    weights, matrices = meta.start_weights(SIZES, rng)
    before = weights[0].copy()
    outcome = meta.learn_episode(
        THETA, episode, weights, matrices, backpropagation=backpropagation, with_angles=True
    )
    assert np.array_equal(weights[0], before)
    network = credit.Network(SIZES, "softplus", bias=False)
    network.weights = [w.copy() for w in weights]
    feedback = credit.Transpose() if backpropagation else credit.FixedRandom()
    terms = {f"F{k}": value for k, value in enumerate(THETA)}
    learner = credit.Learner(network, credit.Rule(feedback, terms))
    learner.feedback.matrices = matrices
    for x, target in zip(episode.x, episode.target, strict=True):
        learner.step(x[None], target[None])
    expected = network.loss_value(episode.query, episode.query_target)
    assert outcome.loss == pytest.approx(expected, rel=1e-9)
    output = network.output(episode.query)
    right = output.argmax(axis=1) == episode.query_target.argmax(axis=1)
    assert outcome.accuracy == right.mean()
    if backpropagation:
        assert np.allclose(outcome.angles, 0, atol=1e-5)
    else:
        assert np.all((outcome.angles > 1) & (outcome.angles < 120))


def test_an_episode_that_diverges_counts_as_the_worst():
    rng = np.random.default_rng(2)
    episode = sampler()(rng)
    outcome = meta.learn_episode(1e4 * THETA, episode, *meta.start_weights(SIZES, rng))
    assert outcome.loss == 20 and outcome.accuracy == 0


def test_evolution_finds_a_rule():
    result = meta.evolve_rule(sampler(), SIZES, generations=20, candidates=8)
    assert result.history.shape == (20, 10)
    assert result.accuracy[:2].mean() < 0.5 < 0.65 < result.accuracy[-10:].mean()
    some = meta.evolve_rule(sampler(), SIZES, generations=2, candidates=4, active=np.arange(10) < 1)
    assert some.coefficients[0] != 1e-3 and not np.any(some.coefficients[1:])


def test_evolution_of_backpropagation_needs_no_other_term():
    options = {"generations": 15, "candidates": 8, "active": np.arange(10) < 1}
    exact = meta.evolve_rule(sampler(), SIZES, backpropagation=True, **options)
    random = meta.evolve_rule(sampler(), SIZES, **options)
    assert exact.accuracy[-5:].mean() > 0.95 > random.accuracy[-5:].mean()


def test_descent_by_jax_sees_the_same_loss_and_its_gradient():
    jax = pytest.importorskip("jax")
    from spikeplast.credit.meta.gradient import query_loss

    jax.config.update("jax_enable_x64", True)
    try:
        rng = np.random.default_rng(3)
        episode = sampler()(rng)
        weights, feedback = meta.start_weights(SIZES, rng)
        arrays = (episode.x, episode.target, episode.query, episode.query_target)

        def loss(theta):
            return meta.learn_episode(theta, episode, weights, feedback).loss

        (found, _), gradient = jax.value_and_grad(query_loss, has_aux=True)(
            THETA, arrays, tuple(weights), tuple(feedback)
        )
        assert float(found) == pytest.approx(loss(THETA), rel=1e-9)
        for k in range(10):
            step = 1e-6 * np.eye(10)[k]
            slope = (loss(THETA + step) - loss(THETA - step)) / 2e-6
            assert float(gradient[k]) == pytest.approx(slope, rel=1e-4, abs=1e-6)
    finally:
        jax.config.update("jax_enable_x64", False)


@pytest.mark.slow
def test_descent_by_jax_finds_a_rule():
    pytest.importorskip("jax")
    result = meta.descend_rule(sampler(), SIZES, episodes=100)
    assert result.accuracy[:10].mean() < 0.5 < 0.65 < result.accuracy[-20:].mean()
    assert not np.array_equal(result.history[0], result.coefficients)


def start():
    return meta.start_weights(SIZES, np.random.default_rng(0))


def negative():
    x, target = -np.ones((2, 6)), np.eye(4)[:2]
    return meta.Episode(x, target, x, target)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: meta.evolve_rule(sampler(), SIZES, penalty=-1), "penalty = -1"),
        (lambda: meta.evolve_rule(sampler(), SIZES, candidates=5), "candidates = 5"),
        (lambda: meta.evolve_rule(sampler(), SIZES, active=[True]), "10 booleans"),
        (lambda: meta.evolve_rule(sampler(), SIZES, start=[1.0]), "10 finite numbers"),
        (lambda: meta.learn_episode(THETA, negative(), *start()), "shift the inputs"),
        (lambda: meta.evolve_rule(sampler(), [5, 4], generations=1), "does not fit"),
    ],
)
def test_bad_values(call, message):
    with pytest.raises(ValueError, match=message):
        call()
