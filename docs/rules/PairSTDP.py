from brian2 import *

import spikeplast as sp

defaultclock.dt = 1 * ms
lags = arange(-80, 81, 4)
everyone = arange(len(lags))
inputs = SpikeGeneratorGroup(len(lags), everyone, full(len(lags), 100) * ms)
outputs = SpikeGeneratorGroup(len(lags), everyone, (100 + lags) * ms)
synapses = sp.plasticity.PairSTDP().synapses(inputs, outputs, acts_on=None)
synapses.connect(j="i")
synapses.w = 0.5
run(200 * ms)

plt.plot(lags, synapses.w - 0.5, ".-")
plt.xlabel("postsynaptic minus presynaptic spike (ms)")
plt.ylabel("change of w by one pair")
plt.savefig("PairSTDP.png")
