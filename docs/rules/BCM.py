from brian2 import *

import spikeplast as sp

defaultclock.dt = 2 * ms
patterns = eye(3)[np.random.default_rng(1).integers(3, size=3000)]
stimulus = TimedArray(patterns, dt=2 * ms)
rule = sp.plasticity.BCM(eta=3 / second, tau_theta=40 * ms)
inputs = NeuronGroup(3, "x = stimulus(t, i) : 1")
unit = NeuronGroup(1, f"y : 1\n{rule.target_equations}")
synapses = rule.synapses(inputs, unit, acts_on="y")
synapses.connect()
synapses.w = [0.5, 0.55, 0.6]
weights = StateMonitor(synapses, "w", record=True)
run(6 * second)

sp.plotting.weight_traces(weights)
plt.ylabel("response to each of three patterns")
plt.savefig("BCM.png")
