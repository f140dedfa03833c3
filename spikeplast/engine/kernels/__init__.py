"""The small functions that generated loops call.

Those that stand for Brian 2's functions and random numbers follow the arithmetic of its Cython
target operation by operation, so that a loop made of them gives the same bits.
"""

from .barrier import wait_for_all as wait_for_all
from .clock import lap as lap
from .clock import start_watch as start_watch
from .compiled import in_loop as in_loop
from .delivery import count_events as count_events
from .delivery import gather_delayed as gather_delayed
from .delivery import gather_delayed_part as gather_delayed_part
from .delivery import gather_heterogeneous as gather_heterogeneous
from .delivery import gather_heterogeneous_part as gather_heterogeneous_part
from .delivery import gather_immediate as gather_immediate
from .delivery import gather_immediate_part as gather_immediate_part
from .delivery import join_events as join_events
from .delivery import rescale as rescale
from .functions import clip as clip
from .functions import exprel as exprel
from .functions import int_ as int_
from .functions import modulo as modulo
from .functions import sign as sign
from .functions import timed_array_1d as timed_array_1d
from .functions import timed_array_2d as timed_array_2d
from .functions import timestep as timestep
from .functions import timestep_bound as timestep_bound
from .random_numbers import binomial_inversion as binomial_inversion
from .random_numbers import binomial_normal as binomial_normal
from .random_numbers import largest as largest
from .random_numbers import poisson as poisson
from .random_numbers import rand as rand
from .random_numbers import randn as randn
from .random_numbers import sample_events as sample_events
from .streaming import add_rows as add_rows
from .streaming import add_synapses as add_synapses
from .streaming import clip_rows as clip_rows
from .streaming import clip_synapses as clip_synapses
from .streaming import keep_synapses as keep_synapses
from .streaming import new_epoch as new_epoch
from .streaming import put_back_synapses as put_back_synapses
from .vector_functions import vector_exp as vector_exp
from .vector_functions import vector_exprel as vector_exprel
