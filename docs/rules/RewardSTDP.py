from brian2 import *

import spikeplast as sp

defaultclock.dt = 1 * ms
rule = sp.plasticity.RewardSTDP()
inputs = SpikeGeneratorGroup(82, arange(82), full(82, 100) * ms)
model = f"fires_at : second\n{rule.target_equations}"
cells = NeuronGroup(82, model, threshold="abs(t - fires_at) < dt/2", reset="")
cells.fires_at = "(20 + 4*(i % 41))*ms"
synapses = rule.synapses(inputs, cells, acts_on=None, bounds=sp.plasticity.NoBounds())
synapses.connect(j="i")
run(200 * ms)
cells.reward = "1 - 2*int(i > 40)"  # rewarded, and punished
cells.rewarded = 1
run(20 * ms)
plt.plot(4 * arange(41) - 80, synapses.w[:].reshape(2, 41).T, ".-")
plt.gca().set(xlabel="postsynaptic minus presynaptic spike (ms)", ylabel="change of w")
plt.legend(["reward 1", "reward -1"])
plt.savefig("RewardSTDP.png")
