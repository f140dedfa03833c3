from brian2 import *

import spikeplast as sp
from spikeplast.stimuli.pairing import pairs, stacked

rates = array([10, 20, 25, 40, 50])
protocols = [pairs(lag, frequency=f, repetitions=15) for lag in (10e-3, -10e-3) for f in rates]
pre, t_pre, post, t_post = stacked(protocols)
defaultclock.dt = 5 * ms
inputs = SpikeGeneratorGroup(len(protocols), pre, t_pre * second)
outputs = SpikeGeneratorGroup(len(protocols), post, t_post * second)
synapses = sp.plasticity.TripletSTDP().synapses(inputs, outputs, acts_on=None)
synapses.connect(j="i")
synapses.w = 0.5
run(2 * second)
plt.plot(rates, synapses.w[:5] - 0.5, ".-", label="pre 10 ms before post")
plt.plot(rates, synapses.w[5:] - 0.5, ".-", label="post 10 ms before pre")
plt.gca().set(xlabel="pairs per second", ylabel="change of w by 15 pairs")
plt.legend()
plt.savefig("TripletSTDP.png")
