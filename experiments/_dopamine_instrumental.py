"""Instrumental conditioning of Izhikevich (2007): a network is rewarded for one of two responses.

Every 3 s the cells of group S get a pulse. The response is A if group A fires more spikes than B
in the 20 ms that follow, B if fewer. Dopamine follows within 1 s on the response that is rewarded:
first A, then B. The paper's constants of this experiment were not available; the network, dopamine
and rule are those of the author's program (`verification.dopamine_network`).
"""

from __future__ import annotations

import numpy as np
from brian2 import NeuronGroup, StateMonitor, Synapses, defaultclock, ms, second
from numpy.typing import NDArray

from experiments.common.running import run_whole
from experiments.verification.dopamine_network import REWARD, DopamineNetwork
from experiments.verification.dopamine_program import EXCITATORY

__all__ = ["CONDITIONS", "CONTROLS", "condition"]

CONDITIONS = ("reward", "reward less its mean", "reward by chance")
CONTROLS = CONDITIONS[2:]
MEMBERS, INTERVAL, WINDOW = 50, 3.0, 20
"""Cells of a group, seconds between pulses, milliseconds in which spikes count"""
PULSE, AVERAGED = 40, 10
"""What a pulse adds to the input, and trials over which the mean reward is taken"""


def condition(kind: str, n_trials: int, random_seed: int) -> dict[str, NDArray[np.float64]]:
    """`n_trials` in which A is rewarded, then as many in which B is.

    Args:
        kind: "reward": 1 for the right response, else 0; "reward less its mean": the same less its
            mean over about the last ten trials; "reward by chance": 1 after every second trial on
            average, whatever the response.

    Returns:
        `spikes` (2 n_trials, 2) of A and B in each trial.

    Raises:
        KeyboardInterrupt: if Ctrl-C ended it early.
    """
    usual_dt = defaultclock.dt
    defaultclock.dt = 1 * ms
    try:
        made = DopamineNetwork(random_seed)
        drawn = made.rng.permutation(EXCITATORY)[: 3 * MEMBERS].reshape(3, MEMBERS)
        steps = round(1000 * INTERVAL)
        task = NeuronGroup(
            1,
            "step : integer\na : 1\nb : 1\nrewards_a : 1\ndue : second\npaid : 1\nmean : 1",
            threshold="due > 0*second and t >= due",
            reset="due = 0*second",
            name="task",
        )
        right = "int(rewards_a*(a - b) > 0)"
        paid, mean = {
            "reward": (right, "0"),
            "reward less its mean": (right, "mean"),
            "reward by chance": ("int(rand() < 0.5)", "0"),
        }[kind]
        task.run_regularly(
            f"""
            step = timestep(t, dt) % {steps}
            now = int(step == {WINDOW + 2})
            paid = now*({paid} - {mean}) + (1 - now)*paid
            mean = mean + now*paid/{AVERAGED}
            due = due*(1 - now) + now*(t + rand()*second)
            a = a*int(step > 0)
            b = b*int(step > 0)
            """,
            when="start",
        )
        pulse = NeuronGroup(1, "", threshold=f"timestep(t, dt) % {steps} == 0",
                            reset="", name="pulse")  # fmt: skip
        show = Synapses(pulse, made.cells, on_pre=f"I_post += {PULSE}", name="show")
        show.connect(i=0, j=drawn[0])
        counts = []
        for name, members in zip("ab", drawn[1:], strict=True):
            counted = f"{name}_post += int(step_post > 0) * int(step_post < {WINDOW + 2})"
            count = Synapses(made.cells, task, on_pre=counted, name=f"count_{name}")
            count.connect(i=members, j=0)
            counts.append(count)
        give = Synapses(task, made.cells, on_pre=f"{REWARD}*paid_pre", name="give")
        give.connect()
        seen = StateMonitor(task, ["a", "b"], record=[0], dt=INTERVAL * second, when="start",
                            order=-1)  # fmt: skip
        made.network.add(task, pulse, show, *counts, give, seen)
        for sign in (1, -1):
            task.rewards_a = sign
            run_whole(made.network, n_trials * INTERVAL * second, namespace={})
    finally:
        defaultclock.dt = usual_dt
    last = [float(task.a[0]), float(task.b[0])]
    spikes = np.concatenate([np.array([seen.a[0], seen.b[0]]).T[1:], [last]])
    return {"spikes": spikes}
