from brian2 import *

import spikeplast

set_device("numba")

taum, taupre, taupost = 10 * ms, 20 * ms, 20 * ms
vt, vr, El, Ee, taue = -54 * mV, -60 * mV, -74 * mV, 0 * mV, 5 * ms
gmax, dApre = 0.01, 0.01
dApost = -dApre * taupre / taupost * 1.05

inputs = PoissonGroup(1000, rates=15 * Hz)
neurons = NeuronGroup(
    1,
    """dv/dt = (ge*(Ee - v) + El - v)/taum : volt
       dge/dt = -ge/taue : 1""",
    threshold="v > vt",
    reset="v = vr",
    method="euler",
)
synapses = Synapses(
    inputs,
    neurons,
    """w : 1
       dApre/dt = -Apre/taupre : 1 (event-driven)
       dApost/dt = -Apost/taupost : 1 (event-driven)""",
    on_pre="""ge += w*gmax
              Apre += dApre
              w = clip(w + Apost, 0, 1)""",
    on_post="""Apost += dApost
               w = clip(w + Apre, 0, 1)""",
)
synapses.connect()
synapses.w = "rand()"
run(10 * second, profile=True)
print(spikeplast.explain())
print(spikeplast.profile())
