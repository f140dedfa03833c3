"""Small networks of different kinds, to be run on several devices and compared.

Each function builds a network and returns it with what is to be compared: a function from
nothing to a dict of arrays.  All random numbers come from Brian 2 itself, so that a seed
gives the same network on each device that shares Brian 2's stream.
"""

from collections.abc import Callable

import numpy as np
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    PoissonInput,
    PopulationRateMonitor,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    TimedArray,
    ms,
    mV,
    second,
    volt,
)

Observe = Callable[[], dict[str, np.ndarray]]


def _spikes(monitor: SpikeMonitor) -> dict[str, np.ndarray]:
    return {f"{monitor.name}.i": monitor.i[:], f"{monitor.name}.t": np.asarray(monitor.t / second)}


def conductance() -> tuple[Network, Observe]:
    """Excitatory and inhibitory conductance-based cells, refractory, no delays."""
    namespace = {"tau": 20 * ms, "E_e": 0 * mV, "E_i": -80 * mV, "rest": -60 * mV}
    cells = NeuronGroup(
        120,
        """
        dv/dt = (rest - v + g_e*(E_e - v) + g_i*(E_i - v) + 12*mV)/tau : volt (unless refractory)
        dg_e/dt = -g_e/(5*ms) : 1
        dg_i/dt = -g_i/(10*ms) : 1
        """,
        threshold="v > -50*mV",
        reset="v = -60*mV",
        refractory=5 * ms,
        method="euler",
        namespace=namespace,
        name="cells",
    )
    cells.v = "-60*mV + rand()*10*mV"
    excite = Synapses(cells[:90], cells, on_pre="g_e_post += 0.06", name="excite")
    excite.connect(p=0.1)
    inhibit = Synapses(cells[90:], cells, on_pre="g_i_post += 0.6", name="inhibit")
    inhibit.connect(p=0.1)
    spikes = SpikeMonitor(cells, name="spikes")
    rates = PopulationRateMonitor(cells[20:70], name="rates")
    state = StateMonitor(cells, ["v", "g_e"], record=[3, 7], name="state")
    network = Network(cells, excite, inhibit, spikes, rates, state)

    def observe() -> dict[str, np.ndarray]:
        return {
            **_spikes(spikes),
            "v": np.asarray(cells.v / volt),
            "rate": np.asarray(rates.rate / Hz),
            "recorded": np.asarray(state.v / volt),
            "times": np.asarray(state.t / second),
            "count": spikes.count[:],
        }

    return network, observe


def pair_stdp() -> tuple[Network, Observe]:
    """Poisson input with event-driven pair STDP, as in Brian 2's documentation."""
    inputs = PoissonGroup(60, rates="10*Hz + i*Hz", name="inputs")
    cells = NeuronGroup(
        10,
        "dv/dt = (g*(0*mV - v) - 70*mV - v)/(10*ms) : volt\ndg/dt = -g/(5*ms) : 1",
        threshold="v > -54*mV",
        reset="v = -60*mV",
        method="euler",
        name="cells",
    )
    cells.v = -70 * mV
    plastic = Synapses(
        inputs,
        cells,
        """
        w : 1
        dapre/dt = -apre/(20*ms) : 1 (event-driven)
        dapost/dt = -apost/(20*ms) : 1 (event-driven)
        """,
        on_pre="g_post += w\napre += 0.01\nw = clip(w + apost, 0, 0.3)",
        on_post="apost -= 0.0105\nw = clip(w + apre, 0, 0.3)",
        name="plastic",
    )
    plastic.connect(p=0.8)
    plastic.w = "rand()*0.3"
    spikes = SpikeMonitor(cells, name="spikes")
    network = Network(inputs, cells, plastic, spikes)

    def observe() -> dict[str, np.ndarray]:
        return {**_spikes(spikes), "w": plastic.w[:], "v": np.asarray(cells.v / volt)}

    return network, observe


def delays() -> tuple[Network, Observe]:
    """One delay for all, a delay for each synapse, two pathways of one Synapses object."""
    source = NeuronGroup(40, "dv/dt = (1.3 - v)/(12*ms) : 1", threshold="v > 1", reset="v = 0")
    source.v = "rand()"
    target = NeuronGroup(30, "dx/dt = -x/(15*ms) : 1", method="exact", name="target")
    same = Synapses(source, target, on_pre="x_post += 0.1", delay=1.7 * ms, name="same")
    same.connect(p=0.3)
    varied = Synapses(
        source[5:35],
        target[4:],
        "w : 1",
        on_pre={"first": "x_post = x_post*0.9 + w", "second": "w *= 0.99"},
        delay={"second": 0.6 * ms},
        name="varied",
    )
    varied.connect(p=0.4)
    varied.w = "0.1*rand()"
    varied.first.delay = "4*ms*rand()"
    state = StateMonitor(target, "x", record=True, dt=0.5 * ms, name="state")
    network = Network(source, target, same, varied, state)

    def observe() -> dict[str, np.ndarray]:
        return {"x": target.x[:], "w": varied.w[:], "recorded": state.x[:], "v": source.v[:]}

    return network, observe


