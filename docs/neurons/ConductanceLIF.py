from brian2 import *

import spikeplast as sp

seed(1)
defaultclock.dt = 0.2 * ms
cells = sp.neurons.ConductanceLIF.song_miller_abbott().group(1)
excitation = PoissonInput(cells, "g_e", 1000, 10 * Hz, weight=0.008)
inhibition = PoissonInput(cells, "g_i", 200, 10 * Hz, weight=0.05)
state = StateMonitor(cells, ["v", "g_e"], record=True)
spikes = SpikeMonitor(cells)
run(300 * ms)

sp.plotting.voltage_traces(state, spikes=spikes)
plt.savefig("ConductanceLIF.png")
