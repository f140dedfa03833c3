from brian2 import *

import spikeplast as sp

seed(1)
defaultclock.dt = 2 * ms
rule = sp.plasticity.Zenke()
inputs = PoissonGroup(20, rates=10 * Hz)
model = f"rate : Hz\n{rule.target_equations}"
cells = NeuronGroup(1200, model, threshold="rand() < rate*dt", refractory=1 * ms)
cells.rate = "(i // 60) * 3*Hz"
synapses = rule.synapses(inputs, cells, acts_on=None, w_max=5)
synapses.connect()
synapses.w = synapses.w_solid = 1
cells.nu_hom = 10 * Hz
run(2 * second)

plt.plot(3 * arange(20), synapses.w[:].reshape(20, 20, 60).mean((0, 2)) - 1, ".-")
plt.gca().set(xlabel="rate of the cell (Hz)", ylabel="mean change of w in 2 s")
plt.savefig("Zenke.png")
