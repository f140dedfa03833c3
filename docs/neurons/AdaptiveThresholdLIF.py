from brian2 import *

import spikeplast as sp

defaultclock.dt = 0.5 * ms
model = sp.neurons.AdaptiveThresholdLIF(theta_plus=2 * mV, tau_theta=1 * second)
cells = model.group(1)
drive = SpikeGeneratorGroup(1, zeros(1000, int), arange(1000) * ms)
synapses = Synapses(drive, cells, on_pre="g_e += 1")
synapses.connect()
state = StateMonitor(cells, ["v", "theta"], record=True)
run(800 * ms)

plt.plot(state.t / ms, state.v[0] / mV, label="v")
threshold = model.v_threshold - model.theta_offset + state.theta[0]
plt.plot(state.t / ms, threshold / mV, label="threshold")
plt.gca().set(xlabel="time (ms)", ylabel="mV", ylim=(-66, -34))
plt.legend()
plt.savefig("AdaptiveThresholdLIF.png")
