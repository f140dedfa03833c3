"""The network of Izhikevich 2007 as Brian 2 objects, with its two experiments' rewards."""

from math import log
from typing import Any

import numpy as np
from brian2 import (
    Network,
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    defaultclock,
    ms,
    second,
    seed,
)

from experiments.verification.dopamine_program import CELLS, EXCITATORY, TARGETS, W_MAX, outcome
from spikeplast.plasticity import DopamineSTDP

#: Of one reward: 0.5 in the author's code, whose weights change in steps of 10 ms.
REWARD = "dopamine_post += 50/second"
GROUPS, MEMBERS, UNDER_WAY = 100, 50, 16
_STEP = """
v += 0.5*((0.04*v + 5)*v + 140 - u + I)
v += 0.5*((0.04*v + 5)*v + 140 - u + I)
u += a*(0.2*v - u)
I = 13*(rand() - 0.5)
"""


class DopamineNetwork:
    """800 excitatory and 200 inhibitory cells in steps of 1 ms, with plastic excitation.

    Set `defaultclock.dt` to 1 ms before. As in the author's code: 100 targets for each cell, of
    all cells (excitatory) or of the excitatory ones, drawn with replacement; excitatory weights
    start at 1 mV; spikes arrive in the step in which they are noticed and act in the next one.
    """

    def __init__(self, number: int) -> None:
        seed(number)
        rng = np.random.default_rng(number)
        rule = author_rule()
        self.cells = NeuronGroup(
            CELLS,
            "v : 1\nu : 1\nI : 1\na : 1\nd : 1\n" + rule.target_equations,
            threshold="v >= 30",
            reset="v = -65; u += d",
            name="cells",
        )
        self.cells.v, self.cells.u = -65, -13
        self.cells.a = "0.02 + 0.08*int(i >= 800)"
        self.cells.d = "8 - 6*int(i >= 800)"
        self.cells.run_regularly(_STEP, when="groups")
        pre, post = _wiring(rng, range(EXCITATORY), CELLS)
        self.plastic = rule.synapses(
            self.cells, self.cells, acts_on="I", w_max=W_MAX, name="plastic"
        )
        self.plastic.connect(i=pre, j=post)
        self.plastic.w = 1
        self.inhibition = Synapses(self.cells, self.cells, on_pre="I_post -= 1", name="inhibition")
        pre, post = _wiring(rng, range(EXCITATORY, CELLS), EXCITATORY)
        self.inhibition.connect(i=pre, j=post)
        self.network = Network(self.cells, self.plastic, self.inhibition)
        self.rng = rng


def author_rule() -> DopamineSTDP:
    """With the factors by which the author's program lets everything decay."""
    tau = -1 * ms / log(0.95)
    return DopamineSTDP(
        # The author's trace begins to decay one step later than this one.
        A_plus=0.1 / 0.95,
        tau_plus=tau,
        tau_minus=tau,
        tau_c=-10 * ms / log(0.99),
        tau_d=-1 * ms / log(0.995),
    )


def _wiring(rng: np.random.Generator, sources: Any, targets: int) -> tuple[Any, Any]:
    # A target may be drawn twice, or be the cell itself, as there.
    pre = np.repeat(np.array(sources), TARGETS)
    return pre, rng.integers(targets, size=len(pre))