def noise() -> tuple[Network, Observe]:
    """Additive and multiplicative noise, several clocks."""
    additive = NeuronGroup(
        20, "dv/dt = -v/(10*ms) + 0.3*xi*(10*ms)**-0.5 : 1", method="euler", name="additive"
    )
    multiplicative = NeuronGroup(
        20,
        "dx/dt = (1 - x)/(10*ms) + 0.2*x*xi*(5*ms)**-0.5 : 1",
        method="heun",
        dt=0.2 * ms,
        name="multiplicative",
    )
    multiplicative.x = "0.5 + randn()*0.1"
    additive.run_regularly("v = v*0.5 + 0.01*randn()", dt=3 * ms)
    network = Network(additive, multiplicative)

    def observe() -> dict[str, np.ndarray]:
        return {"v": additive.v[:], "x": multiplicative.x[:]}

    return network, observe


def continuous_synapses() -> tuple[Network, Observe]:
    """Clock-driven synaptic variables, a summed variable, subgroups, timed arrays."""
    drive = TimedArray([0.2, 1.4, 0.7], dt=7 * ms, name="drive")
    pattern = TimedArray(np.linspace(0, 1, 15).reshape(3, 5), dt=9 * ms, name="pattern")
    namespace = {"drive": drive, "pattern": pattern}
    cells = NeuronGroup(
        10,
        """
        dv/dt = (drive(t) + pattern(t, i % 5) + s - v)/(10*ms) : 1
        s : 1
        n : integer
        """,
        threshold="v > 1",
        reset="v -= 1\nn += 1",
        method="euler",
        namespace=namespace,
        name="cells",
    )
    cells.v = "rand()"
    slow = Synapses(
        cells[:6],
        cells[3:],
        "dg/dt = -g/(8*ms) : 1 (clock-driven)\nw : 1\ns_post = w*g : 1 (summed)",
        on_pre="g += 1",
        method="exact",
        name="slow",
    )
    slow.connect(condition="i != j", p=0.6)
    slow.w = "0.2*rand()"
    cells.run_regularly("v = clip(v, 0, 0.9)", dt=4 * ms)
    spikes = SpikeMonitor(cells, variables="v", name="spikes")
    network = Network(cells, slow, spikes)

    def observe() -> dict[str, np.ndarray]:
        return {
            **_spikes(spikes),
            "recorded": spikes.v[:],
            "g": slow.g[:],
            "v": cells.v[:],
            "n": cells.n[:],
        }

    return network, observe


def inputs() -> tuple[Network, Observe]:
    """Given spikes with a period, PoissonInput (both of its methods), poisson()."""
    given = SpikeGeneratorGroup(5, [0, 1, 3, 4, 0], [1, 2, 2, 5, 7] * ms, period=8 * ms)
    cells = NeuronGroup(
        5,
        "dv/dt = -v/(10*ms) : 1\ncounts : 1\nflag : boolean",
        threshold="v > 1",
        reset="v = 0\nflag = not flag",
        method="exact",
        name="cells",
    )
    feed = Synapses(given, cells, on_pre="v_post += 0.7")
    feed.connect(j="i")
    few = PoissonInput(cells, "v", 10, 20 * Hz, weight=0.1)
    many = PoissonInput(cells, "v", 1000, 100 * Hz, weight=0.001)
    cells.run_regularly("counts += poisson(3) + poisson(20)", dt=5 * ms)
    spikes = SpikeMonitor(cells, name="spikes")
    network = Network(given, cells, feed, few, many, spikes)

    def observe() -> dict[str, np.ndarray]:
        return {
            **_spikes(spikes),
            "v": cells.v[:],
            "counts": cells.counts[:],
            "flag": cells.flag[:],
        }

    return network, observe


def exponential() -> tuple[Network, Observe]:
    """AdEx cells: powers and exponentials, an event of its own, a voltage-based synapse."""
    cells = NeuronGroup(
        16,
        """
        dv/dt = (30*nS*(-70.6*mV - v) + 60*nS*mV*exp((v + 50.4*mV)/(2*mV)) - w + I)/(281*pF) : volt
        dw/dt = (4*nS*(v + 70.6*mV) - w)/(144*ms) : amp
        I : amp (constant)
        high = (v/mV + 60)**3 + sqrt(abs(v/mV)) : 1
        """,
        threshold="v > 20*mV",
        reset="v = -70.6*mV\nw += 80.5*pA",
        events={"near": "v > -52*mV"},
        method="euler",
        name="cells",
    )
    cells.v = -70.6 * mV
    cells.I = "0.6*nA + 0.05*nA*i"
    cells.run_on_event("near", "w += 1*pA")
    chain = Synapses(cells, cells, "u : 1", on_pre="u += high_post*1e-3; v_post += 1*mV")
    chain.connect(j="(i + 1) % N_pre")
    spikes = SpikeMonitor(cells, name="spikes")
    network = Network(cells, chain, spikes)

    def observe() -> dict[str, np.ndarray]:
        return {**_spikes(spikes), "v": np.asarray(cells.v / volt), "u": chain.u[:]}

    return network, observe


ALL = [
    conductance,
    pair_stdp,
    delays,
    noise,
    continuous_synapses,
    inputs,
    exponential,
]
