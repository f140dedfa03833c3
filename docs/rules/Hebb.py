from brian2 import *

import spikeplast as sp

defaultclock.dt = 1 * ms
samples = np.random.default_rng(1).multivariate_normal([0, 0], [[2, 1], [1, 1]], size=1000)
stimulus = TimedArray(samples, dt=1 * ms)
inputs = NeuronGroup(2, "x = stimulus(t, i) : 1")
unit = NeuronGroup(1, "y : 1")
synapses = sp.plasticity.Hebb(eta=1 / second).synapses(inputs, unit, acts_on="y")
synapses.connect()
synapses.w = [1, -1]
weights = StateMonitor(synapses, "w", record=True)
run(1 * second)

sp.plotting.weight_traces(weights)
plt.savefig("Hebb.png")
