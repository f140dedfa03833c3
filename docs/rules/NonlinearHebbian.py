from brian2 import *

import spikeplast as sp

defaultclock.dt = 1 * ms
sparse, across = array([0.6, 0.8]), array([0.8, -0.6])
random = np.random.default_rng(1)
samples = random.laplace(size=(8000, 1)) * sparse + random.normal(size=(8000, 1)) * across
stimulus = TimedArray(samples, dt=1 * ms)
inputs = NeuronGroup(2, "x = stimulus(t, i) : 1")
rule = sp.plasticity.NonlinearHebbian.named("cubic", eta=5 / second)
unit = NeuronGroup(1, "y : 1\nw_total : 1\n" + rule.target_equations)
synapses = rule.synapses(inputs, unit, acts_on="y")
synapses.connect()
synapses.w = [0.9, 0.4]
sp.plasticity.normalise_incoming(synapses, total=1, every=1 * ms, norm="length")
weights = StateMonitor(synapses, "w", record=True, when="thresholds")
run(8 * second)
sp.plotting.weight_traces(weights).hlines(sparse, 0, 8, color="0.7", ls=":")
plt.savefig("NonlinearHebbian.png")
