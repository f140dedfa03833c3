"""Values of a chain of states, which spiking cells learn from a temporal-difference error.

A chain of n states is walked through again and again, its end is rewarded: the value of state s,
the reward to come discounted by gamma for each step, is gamma^(n-2-s). Poisson cells of each state
drive critics (conductance-based cells) through TD-STDP, whose error is formed once in each state.
"""

from __future__ import annotations

import numpy as np
from brian2 import (
    Clock,
    Hz,
    Network,
    NeuronGroup,
    StateMonitor,
    Synapses,
    TimedArray,
    linked_var,
    ms,
    second,
)
from brian2 import seed as set_seed
from numpy.typing import NDArray

from experiments.common.running import run_whole
from models.konishi_2023 import cell
from spikeplast.plasticity import TDSTDP

__all__ = ["CONDITIONS", "EXPECTED", "GAMMA", "N_STATES", "learn_chain"]

N_STATES = 7
"""The last one is the rewarded end, whose own value is 0"""
PAUSE = 3
"""Steps without a state between two walks. The beginning of a walk is a surprise, which the states
of the walk before would get their share of while their synapses are still eligible."""
STEP = 400 * ms
#: A state begins 60 ms before the error is formed, and the critics' spikes count from 20 ms on:
#: few of its synapses are eligible then, and the spikes that the state before has left are gone.
PART, PARTS, BEGIN, COUNT = 20 * ms, 20, 17, 18
RULE = TDSTDP(eta=1e-4, tau_h=100 * ms, every=STEP, tau_r=4 * second, tau_c=0.3 * second)
GAMMA = float(1 - STEP / RULE.tau_r)
EXPECTED = GAMMA ** (N_STATES - 2 - np.arange(N_STATES - 1))
CELLS, CRITICS, RATE = 20, 50, 800 * Hz
#: Spikes/s of a critic that mean a value of 1.
UNIT = 60.0
CONDITIONS = ("TD error", "reward alone", "random order")


def learn_chain(
    kind: str, n_walks: int, n_test: int, random_seed: int
) -> dict[str, NDArray[np.float64]]:
    """Walk `n_walks` times with plasticity and `n_test` times without.

    Args:
        kind: "TD error"; "reward alone": the error is the reward less nothing; "random order":
            the states before the end follow one another in another order in each walk.

    Returns:
        `values` (n_walks, n_states - 1), as the critics' rates are in each walk, and `tested`
        (n_test, n_states - 1).

    Raises:
        KeyboardInterrupt: if Ctrl-C ended it early.
    """
    set_seed(random_seed)
    rng = np.random.default_rng([random_seed, 2])
    order = np.tile(np.arange(N_STATES - 1), (n_walks + n_test, 1))
    if kind == "random order":
        order = rng.permuted(order, axis=1)
    # A pause, the states, and the end, which has no cells.
    sequence = np.pad(order, [(0, 0), (PAUSE, 1)], constant_values=-1)
    made = _Chain(sequence, rng, criticised=kind != "reward alone")
    length = sequence.shape[1]
    found = []
    for n, learning in ((n_walks, True), (n_test, False)):
        made.synapses.learning_rate = float(learning)
        run_whole(made.network, n * length * STEP, namespace={})
        walks = np.array(made.values.value[0]).reshape(-1, length)[-n:, PAUSE:-1]
        at = np.argsort(order[sum(map(len, found)) :][:n], axis=1)
        found.append(np.take_along_axis(walks, at, axis=1))
    return {"values": found[0], "tested": found[1]}


class _Chain:
    def __init__(
        self, sequence: NDArray[np.int64], rng: np.random.Generator, *, criticised: bool
    ) -> None:
        shown = sequence.ravel().astype(float)
        ends = np.zeros(sequence.shape)
        ends[:, -1] = 1
        clock, parts = Clock(1 * ms, name="step_clock*"), Clock(PART, name="part_clock*")
        states = NeuronGroup(
            CELLS * (N_STATES - 1),
            "rates : Hz",
            threshold="rand() < rates*dt",
            clock=clock,
            namespace={"shown": TimedArray(shown, dt=1 * ms), "rate": RATE},
            name="states*",
        )
        states.run_regularly(
            f"""
            part = timestep(t, {float(PART)}*second)
            number = (part + {PARTS - BEGIN}) // {PARTS}
            rates = rate * int(abs(shown((number + 0.5)*ms) - i // {CELLS}) < 0.5)
            """,
            clock=parts, when="start", order=-1,
        )  # fmt: skip
        reader = NeuronGroup(1, "count : 1\nvalue : 1", clock=clock, namespace={}, name="reader*")
        counted = CRITICS * UNIT * float(PART / second) * (PARTS - COUNT)
        reader.run_regularly(
            f"""
            part = timestep(t, {float(PART)}*second) % {PARTS}
            value = value + int(part == 0)*(count/{counted} - value)
            count = count*int(part != {COUNT})
            """,
            clock=parts, when="start", order=-3,
        )  # fmt: skip
        value = "value : 1 (linked)" if criticised else "value : 1"
        critics = cell().group(
            CRITICS,
            extra_equations=f"{value}\n{RULE.target_equations}",
            clock=clock,
            namespace={"ends": TimedArray(ends.ravel(), dt=1 * ms)},
            name="critics*",
        )
        if criticised:
            critics.value = linked_var(reader, "value")
        critics.run_regularly(
            f"""
            number = timestep(t, {float(STEP)}*second)
            reward_rate = ends((number + 0.5)*ms)/({float(STEP)}*second)
            """,
            dt=STEP, when="start", order=-2,
        )  # fmt: skip
        self.synapses = RULE.synapses(
            states, critics, acts_on="g_e", gain=0.02, w_max=4, clock=clock
        )
        source, target = np.nonzero(rng.random((CELLS * (N_STATES - 1), CRITICS)) < 0.3)
        self.synapses.connect(i=source, j=target)
        self.synapses.w = 1
        # Noise of their own, too little to fire by: critics that fire all at once count coarsely.
        noise = NeuronGroup(
            CRITICS, "", threshold="rand() < 400*Hz*dt", reset="", clock=clock, name="noise*"
        )
        alone = Synapses(noise, critics, on_pre="g_e_post += 0.07", clock=clock)
        alone.connect(j="i")
        count = Synapses(critics, reader, on_pre="count_post += 1", clock=clock)
        count.connect()
        self.values = StateMonitor(reader, "value", record=[0], dt=STEP, when="end")
        self.network = Network(
            states, critics, reader, noise, alone, self.synapses, count, self.values
        )
