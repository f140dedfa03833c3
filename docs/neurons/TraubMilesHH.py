from brian2 import *

import spikeplast as sp

defaultclock.dt = 0.05 * ms
cells = sp.neurons.TraubMilesHH().group(1)
cells.I_ext = 300 * pA
state = StateMonitor(cells, ["v", "m", "h", "n"], record=True)
run(50 * ms)

figure, (above, below) = plt.subplots(2, sharex=True)
above.plot(state.t / ms, state.v[0] / mV)
above.set_ylabel("v (mV)")
for gate in "mhn":
    below.plot(state.t / ms, getattr(state, gate)[0], label=gate)
below.set(xlabel="time (ms)", ylabel="gates")
below.legend()
plt.savefig("TraubMilesHH.png")
