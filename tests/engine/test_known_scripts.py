"""Small versions of the networks that Brian 2's users run most, equal to those on NumPy."""

import numpy as np
import pytest
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    cm,
    defaultclock,
    ms,
    msiemens,
    mV,
    pA,
    pF,
    seed,
    set_device,
    siemens,
    ufarad,
    um,
)

import spikeplast


def cuba():
    """Vogels & Abbott 2005 as in Brette et al. 2007: currents that decay exponentially."""
    model = """
    dv/dt = (ge + gi - (v - El))/(20*ms) : volt (unless refractory)
    dge/dt = -ge/(5*ms) : volt
    dgi/dt = -gi/(10*ms) : volt
    """
    cells = NeuronGroup(
        400,
        model,
        threshold="v > -50*mV",
        reset="v = -60*mV",
        refractory=5 * ms,
        method="exact",
        namespace={"El": -49 * mV},
    )
    cells.v = "-60*mV + rand()*10*mV"
    excitation = Synapses(cells, cells, on_pre="ge += 5*mV")
    excitation.connect("i < 320", p=0.05)
    inhibition = Synapses(cells, cells, on_pre="gi -= 27*mV")
    inhibition.connect("i >= 320", p=0.05)
    spikes = SpikeMonitor(cells)
    return Network(cells, excitation, inhibition, spikes), [spikes], [(cells, "v")], 60


def cobahh():
    """Hodgkin-Huxley cells with conductance synapses, Brette et al. 2007."""
    area = 20000 * um**2
    namespace = {
        "Cm": (1 * ufarad * cm**-2) * area,
        "gl": (5e-5 * siemens * cm**-2) * area,
        "El": -60 * mV,
        "EK": -90 * mV,
        "ENa": 50 * mV,
        "g_na": (100 * msiemens * cm**-2) * area,
        "g_kd": (30 * msiemens * cm**-2) * area,
        "VT": -63 * mV,
    }
    model = """
    dv/dt = (gl*(El-v) + ge*(0*mV-v) + gi*(-80*mV-v)
             - g_na*(m*m*m)*h*(v-ENa) - g_kd*(n*n*n*n)*(v-EK))/Cm : volt
    dm/dt = alpha_m*(1-m) - beta_m*m : 1
    dn/dt = alpha_n*(1-n) - beta_n*n : 1
    dh/dt = alpha_h*(1-h) - beta_h*h : 1
    dge/dt = -ge/(5*ms) : siemens
    dgi/dt = -gi/(10*ms) : siemens
    alpha_m = 0.32*(mV**-1)*4*mV/exprel((13*mV-v+VT)/(4*mV))/ms : Hz
    beta_m = 0.28*(mV**-1)*5*mV/exprel((v-VT-40*mV)/(5*mV))/ms : Hz
    alpha_h = 0.128*exp((17*mV-v+VT)/(18*mV))/ms : Hz
    beta_h = 4./(1+exp((40*mV-v+VT)/(5*mV)))/ms : Hz
    alpha_n = 0.032*(mV**-1)*5*mV/exprel((15*mV-v+VT)/(5*mV))/ms : Hz
    beta_n = .5*exp((10*mV-v+VT)/(40*mV))/ms : Hz
    """
    cells = NeuronGroup(
        60,
        model,
        threshold="v > -20*mV",
        refractory=3 * ms,
        method="exponential_euler",
        namespace=namespace,
    )
    cells.v = "El + (randn()*5 - 5)*mV"
    cells.ge = "(randn()*1.5 + 4)*10*nS"
    cells.gi = "(randn()*12 + 20)*10*nS"
    excitation = Synapses(cells, cells, on_pre="ge += 6*nS")
    excitation.connect("i < 48", p=0.1)
    inhibition = Synapses(cells, cells, on_pre="gi += 67*nS")
    inhibition.connect("i >= 48", p=0.1)
    spikes = SpikeMonitor(cells)
    return Network(cells, excitation, inhibition, spikes), [spikes], [(cells, "v")], 40


