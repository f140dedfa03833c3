from brian2 import *

import spikeplast as sp

defaultclock.dt = 0.5 * ms
n, rates = 300, arange(4, 24, 2)
for tau_rho, label in ((1000 * second, "held at 5 Hz"), (0.2 * second, "follows the rate")):
    rule = sp.plasticity.SlidingTripletSTDP(tau_rho=tau_rho)
    equations = "rate : Hz\n" + rule.target_equations
    outputs = NeuronGroup(10 * n, equations, threshold="rand() < rate*dt", refractory=1 * ms)
    outputs.rate = np.repeat(rates, n) * Hz
    inputs = PoissonGroup(10 * n, 10 * Hz)
    synapses = rule.synapses(inputs, outputs, acts_on=None, bounds=sp.plasticity.NoBounds())
    synapses.connect(j="i")
    run(1 * second)
    plt.plot(rates, synapses.w[:].reshape(10, n).mean(1), ".-", label=label)
plt.legend(title="slow rate")
plt.gca().set(xlabel="rate of the cell (Hz)", ylabel="change of w in 1 s")
plt.savefig("SlidingTripletSTDP.png")
