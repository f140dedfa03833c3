from brian2 import *

import spikeplast as sp

defaultclock.dt = 1 * ms
rule = sp.plasticity.Convallis.speech(k_p=0, k_i=0 / second, every=500 * ms, shrinkage=0)
inputs = SpikeGeneratorGroup(1, zeros(20, int), arange(20) * 20 * ms)
model = f"v : volt\n{rule.target_equations}"
clamped = NeuronGroup(60, model, threshold="False", refractory=1 * ms)
clamped.v = "-75*mV + i*0.6*mV"
synapses = rule.synapses(inputs, clamped, acts_on=None)
synapses.connect()
synapses.w = 0.5
run(501 * ms)

plt.axhline(0, color="0.8")
plt.plot(clamped.v / mV, synapses.w - 0.5, ".-")
plt.xlabel("voltage at which the cell is held (mV)")
plt.ylabel("change of w by 20 spikes")
plt.savefig("Convallis.png")
