from brian2 import *

import spikeplast as sp

defaultclock.dt = 0.5 * ms
model = sp.neurons.NMDALIF.brunel_wang_pyramidal()
cells = model.group(3, extra_equations="held_at : volt", threshold="False", refractory=False)
cells.held_at = [-70, -40, 0] * mV
cells.run_regularly("v = held_at")
inputs = SpikeGeneratorGroup(1, [0], [20] * ms)
synapses = Synapses(inputs, cells, on_pre="x_n += 0.1")
synapses.connect()
state = StateMonitor(cells, ["g_n", "unblocked"], record=True)
run(400 * ms)

plt.plot(state.t / ms, (state.g_n * state.unblocked).T)
plt.gca().set(xlabel="time (ms)", ylabel="unblocked NMDA conductance")
plt.legend(["held at -70 mV", "-40 mV", "0 mV"])
plt.savefig("NMDALIF.png")