def song_abbott():
    """Additive STDP of Poisson inputs onto one cell, Song & Abbott 2001."""
    inputs = PoissonGroup(100, 60 * Hz)
    cell = NeuronGroup(
        1,
        "dv/dt = (ge*(0*mV - v) - 74*mV - v)/(10*ms) : volt\ndge/dt = -ge/(5*ms) : 1",
        threshold="v > -54*mV",
        reset="v = -60*mV",
        method="euler",
    )
    cell.v = -70 * mV
    synapses = Synapses(
        inputs,
        cell,
        """w : 1
        dApre/dt = -Apre/(20*ms) : 1 (event-driven)
        dApost/dt = -Apost/(20*ms) : 1 (event-driven)""",
        on_pre="ge += w; Apre += 0.001; w = clip(w + Apost, 0, 0.1)",
        on_post="Apost -= 0.00105; w = clip(w + Apre, 0, 0.1)",
    )
    synapses.connect()
    synapses.w = "rand()*0.1"
    weights = StateMonitor(synapses, "w", record=[0, 1])
    spikes = SpikeMonitor(cell)
    network = Network(inputs, cell, synapses, weights, spikes)
    return network, [spikes], [(synapses, "w"), (weights, "w")], 300


def vogels():
    """Inhibitory plasticity balances a cell, Vogels et al. 2011."""
    cells = NeuronGroup(
        200,
        """dv/dt = (-10*nS*(v + 60*mV) - (g_ampa*v + g_gaba*(v + 80*mV)) + 200*pA)/(200*pF)
                   : volt (unless refractory)
        dg_ampa/dt = -g_ampa/(5*ms) : siemens
        dg_gaba/dt = -g_gaba/(10*ms) : siemens""",
        threshold="v > -50*mV",
        reset="v = -60*mV",
        refractory=5 * ms,
        method="euler",
        namespace={"pA": pA, "pF": pF},
    )
    cells.v = "-60*mV + rand()*10*mV"
    excitatory, inhibitory = cells[:160], cells[160:]
    excitation = Synapses(excitatory, cells, on_pre="g_ampa += 1.5*nS")
    excitation.connect(p=0.1)
    plastic = Synapses(
        inhibitory,
        excitatory,
        """w : 1
        dApre/dt = -Apre/(20*ms) : 1 (event-driven)
        dApost/dt = -Apost/(20*ms) : 1 (event-driven)""",
        on_pre="""Apre += 1
        w = clip(w + (Apost - 0.12)*0.05, 0, 100)
        g_gaba += w*nS""",
        on_post="""Apost += 1
        w = clip(w + Apre*0.05, 0, 100)""",
    )
    plastic.connect(p=0.2)
    plastic.w = 1e-3
    spikes = SpikeMonitor(cells)
    network = Network(cells, excitation, plastic, spikes)
    return network, [spikes], [(plastic, "w"), (cells, "v")], 100


