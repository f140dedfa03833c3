from brian2 import *

import spikeplast as sp

defaultclock.dt = 1 * ms
weights = linspace(0.01, 0.99, 50)
inputs = SpikeGeneratorGroup(3, [0, 1, 2], [99, 85, 30] * ms)
outputs = SpikeGeneratorGroup(1, [0], [100] * ms)
synapses = sp.plasticity.DiehlCookExponential().synapses(inputs, outputs, acts_on=None)
synapses.connect(n=50)
synapses.w = tile(weights, 3)
run(110 * ms)

changes = (synapses.w - tile(weights, 3)).reshape(3, 50)
plt.plot(weights, changes.T, label=["1 ms", "15 ms", "70 ms"])
plt.axhline(0, color="k", linewidth=0.5)
plt.xlabel("w"), plt.ylabel("change of w")
plt.legend(title="pre to post")
plt.savefig("DiehlCookExponential.png")
