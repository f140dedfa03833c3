from brian2 import *

import spikeplast as sp

defaultclock.dt = 1 * ms
covariance = [[2, 1], [1, 1]]
samples = np.random.default_rng(1).multivariate_normal([0, 0], covariance, size=2000)
stimulus = TimedArray(samples, dt=1 * ms)
inputs = NeuronGroup(2, "x = stimulus(t, i) : 1")
unit = NeuronGroup(1, "y : 1")
synapses = sp.plasticity.Oja(eta=5 / second).synapses(inputs, unit, acts_on="y")
synapses.connect()
synapses.w = [-0.2, 0.6]
weights = StateMonitor(synapses, "w", record=True)
run(2 * second)

sp.plotting.weight_traces(weights)
for component in np.linalg.eigh(covariance)[1][:, 1]:
    plt.axhline(abs(component), color="0.7", ls=":")
plt.savefig("Oja.png")
