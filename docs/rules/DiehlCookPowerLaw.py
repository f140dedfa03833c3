from brian2 import *

import spikeplast as sp

defaultclock.dt = 1 * ms
intervals = arange(1, 100, 3)
n = len(intervals)
inputs = SpikeGeneratorGroup(n, arange(n), (100 - intervals) * ms)
outputs = SpikeGeneratorGroup(n, arange(n), full(n, 100) * ms)
synapses = sp.plasticity.DiehlCookPowerLaw().synapses(inputs, outputs, acts_on=None)
synapses.connect(j="i", n=3)
weights = tile([0.1, 0.5, 0.9], n)
synapses.w = weights
run(110 * ms)

plt.plot(intervals, (synapses.w - weights).reshape(n, 3), label=["w = 0.1", "w = 0.5", "w = 0.9"])
plt.xlabel("interval from pre to post (ms)"), plt.ylabel("change of w")
plt.legend()
plt.savefig("DiehlCookPowerLaw.png")
