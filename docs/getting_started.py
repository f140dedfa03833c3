from brian2 import *

import spikeplast as sp

set_device("numba")  # the one line that the engine needs
seed(1)
inputs = PoissonGroup(1000, rates=15 * Hz)
cells = sp.neurons.ConductanceLIF.song_miller_abbott().group(10)
rule = sp.plasticity.PairSTDP()  # Song, Miller & Abbott 2000
synapses = rule.synapses(inputs, cells, acts_on="g_e", gain=0.015)
synapses.connect()
synapses.w = "rand()"
spikes = SpikeMonitor(cells)
network = Network(inputs, cells, synapses, spikes)
network.run(30 * second, report=sp.ProgressBar())

print(f"{spikes.num_spikes / 10 / 30:.1f} spikes/s")
print(sp.explain(network))
print(sp.cite(network))
sp.plotting.weight_histogram(synapses.w[:], w_max=1)
plt.savefig("getting_started.png")
