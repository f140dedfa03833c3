from brian2 import *

import spikeplast as sp

patterns = ("tonic spiking", "initial burst")
voltages = []
for pattern in patterns:
    cells = sp.neurons.AdEx.naud(pattern).group(1)
    cells.I_ext = sp.neurons.AdEx.naud_current(pattern)
    state = StateMonitor(cells, "v", record=True)
    run(200 * ms)
    voltages.append(clip(state.v[0] / mV, -100, 0))
    start_scope()
figure, axes = plt.subplots(2, sharex=True)
for pattern, v, ax in zip(patterns, voltages, axes, strict=True):
    ax.plot(arange(len(v)) * 0.1, v, lw=1)
    ax.set_ylabel(f"{pattern}\nv (mV)")
plt.xlabel("time (ms)")
plt.savefig("AdEx.png")
