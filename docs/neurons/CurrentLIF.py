from brian2 import *

import spikeplast as sp

defaultclock.dt = 0.2 * ms
cells = sp.neurons.CurrentLIF().group(30)
cells.I_ext = "i * 15*pA"
spikes = SpikeMonitor(cells)
run(500 * ms)

plt.plot(cells.I_ext / pA, spikes.count / (0.5 * second), ".-")
plt.xlabel("I_ext (pA)")
plt.ylabel("rate (Hz)")
plt.savefig("CurrentLIF.png")
