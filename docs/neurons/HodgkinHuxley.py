from brian2 import *

import spikeplast as sp

defaultclock.dt = 0.02 * ms
cells = sp.neurons.HodgkinHuxley().group(3)
cells.I_ext = [0.4, 0.8, 2] * nA
state = StateMonitor(cells, "v", record=True)
run(40 * ms)

figure, axes = plt.subplots(3, sharex=True)
for current, v, ax in zip(cells.I_ext / nA, state.v, axes, strict=True):
    ax.plot(state.t / ms, v / mV)
    ax.set_ylabel(f"{current:g} nA: mV")
plt.xlabel("time (ms)")
plt.savefig("HodgkinHuxley.png")