def dopamine():
    """Eligibility and a reward that reaches synapses, Izhikevich 2007."""
    inputs = SpikeGeneratorGroup(2, [0, 1, 0, 0, 1], [5, 9, 30, 52, 55] * ms, name="inputs")
    reward = SpikeGeneratorGroup(1, [0, 0], [20, 60] * ms, name="reward")
    cells = NeuronGroup(
        2,
        """dv/dt = (0.04*v**2/mV + 5*v + 140*mV - u + I)/ms : volt
        du/dt = 0.02*(0.2*v - u)/ms : volt
        I : volt""",
        threshold="v > 30*mV",
        reset="v = -65*mV; u += 8*mV",
        method="euler",
    )
    cells.v, cells.u, cells.I = -65 * mV, -13 * mV, 10 * mV
    synapses = Synapses(
        inputs,
        cells,
        """dc/dt = -c/(50*ms) : 1 (clock-driven)
        dd/dt = -d/(20*ms) : 1 (clock-driven)
        ds/dt = c*d/(10*ms) : 1 (clock-driven)
        dApre/dt = -Apre/(20*ms) : 1 (event-driven)
        dApost/dt = -Apost/(20*ms) : 1 (event-driven)""",
        on_pre="""v_post += s*mV
        Apre += 0.1
        c = clip(c + Apost, -4, 4)
        s = clip(s, -4, 4)""",
        on_post="""Apost -= 0.15
        c = clip(c + Apre, -4, 4)
        s = clip(s, -4, 4)""",
        method="euler",
        name="synapses",
    )
    synapses.connect()
    synapses.s = 1
    release = Synapses(reward, synapses, on_pre="d_post += 0.5", name="release")
    release.connect()
    spikes = SpikeMonitor(cells)
    network = Network(inputs, reward, cells, synapses, release, spikes)
    return network, [spikes], [(synapses, "s"), (synapses, "c"), (cells, "v")], 100


def clopath():
    """Voltage-based plasticity with two filtered voltages, Clopath et al. 2010."""
    inputs = PoissonGroup(20, 80 * Hz)
    cells = NeuronGroup(
        5,
        """dv/dt = (-70.6*mV - v + 2*mV*exp((v + 50.4*mV)/(2*mV)) + drive)/(9*ms) : volt
        du_minus/dt = (v - u_minus)/(10*ms) : volt
        du_plus/dt = (v - u_plus)/(7*ms) : volt
        drive : volt""",
        threshold="v > -40*mV",
        reset="v = -60*mV",
        method="euler",
    )
    cells.v = cells.u_minus = cells.u_plus = -70.6 * mV
    cells.drive = "(14 + i)*mV"
    synapses = Synapses(
        inputs,
        cells,
        """w : 1
        dx/dt = -x/(15*ms) : 1 (clock-driven)
        rise = A_ltp*x*clip(v_post/mV + 45.3, 0, inf)*clip(u_plus_post/mV + 70.6, 0, inf)/ms : Hz
        dcharge/dt = rise : 1 (clock-driven)""",
        on_pre="""v_post += w*mV
        w = clip(w - 1e-3*clip(u_minus_post/mV + 70.6, 0, inf), 0, 2)
        x += 1""",
        method="euler",
        namespace={"A_ltp": 1e-5},
    )
    synapses.connect()
    synapses.w = "0.5 + 0.02*i"
    synapses.run_regularly("w = clip(w + rise*dt, 0, 2)")
    spikes = SpikeMonitor(cells)
    network = Network(inputs, cells, synapses, spikes)
    return network, [spikes], [(synapses, "w"), (synapses, "charge"), (cells, "v")], 100


def outcome(build, device, **options):
    set_device(device, **options)
    defaultclock.dt = 0.1 * ms
    seed(7)
    np.random.seed(7)
    network, monitors, states, duration = build()
    if device == "numba":
        spikeplast.explain(network, namespace={})
    network.run(duration * ms, namespace={})
    spikes = [(np.array(m.i), np.array(m.t / ms)) for m in monitors]
    assert sum(len(i) for i, _ in spikes) > 5
    return spikes, [np.array(getattr(owner, name)) for owner, name in states]


@pytest.mark.parametrize("build", [cuba, cobahh, song_abbott, vogels, dopamine, clopath])
def test_equal_to_numpy(build):
    expected, expected_states = outcome(build, "runtime")
    for optimize in (False, {"sample_events": False}):
        spikes, states = outcome(build, "numba", optimize=optimize)
        for (i, t), (expected_i, expected_t) in zip(spikes, expected, strict=True):
            np.testing.assert_array_equal(i, expected_i)
            np.testing.assert_allclose(t, expected_t, rtol=1e-12)
        for values, reference in zip(states, expected_states, strict=True):
            np.testing.assert_allclose(values, reference, rtol=1e-7, atol=1e-12)
