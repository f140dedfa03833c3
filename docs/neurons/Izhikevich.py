from brian2 import *

import spikeplast as sp

defaultclock.dt = 1 * ms
kinds = ("RS", "CH", "FS")
voltages = []
for kind in kinds:
    cells = sp.neurons.Izhikevich.named(kind).group(1)
    cells.I_ext = 10 * mV / ms
    state = StateMonitor(cells, "v", record=True)
    run(200 * ms)
    voltages.append(clip(state.v[0] / mV, -100, 30))
    start_scope()
figure, axes = plt.subplots(3, sharex=True)
for kind, v, ax in zip(kinds, voltages, axes, strict=True):
    ax.plot(v, lw=1)
    ax.set_ylabel(f"{kind}: mV")
plt.xlabel("time (ms)")
plt.savefig("Izhikevich.png")
