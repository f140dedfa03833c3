"""What is wrong with the input is said early, with its name and what to do."""

import numpy as np
import pytest

from spikeplast import credit


def learner(loss="cross_entropy", **rule):
    network = credit.Network([4, 5, 3], "tanh", loss)
    return credit.Learner(network, credit.Rule(**({"feedback": credit.Transpose(),
                                                   "terms": {"F0": 0.1}} | rule)))  # fmt: skip


X, TARGET = np.ones((2, 4)), credit.one_hot(np.array([0, 2]), 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: learner().step(np.ones((2, 5)), TARGET), r"\(2, 5\) .* \(n, 4\)"),
        (lambda: learner().step(X, TARGET[:, :2]), r"target of shape \(2, 2\)"),
        (lambda: learner().step(X[:0], TARGET[:0]), "batch is empty"),
        (lambda: learner().step(X * np.nan, TARGET), "input has values that are not finite"),
        (lambda: learner().step(X, np.full((2, 3), np.inf)), "target has values"),
        (lambda: learner().fit(X, TARGET, batch_size=0), "batch_size = 0"),
        (lambda: learner().fit(X, TARGET, epochs=0), "epochs = 0"),
        (lambda: learner().fit(X, TARGET, epochs=2.0), r"epochs = 2\.0 must be an integer"),
        (lambda: learner().fit(X, TARGET, batch_size="16"), "batch_size = '16' must be an integer"),
        (lambda: learner().step(X, 2 * TARGET - 1), "must be probabilities"),
        (lambda: credit.named_rule("backpropagation", decay=0.1), "has no option 'decay'"),
        (lambda: learner().fit(X[:0], TARGET[:0]), "no samples"),
        (lambda: learner(terms={"F2": -1.0}).step(2 * X, TARGET), "scale the inputs"),
        (lambda: learner(terms={"differential_hebbian": 1.0}).fit(X, TARGET), "order of time"),
        (lambda: credit.Monitor(X * np.nan, TARGET), "monitor's samples or targets are not finite"),
        (lambda: learner(terms={"F10": 1.0}), "'F10' is unknown; choose from F0"),
        (lambda: learner(terms={}), "terms is empty"),
        (lambda: learner(terms={"F0": np.nan}), "coefficient nan"),
        (lambda: learner(terms={"F0": "0.1"}), "coefficient '0.1'"),
        (lambda: learner(reduction="median"), "'mean' or 'sum'"),
        (lambda: learner(feedback=credit.Broadcast()), "errors sum to 0"),
        (lambda: learner(feedback=credit.KolenPollack(1e-3)), r"WeightDecay\(0.001\)"),
        (lambda: credit.one_hot(np.array([0, 3]), 3), "label 3 is out of range"),
        (lambda: credit.one_hot(np.array([0.5]), 3), "list of integers"),
        (lambda: credit.Network([4]), r"\[4\] must be two or more"),
        (lambda: credit.Network([4, 0, 2]), "above 0"),
        (lambda: credit.Network([4, 1]), "softmax over one output"),
        (lambda: credit.Network([4, 2], "cosine"), "'cosine' is unknown"),
        (lambda: credit.Network([4, 2], loss="hinge"), "'hinge' is unknown"),
        (lambda: credit.Network([4, 2], bias=False).balance(X), "no biases"),
        (lambda: credit.Network([4, 2]).balance(X[:0]), "no samples"),
        (lambda: credit.FixedRandom(scale=0), "scale = 0"),
        (lambda: credit.SignSymmetric("big"), "'constant' or 'random'"),
        (lambda: credit.Broadcast(excitatory=1.5), "excitatory = 1.5"),
        (lambda: credit.LearnedFeedback({"ampl": 1}), "'ampl' is unknown"),
        (lambda: credit.LearnedFeedback({}), "no primitives"),
        (lambda: credit.WeightDecay(1), "rate = 1"),
        (lambda: credit.DalesLaw(inhibitory=-1), "inhibitory = -1"),
        (lambda: credit.named_rule("backprop"), "'backprop' is unknown; choose from backprop"),
        (lambda: credit.named_rule("backpropagation", 0), "rate = 0"),
        (lambda: credit.Monitor(X, TARGET, every=0), "every = 0"),
        (lambda: credit.angles([1, 2], [1, 2, 3]), "shapes"),
    ],
)  # fmt: skip
def test_values(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_kinds():
    with pytest.raises(TypeError, match=r"is no pathway; .* credit.Transpose\(\)"):
        learner(feedback="backpropagation")
    with pytest.raises(TypeError, match="is no constraint"):
        learner(constraints=[0.1])
    with pytest.raises(TypeError, match="must be a list"):
        learner(constraints=credit.WeightDecay(0.1))
    with pytest.raises(TypeError, match="a coefficient for each term"):
        learner(terms=["F0"])
    with pytest.raises(TypeError, match=r"credit\.named_rule"):
        credit.Learner(credit.Network([4, 2]), "backpropagation")


@pytest.mark.filterwarnings("error")
def test_diverging_feedback_is_named():
    run = learner(feedback=credit.symmetric_alignment(rate=10))
    with pytest.raises(credit.Diverged, match="smaller rates of the feedback"):
        run.fit(X, TARGET, epochs=1000)


@pytest.mark.filterwarnings("error")
def test_a_diverging_run_names_step_and_layer():
    run = learner("squared_error", terms={"F0": 1e3})
    with pytest.raises(credit.Diverged, match=r"at step \d+ the weights into layer \d of 2"):
        run.fit(X, TARGET, epochs=1000)
