from brian2 import *

import spikeplast as sp

defaultclock.dt = 1 * ms
short_term = sp.plasticity.TsodyksMarkram(U=0.2, tau_d=200 * ms, tau_f=600 * ms)
times = append(arange(8) * 50, 900) * ms
inputs = SpikeGeneratorGroup(1, zeros(9, int), times)
cells = sp.neurons.ConductanceLIF(tau_e=5 * ms).group(1)
fixed = sp.plasticity.Fixed()
synapses = fixed.synapses(inputs, cells, acts_on="g_e", short_term=short_term)
synapses.connect()
synapses.w = 1
conductance = StateMonitor(cells, "g_e", record=True)
run(1 * second)

plt.plot(conductance.t / ms, conductance.g_e[0])
plt.gca().set(xlabel="time (ms)", ylabel="g_e: what each spike releases")
plt.savefig("TsodyksMarkram.png")