def reinforcement(number: int, duration: float) -> dict[str, Any]:
    """Experiment 1: one synapse is rewarded 1 to 3 s after its cells fire within 20 ms.

    Every spike of the second cell within less than 20 ms of the last one of the first is rewarded,
    also while another reward is under way (up to `UNDER_WAY`).
    """
    usual_dt = defaultclock.dt
    defaultclock.dt = 1 * ms
    try:
        made = DopamineNetwork(number)
        tagged = 0
        made.plastic.w[tagged] = 0
        first, second_cell = int(made.plastic.i[tagged]), int(made.plastic.j[tagged])
        reward = NeuronGroup(
            UNDER_WAY,
            "fired : second\ndue : second\npairings : 1",
            threshold="due > 0*second and t >= due",
            reset="due = 0*second",
            name="reward",
        )
        reward.fired = -1 * second
        see_first = Synapses(made.cells, reward, on_pre="fired_post = t", name="see_first")
        see_first.connect(i=first, j=range(UNDER_WAY))
        see_second = Synapses(
            made.cells,
            reward,
            on_pre=f"""
            lag = timestep(t - fired_post, dt)
            paired = int(lag < 20) * int(lag > 0)
            pairings_post += paired
            mine = paired * int(pairings_post % {UNDER_WAY} == j)
            due_post = due_post*(1 - mine) + mine*(t + 1*second + rand()*2*second)
            """,
            name="see_second",
        )
        see_second.connect(i=second_cell, j=range(UNDER_WAY))
        give = Synapses(reward, made.cells, on_pre=REWARD, name="give")
        give.connect()
        watch = StateMonitor(made.plastic, "w", record=[tagged], dt=1 * second)
        spikes = SpikeMonitor(made.cells, record=False)
        made.network.add(reward, see_first, see_second, give, watch, spikes)
        made.network.run(duration * second, namespace={})
    finally:
        defaultclock.dt = usual_dt
    return {
        **outcome(number, np.array(watch.w[0]), np.array(made.plastic.w[:])),
        "pairings": float(reward.pairings[0]),
        "rate": float(np.sum(spikes.count[:EXCITATORY]) / EXCITATORY / duration),
    }


def conditioning(number: int, duration: float) -> dict[str, Any]:
    """Experiment 2: of 100 random groups of 50 cells, shown in turn, the first is rewarded."""
    usual_dt = defaultclock.dt
    defaultclock.dt = 1 * ms
    try:
        made = DopamineNetwork(number)
        show = NeuronGroup(
            1,
            "next : second\nshown : 1",
            threshold="t >= next",
            reset="next = t + 100*ms + rand()*200*ms",
            name="show",
        )
        show.run_regularly("shown = floor(rand()*100)", when="start")
        groups = NeuronGroup(GROUPS, "now : 1", threshold="now > 0.5", reset="now = 0",
                             name="groups")  # fmt: skip
        choose = Synapses(show, groups, on_pre="now_post = int(abs(shown_pre - j) < 0.5)",
                          name="choose")  # fmt: skip
        choose.connect()
        members = np.array([made.rng.choice(CELLS, MEMBERS, replace=False) for _ in range(GROUPS)])
        pulse = Synapses(groups, made.cells, on_pre="I_post += 40", name="pulse")
        pulse.connect(i=np.repeat(np.arange(GROUPS), MEMBERS), j=members.ravel())
        reward = NeuronGroup(1, "due : second", threshold="due > 0*second and t >= due",
                             reset="due = 0*second", name="reward")  # fmt: skip
        order = Synapses(groups, reward, on_pre="due_post = t + rand()*1*second", name="order")
        order.connect(i=0, j=0)
        give = Synapses(reward, made.cells, on_pre=REWARD, name="give")
        give.connect()
        spikes, shows = SpikeMonitor(made.cells), SpikeMonitor(groups)
        made.network.add(show, groups, choose, pulse, reward, order, give, spikes, shows)
        part = duration / 6
        made.network.run(part * second, namespace={})
        first = responses(spikes, shows, 0)
        made.network.run((duration - 2 * part) * second, namespace={})
        made.network.run(part * second, namespace={})
        last = responses(spikes, shows, duration - part)
    finally:
        defaultclock.dt = usual_dt
    return {"seed": number, "first": first, "last": last, "ratio": last[0] / last[1]}


def responses(spikes: SpikeMonitor, shows: SpikeMonitor, after: float) -> tuple[float, float]:
    """Spikes of the network within 20 ms of the onset: of the first group, and of the others."""
    times = np.sort(np.array(spikes.t / second))
    onsets, shown = np.array(shows.t / second), np.array(shows.i)
    kept = onsets >= after
    onsets, shown = onsets[kept], shown[kept]
    ends = np.searchsorted(times, onsets + 0.0205)
    counts = ends - np.searchsorted(times, onsets - 0.0005)
    return float(counts[shown == 0].mean()), float(counts[shown != 0].mean())
