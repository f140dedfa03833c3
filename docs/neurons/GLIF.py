from brian2 import *

import spikeplast as sp

defaultclock.dt = 0.2 * ms
voltages = []
for level in (1, 3, 5):
    cells = sp.neurons.GLIF.allen_490626718(level).group(1)
    cells.I_ext = 400 * pA
    state = StateMonitor(cells, "v", record=True)
    run(150 * ms)
    voltages.append(state.v[0] / mV)
    start_scope()

figure, axes = plt.subplots(3, sharex=True)
for level, v, ax in zip((1, 3, 5), voltages, axes, strict=True):
    ax.plot(arange(len(v)) * 0.2, v, lw=1)
    ax.set_ylabel(f"level {level}: mV")
plt.xlabel("time (ms)")
plt.savefig("GLIF.png")
