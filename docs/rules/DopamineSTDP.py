from brian2 import *

import spikeplast as sp

defaultclock.dt = 5 * ms
rule = sp.plasticity.DopamineSTDP()
delays = arange(0, 4.1, 0.2)  # of the reward
inputs = SpikeGeneratorGroup(21, arange(21), full(21, 100) * ms)
model = f"fires_at : second\n{rule.target_equations}"
cells = NeuronGroup(21, model, threshold="abs(t - fires_at) < dt/2", reset="")
cells.fires_at = 110 * ms
reward = SpikeGeneratorGroup(21, arange(21), (0.15 + delays) * second)
dopamine = Synapses(reward, cells, on_pre="dopamine_post += 50/second")
dopamine.connect(j="i")
synapses = rule.synapses(inputs, cells, acts_on=None, w_max=4)
synapses.connect(j="i")
run(6 * second)
plt.plot(delays, synapses.w, ".-")
plt.gca().set(xlabel="delay of the reward (s)", ylabel="change of w by pair and reward")
plt.savefig("DopamineSTDP.png")
