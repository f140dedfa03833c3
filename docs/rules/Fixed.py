from brian2 import *

import spikeplast as sp

defaultclock.dt = 0.5 * ms
inputs = SpikeGeneratorGroup(1, [0], [10] * ms)
cells = sp.neurons.ConductanceLIF().group(4)
synapses = sp.plasticity.Fixed().synapses(inputs, cells, acts_on="g_e", gain=0.1)
synapses.connect()
synapses.w = [0.25, 0.5, 0.75, 1]
voltage = StateMonitor(cells, "v", record=True)
run(100 * ms)

plt.plot(voltage.t / ms, voltage.v.T / mV)
plt.gca().set(xlabel="time (ms)", ylabel="v (mV)")
plt.legend([f"w = {w:g}" for w in synapses.w])
plt.savefig("Fixed.png")
