from brian2 import *

import spikeplast as sp

defaultclock.dt = 1 * ms
rule = sp.plasticity.TDSTDP(eta=1)
inputs = SpikeGeneratorGroup(1, [0], [50] * ms)
model = f"value = {{}} : 1\nexpects : 1\n{rule.target_equations}"
model = model.format("expects*int(t > 200*ms)*int(t < 400*ms)")
cells = NeuronGroup(3, model, threshold="abs(t - 60*ms) < dt/2", reset="")
cells.expects = [0, 0, 1]
rewarding = "reward_rate = 10*Hz*int(i == 0)*int(t > 400*ms)*int(t <= 500*ms)"
cells.run_regularly(rewarding)
synapses = rule.synapses(inputs, cells, acts_on=None, bounds=sp.plasticity.NoBounds())
synapses.connect()
weights = StateMonitor(synapses, "w", record=True)
run(600 * ms)
sp.plotting.weight_traces(weights)
plt.legend(["reward at 400 ms", "none", "none, but expected"], loc="upper left")
plt.savefig("TDSTDP.png")
