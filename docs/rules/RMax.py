from brian2 import *

import spikeplast as sp

defaultclock.dt = 1 * ms
rule = sp.plasticity.RMax()
inputs = SpikeGeneratorGroup(1, [0], [50] * ms)
model = f"rho : Hz\nfires_at : second\n{rule.target_equations}"
cells = NeuronGroup(2, model, threshold="abs(t - fires_at) < dt/2", reset="")
cells.fires_at = [60, 1000] * ms  # the second one stays silent
cells.rho = 20 * Hz
synapses = rule.synapses(inputs, cells, acts_on=None)
synapses.connect()
eligibility = StateMonitor(synapses, "c", record=True)
run(300 * ms)

plt.plot(eligibility.t / ms, eligibility.c.T)
plt.gca().set(xlabel="time (ms)", ylabel="eligibility c")
plt.legend(["spike at 60 ms", "no spike, though one was likely"])
plt.savefig("RMax.png")
