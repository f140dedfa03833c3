from brian2 import *

import spikeplast as sp

defaultclock.dt = 1 * ms
intervals = arange(2, 150, 4)  # between two postsynaptic spikes
everyone = arange(len(intervals))
inputs = SpikeGeneratorGroup(len(intervals), everyone, full(len(intervals), 195) * ms)
times = concatenate([200 - intervals, full(len(intervals), 200)])
outputs = SpikeGeneratorGroup(len(intervals), tile(everyone, 2), times * ms)
synapses = sp.plasticity.DiehlCookSTDP().synapses(inputs, outputs, acts_on=None)
synapses.connect(j="i")
synapses.w = 0.5
run(210 * ms)

plt.plot(intervals, synapses.w - 0.5, ".-")
plt.xlabel("interval between two postsynaptic spikes (ms)")
plt.ylabel("change of w, pre 5 ms before the second")
plt.savefig("DiehlCookSTDP.png")
