from brian2 import *

import spikeplast as sp

defaultclock.dt = 1 * ms
intervals = arange(-80, 81, 4)  # from the presynaptic to the postsynaptic spike
n = len(intervals)
inputs = SpikeGeneratorGroup(n, arange(n), full(n, 100) * ms)
outputs = SpikeGeneratorGroup(n, arange(n), (100 + intervals) * ms)
rule = sp.plasticity.DiehlCookPreAndPost(A_minus=0.01)
synapses = rule.synapses(inputs, outputs, acts_on=None)
synapses.connect(j="i")
synapses.w = 0.5
run(200 * ms)

plt.plot(intervals, synapses.w - 0.5, ".-")
plt.axhline(0, color="k", linewidth=0.5)
plt.xlabel("interval from pre to post (ms)"), plt.ylabel("change of w")
plt.savefig("DiehlCookPreAndPost.png")
