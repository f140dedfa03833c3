from brian2 import *

import spikeplast as sp

seed(1)
defaultclock.dt = 0.5 * ms
cells = sp.neurons.GIF().group(30)
cells.I_ext = 200 * pA
spikes = SpikeMonitor(cells)
run(500 * ms)

sp.plotting.raster(spikes, label="repetition")
plt.savefig("GIF.png")
