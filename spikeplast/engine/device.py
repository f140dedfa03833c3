"""The Brian 2 device `numba`."""

import os
from numbers import Integral
from typing import Any

from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.core.names import find_name
from brian2.core.network import Network
from brian2.devices.device import RuntimeDevice, all_devices

from .code_object import FUSED_TEMPLATES, NumbaCodeObject, setup_class
from .event_driven_code import update_abstract_code
from .functions import refuse_functions_for_other_targets
from .kept import keeper_of
from .passes import enabled_passes
from .profile import check_profile
from .queue import SpikeQueue
from .random_state import RandomState
from .run_loop import run_network

#: Threads wait for each other in each time step, so those without a core of their own hold up all.
MOST_THREADS_PER_CORE = 8


def _check_threads(threads: Any) -> None:
    if isinstance(threads, bool) or not isinstance(threads, Integral):
        raise TypeError(
            f"threads={threads!r} of set_device('numba') must be an int: "
            "how many threads run one network together"
        )
    if threads < 1:
        raise ValueError(
            f"threads={threads} of set_device('numba') must be at least 1, which is the default"
        )
    cores = os.cpu_count() or 1
    if int(threads) > MOST_THREADS_PER_CORE * cores:
        raise ValueError(
            f"threads={threads} of set_device('numba') are more than {MOST_THREADS_PER_CORE} for "
            f"each of this machine's processor cores; choose at most {cores}, one for each core"
        )


class NumbaDevice(RuntimeDevice):
    """Runs a network as one compiled loop; everything else is as in runtime mode.

    Options of `set_device("numba", ...)`:

    optimize : bool or dict, optional
        True (the default) applies all passes of `spikeplast.engine.passes`, False none:
        results then equal those of Brian 2's Cython target bit for bit (built with
        -ffp-contract=off and without -ffast-math).  A dict such as `{"lift_traces": False}`
        switches passes one by one.
    profile : bool, optional
        Whether runs measure the time that each object takes, as in Brian 2; False by default.
    threads : int, optional
        How many threads run the loop of one network together; 1 by default.  Results have the
        same bits for each number.  It pays for networks whose time step takes some tens of
        microseconds, as long as each thread has a processor core of its own; more than eight
        threads for each core of the machine are an error.
        `spikeplast.explain()` says what is divided among them.
    """

    def __init__(self) -> None:
        super().__init__()
        runtime = all_devices["runtime"]
        self.rand_buffer_index = runtime.rand_buffer_index
        self.randn_buffer_index = runtime.randn_buffer_index
        self.random = RandomState(runtime)
        # If `activate` refuses an option, Brian 2 has made this the active device already.
        self.build_options: dict[str, Any] = {}

    def activate(self, build_on_run: bool = True, **kwargs: Any) -> None:
        enabled_passes(kwargs.get("optimize", True))
        unknown = set(kwargs) - {"optimize", "profile", "threads"}
        if unknown:
            raise TypeError(
                f"set_device('numba') has no option '{sorted(unknown)[0]}'; "
                "its options are 'optimize', 'profile' and 'threads'"
            )
        _check_threads(kwargs.get("threads", 1))
        check_profile(kwargs.get("profile", False), "set_device('numba')")
        if not build_on_run:
            raise ValueError(
                "set_device('numba', build_on_run=False): the device builds nothing; "
                "leave build_on_run out"
            )
        super().activate(build_on_run=build_on_run, **kwargs)

    @property
    def n_threads(self) -> int:
        """How many threads run a network together."""
        return int(self.build_options.get("threads", 1))

    def code_object_class(
        self, codeobj_class: Any = None, fallback_pref: str = "codegen.target"
    ) -> Any:
        if codeobj_class is None and fallback_pref == "codegen.target":
            return NumbaCodeObject
        return super().code_object_class(codeobj_class, fallback_pref)

    def code_object(
        self,
        owner: Any,
        name: str,
        abstract_code: dict[str | None, str],
        variables: dict[str, Any],
        template_name: str,
        variable_indices: Any,
        codeobj_class: Any = None,
        template_kwds: dict[str, Any] | None = None,
        override_conditional_write: Any = None,
        compiler_kwds: dict[str, Any] | None = None,
    ) -> Any:
        if codeobj_class in (None, NumbaCodeObject, NumpyCodeObject):
            refuse_functions_for_other_targets(variables)
        if codeobj_class in (None, NumbaCodeObject) and template_name in FUSED_TEMPLATES:
            return NumbaCodeObject(
                owner,
                abstract_code,
                variables,
                variable_indices,
                template_name,
                dict(template_kwds or {}),
                override_conditional_write,
                find_name(name),
                self,
            )
        if codeobj_class is NumbaCodeObject:
            codeobj_class = setup_class()
        return super().code_object(
            owner,
            name,
            abstract_code,
            variables,
            template_name,
            variable_indices,
            codeobj_class=codeobj_class or setup_class(),
            template_kwds=template_kwds,
            override_conditional_write=override_conditional_write,
            compiler_kwds=compiler_kwds,
        )

    def spike_queue(self, source_start: int, source_end: int) -> SpikeQueue:
        return SpikeQueue(source_start, source_end)

    def get_value(self, var: Any, access_data: bool = True) -> Any:
        keeper = keeper_of(var)
        if keeper is not None:
            keeper.expand()
        return super().get_value(var, access_data)

    def raw_value(self, var: Any) -> Any:
        """The array of a variable in the form in which a loop keeps it."""
        return super().get_value(var)

    def set_value(self, var: Any, value: Any) -> None:
        self.get_value(var)[:] = value

    def fill_with_array(self, var: Any, arr: Any) -> None:
        self.get_value(var)
        super().fill_with_array(var, arr)

    def resize(self, var: Any, new_size: Any) -> None:
        self.get_value(var)
        super().resize(var, new_size)

    def get_random_state(self) -> dict[str, Any]:
        return self.random.state()

    def set_random_state(self, state: dict[str, Any]) -> None:
        self.random.set_state(state)

    def synaptic_pathway_update_abstract_code(
        self, pathway: Any, run_namespace: Any = None, level: int = 0
    ) -> None:
        update_abstract_code(pathway, run_namespace, level)

    def network_run(self, net: Network, *args: Any, **kwds: Any) -> None:
        run_network(self, net, *args, **kwds)
