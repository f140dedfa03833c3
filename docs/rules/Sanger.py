from brian2 import *

import spikeplast as sp

defaultclock.dt = 1 * ms
samples = np.random.default_rng(1).multivariate_normal([0, 0], [[2, 1], [1, 1]], size=2000)
stimulus = TimedArray(samples, dt=1 * ms)
inputs = NeuronGroup(2, "x = stimulus(t, i) : 1\nexplained : 1")
units = NeuronGroup(2, "y : 1")
synapses = sp.plasticity.Sanger(eta=10 / second).synapses(inputs, units, acts_on="y")
synapses.connect()
synapses.w = [0.1, 0.1, -0.5, 0.3]
monitor = StateMonitor(synapses, "w", record=True)
run(2 * second)
eigenvectors = np.linalg.eigh(cov(samples.T))[1][:, ::-1]
overlap = einsum("iut,iu->tu", monitor.w.reshape(2, 2, -1), eigenvectors)
plt.plot(monitor.t / second, abs(overlap))
plt.gca().set(xlabel="time (s)", ylabel="w along its eigenvector")
plt.legend(["unit 1", "unit 2"])
plt.savefig("Sanger.png")
