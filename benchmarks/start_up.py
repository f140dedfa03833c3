"""How long a script takes from its start to the first time step of its network.

    python -m benchmarks.start_up --repeats 5

Measured is the CPU time of a whole process (user and system) that imports Brian 2 and spikeplast,
builds a network of 4,000 cells with additive pair STDP on excitatory synapses, and runs it for one
time step, in these states of the cache folders:

first          nothing is compiled: the very first run after installation
cold           the engine's own small functions are compiled, no network's loop is
warm           the network's loop is compiled
cython_first   Brian 2's Cython target in place of the device "numba", nothing is compiled
cython_warm    the same when all is compiled
brian2         `import brian2` alone
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

from experiments.common.command_line import OneLineParser

IMPORT = "import brian2"
NETWORK = '''
import numpy as np
from brian2 import Network, NeuronGroup, SpikeMonitor, Synapses, ms, mV, prefs, set_device
import spikeplast

SET_TARGET
rng = np.random.default_rng(1)
cells = NeuronGroup(
    4000,
    """
    dv/dt = (g_i*(-80*mV - v) - (g_e + 1.8)*v - 60*mV - v)/(20*ms) : volt (unless refractory)
    dg_e/dt = -g_e/(5*ms) : 1
    dg_i/dt = -g_i/(10*ms) : 1
    """,
    threshold="v > -50*mV", reset="v = -60*mV", refractory=5*ms, method="euler",
)
cells.v = rng.uniform(-60, -50, 4000)*mV
exc, inh = cells[:3200], cells[3200:]

def connect(synapses, n_pre, n_post):
    i = np.repeat(np.arange(n_pre), n_post//50)
    synapses.connect(i=i, j=rng.integers(n_post, size=i.size))

namespace = {"tau": 20*ms, "A_plus": 0.005, "A_minus": -0.00525, "w_max": 0.5}
plastic = Synapses(
    exc, exc,
    """
    w : 1
    dapre/dt = -apre/tau : 1 (event-driven)
    dapost/dt = -apost/tau : 1 (event-driven)
    """,
    on_pre="""
    g_e_post += w
    apre += A_plus
    w = clip(w + apost, 0, w_max)
    """,
    on_post="""
    apost += A_minus
    w = clip(w + apre, 0, w_max)
    """,
    method="exact", namespace=namespace,
)
connect(plastic, 3200, 3200)
plastic.w = rng.uniform(0, 0.5, len(plastic))
to_inh = Synapses(exc, inh, on_pre="g_e_post += 0.25")
connect(to_inh, 3200, 800)
from_inh = Synapses(inh, cells, on_pre="g_i_post += 3.2")
connect(from_inh, 800, 4000)
Network(cells, plastic, to_inh, from_inh, SpikeMonitor(cells)).run(0.1*ms)
'''

NUMBA = NETWORK.replace(
    "SET_TARGET", 'prefs.codegen.target = "numpy"\nset_device("numba")'
)  # fmt: skip


def with_cython(cache: Path) -> str:
    """The script on Brian 2's Cython target."""
    target = f'prefs.codegen.target = "cython"\nprefs.codegen.runtime.cython.cache_dir = "{cache}"'
    return NETWORK.replace("SET_TARGET", target)


def cpu_seconds(script: str, loops: Path, functions: Path) -> float:
    """CPU time of a process that runs `script` with these cache folders.

    Raises:
        subprocess.CalledProcessError: if the script fails.
    """
    root = Path(__file__).parents[1]
    environment = {
        **os.environ,
        "PYTHONPATH": str(root),
        "SPIKEPLAST_CACHE_DIR": str(loops),
        "NUMBA_CACHE_DIR": str(functions),
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def measure(folder: Path) -> dict[str, float]:
    """One measurement of each state, in turns, so that a busy machine disturbs all alike."""
    n = len(list(folder.iterdir()))
    loops, functions, empty = (folder / f"{name}_{n}" for name in ("loops", "functions", "empty"))
    cython = with_cython(folder / f"cython_{n}")
    return {
        "first": cpu_seconds(NUMBA, loops, functions),
        "warm": cpu_seconds(NUMBA, loops, functions),
        "cold": cpu_seconds(NUMBA, empty, functions),
        "cython_first": cpu_seconds(cython, loops, functions),
        "cython_warm": cpu_seconds(cython, loops, functions),
        "brian2": cpu_seconds(IMPORT, loops, functions),
    }


def main() -> None:
    parser = OneLineParser(prog="python -m benchmarks.start_up", description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=5, help="measurements of each state")
    repeats: int = parser.parse_args().repeats
    if repeats < 1:
        parser.error(f"--repeats {repeats} is too low; give 1 or more")
    with tempfile.TemporaryDirectory() as folder:
        found = [measure(Path(folder)) for _ in tqdm(range(repeats), disable=None)]
    print(f"{'state':12s} {'CPU s':>7s}  [min-max], {repeats} processes each")
    for state in found[0]:
        values = [one[state] for one in found]
        median = statistics.median(values)
        print(f"{state:12s} {median:7.2f}  [{min(values):.2f}-{max(values):.2f}]")


if __name__ == "__main__":
    main()
