from brian2 import *

import spikeplast as sp

defaultclock.dt = 1 * ms
rule = sp.plasticity.Clopath.visual_cortex()
inputs = SpikeGeneratorGroup(1, zeros(25, int), arange(25) * 20 * ms)
clamped = NeuronGroup(50, f"v : volt\n{rule.target_equations}")
clamped.v = "-80*mV + i*1.1*mV"
synapses = rule.synapses(inputs, clamped, acts_on=None, w_max=3)
synapses.connect()
synapses.w = 1
run(600 * ms)

plt.plot(clamped.v / mV, 100 * synapses.w, ".-")
plt.xlabel("voltage at which the cell is held (mV)")
plt.ylabel("w after 25 spikes (%)")
plt.savefig("Clopath.png")
