"""Single cells and random networks: Hodgkin-Huxley, cable, chaos; and the folding of indices."""

from __future__ import annotations

import numpy as np
from brian2 import (
    Cylinder,
    Network,
    SpatialNeuron,
    SpikeMonitor,
    cm,
    defaultclock,
    meter,
    ms,
    nA,
    ohm,
    siemens,
    uF,
    um,
)

from experiments.common.running import run_whole
from experiments.credit.system import Curve, Measurement, System, above, below, near
from spikeplast.credit.systems import RateNetwork, index_folding
from spikeplast.neurons import HodgkinHuxley

__all__ = ["SYSTEMS"]

CURRENTS = (0.0, 5.0, 6.0, 6.5, 7.0, 10.0, 20.0)


def _hodgkin_huxley(seed: int, quick: bool) -> Measurement:
    """Steady rate for each current (uA/cm^2), from the intervals of the second half."""
    currents = (6.0, 10.0) if quick else CURRENTS
    duration = 150.0 if quick else 1000.0
    usual = defaultclock.dt
    defaultclock.dt = (0.02 if quick else 0.01) * ms
    try:
        cells = HodgkinHuxley(inputs=None).group(len(currents), method="rk4")
        # 1 uA/cm^2 on 20,000 um^2 is 0.2 nA.
        cells.I_ext = np.array(currents) * 0.2 * nA
        spikes = SpikeMonitor(cells)
        run_whole(Network(cells, spikes), duration * ms, namespace={})
    finally:
        defaultclock.dt = usual
    found = {}
    for cell, current in enumerate(currents):
        times = spikes.spike_trains()[cell] / ms
        late = times[times > duration / 2]
        rate = 1e3 / float(np.diff(late).mean()) if len(late) > 2 else 0.0
        found[f"rate at {current:g} uA/cm^2 (Hz)"] = rate
    return found


def _cable(seed: int, quick: bool) -> Measurement:
    """Steady attenuation of a passive cable, held by a current at one end."""
    diameter, R_i, g = 2 * um, 150 * ohm * cm, 1e-4 * siemens / cm**2
    usual = defaultclock.dt
    defaultclock.dt = 0.1 * ms
    try:
        cable = SpatialNeuron(
            Cylinder(n=400, length=8000 * um, diameter=diameter),
            "Im = -g*v : amp/meter**2\nI : amp (point current)",
            Cm=1 * uF / cm**2, Ri=R_i, method="exponential_euler",
            namespace={"g": g},
        )  # fmt: skip
        cable.I[0] = 0.02 * nA
        run_whole(Network(cable), 200 * ms, namespace={"g": g})
    finally:
        defaultclock.dt = usual
    x, v = np.asarray(cable.distance / meter), np.asarray(cable.v)
    # 14 length constants, so that the far end is at rest; the fit stays clear of both ends.
    inside = slice(20, 150)
    slope = np.polyfit(x[inside], np.log(v[inside]), 1)[0]
    expected = float(np.sqrt(diameter / (4 * R_i * g)) / meter)
    return {"length constant over sqrt(d R_m/(4 R_i))": float(-1 / slope / expected)}


def _rate_network(seed: int, quick: bool) -> Measurement:
    found = {}
    for gain in (0.5, 0.9, 1.5, 2.0):
        network = RateNetwork(200 if quick else 400, gain, random_state=seed)
        V = network.run(100 if quick else 200)
        h = V[-200:] @ network.weights.T
        found[f"root mean square of W V, g = {gain:g}"] = float(np.sqrt(np.mean(h**2)))
    return found


def _index_folding(seed: int, quick: bool) -> Measurement:
    index = np.concatenate([[0, 5, 100, 777], np.arange(2000)]).astype(float)
    back = index_folding.unfold(*index_folding.fold(index))
    return {"largest error of the round trip": float(np.abs(back - index).max())}


SYSTEMS = (
    System(
        "rate_network", "Rate equation: onset of chaos", "Sompolinsky, Crisanti & Sommers 1988",
        "400 tanh units, weights of standard deviation g/sqrt(N), 200 time constants",
        _rate_network,
        (below("root mean square of W V, g = 0.5", 1e-3, "0", statistic="largest", control=True),
         below("root mean square of W V, g = 0.9", 0.01, "0", statistic="largest", control=True),
         near("root mean square of W V, g = 1.5", 0.84, 0.1, "0.84"),
         near("root mean square of W V, g = 2", 1.40, 0.1, "1.40")),
        curves=(Curve("400 units", "root mean square of W V, g = {x:g}", (0.5, 0.9, 1.5, 2.0)),),
        axes=("g", "root mean square of W V"),
        quick_criteria=(
            below("root mean square of W V, g = 0.5", 1e-3),
            above("root mean square of W V, g = 2", 0.8),
        ),
    ),
    System(
        "hodgkin_huxley", "Hodgkin-Huxley neuron", "Hodgkin & Huxley 1952",
        "constant current, Runge-Kutta steps of 0.01 ms", _hodgkin_huxley,
        (near("rate at 0 uA/cm^2 (Hz)", 0, 0, "0", control=True),
         near("rate at 5 uA/cm^2 (Hz)", 0, 0, "transient only", control=True),
         near("rate at 6 uA/cm^2 (Hz)", 0, 0, "transient only", control=True),
         near("rate at 6.5 uA/cm^2 (Hz)", 55.6, 1, "55.6 Hz"),
         near("rate at 7 uA/cm^2 (Hz)", 58.7, 1, "58.7 Hz"),
         near("rate at 10 uA/cm^2 (Hz)", 68.7, 1, "68.7 Hz"),
         near("rate at 20 uA/cm^2 (Hz)", 86.9, 1, "86.9 Hz")),
        seeds=1,
        curves=(Curve("rate", "rate at {x:g} uA/cm^2 (Hz)", CURRENTS),),
        axes=("current (uA/cm^2)", "rate (Hz)"),
        quick_criteria=(near("rate at 6 uA/cm^2 (Hz)", 0, 0),
                        near("rate at 10 uA/cm^2 (Hz)", 68.7, 2)),
    ),
    System(
        "cable", "Passive cable", "cable theory",
        "8 mm of 2 um diameter, 400 compartments, steady state", _cable,
        (near("length constant over sqrt(d R_m/(4 R_i))", 1, 0.01, "exp(-x/lambda)"),),
        seeds=1, quick_seeds=0, quick_criteria=(),
    ),
    System(
        "index_folding", "Folding of indices", "from the project's notes",
        "k = 13.165, a = 1, b = 0.5, 2,004 indices", _index_folding,
        (below("largest error of the round trip", 1e-9, "exact"),),
        seeds=1,
    ),
)  # fmt: skip
