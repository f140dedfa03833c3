from brian2 import *

import spikeplast as sp

defaultclock.dt = 1 * ms
cells = sp.neurons.ClopathEIF().group(1)
state = StateMonitor(cells, ["v", "V_T"], record=True)
run(20 * ms)
cells.I_ext = 3000 * pA
run(4 * ms)
cells.I_ext = 0 * pA
run(150 * ms)

plt.plot(state.t / ms, state.v[0] / mV, label="v")
plt.plot(state.t / ms, state.V_T[0] / mV, label="V_T")
plt.gca().set(xlabel="time (ms)", ylabel="mV")
plt.legend()
plt.savefig("ClopathEIF.png")
