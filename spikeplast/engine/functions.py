"""How a Brian 2 function is called in a generated loop."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from brian2 import TimedArray
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.core.functions import DEFAULT_FUNCTIONS, Function, FunctionImplementationContainer
from brian2.input.binomial import BinomialFunction, _pre_calc_constants
from brian2.input.timedarray import _find_K

from .python_source import NotCompilable
from .user_functions import Translation, has_no_python_code, translate

#: Functions of Brian 2 that are functions of Python's math module.
_MATH = {
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "sinh": "sinh",
    "cosh": "cosh",
    "tanh": "tanh",
    "exp": "exp",
    "log": "log",
    "log10": "log10",
    "expm1": "expm1",
    "log1p": "log1p",
    "sqrt": "sqrt",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
}
#: Functions of Brian 2 that are functions of spikeplast.engine.kernels.
_KERNELS = {
    "clip": "clip",
    "int": "int_",
    "sign": "sign",
    "exprel": "exprel",
    "timestep": "timestep",
}
_RANDOM = {"rand": "rand", "randn": "randn", "poisson": "poisson"}
UNIFORM = ("rng_uniform", "rng_uniform_index", "rng_key", "rng_position")
_NORMAL = ("rng_normal", "rng_normal_index", "rng_key", "rng_position", "rng_kept")
#: By identity, because a user may give one of these names to a function of their own.
_NAMES = {id(function): name for name, function in DEFAULT_FUNCTIONS.items()}


def _timestep_bound(number: Any, dt: Any) -> float:
    # Importing the kernels imports Numba, which a loop from the cache does without.
    from .kernels import timestep_bound

    return timestep_bound(int(number), float(dt))


#: The smallest x for which timestep(x - dt/1000, dt) is at least a given number.
TIMESTEP_BOUND = Function(
    pyfunc=_timestep_bound,
    arg_units=[1, 1],
    return_unit=1,
    arg_types=["integer", "float"],
)


#: Functions of Brian 2 in a form for several elements at once, where it is told apart by name.
VECTOR_FUNCTIONS = {
    name: Function(
        pyfunc=DEFAULT_FUNCTIONS[name].pyfunc,
        arg_units=[1],
        return_unit=1,
        arg_types=["float"],
        return_type="float",
    )
    for name in ("exp", "exprel")
}
#: What this engine puts in the place of others, and the kernels that do it.
_OWN = {id(TIMESTEP_BOUND): "timestep_bound"} | {
    id(function): f"vector_{name}" for name, function in VECTOR_FUNCTIONS.items()
}


@dataclass
class Call:
    """What stands for a call: `name(*random, *arguments, *bound)`.

    `random` names the arrays of the random state that are needed, `bound` are values that
    are passed to the loop: pairs of a name and a value, or a function that gives it.
    `translation` is where the called function comes from, if it is the user's.
    """

    name: str
    random: tuple[str, ...] = ()
    bound: list[tuple[str, Any]] = field(default_factory=list)
    translation: Translation | None = None


def is_of_user(function: Function) -> bool:
    """Whether a function is neither one of Brian 2's nor a timed array."""
    return not (
        id(function) in _NAMES
        or id(function) in _OWN
        or isinstance(function, TimedArray | BinomialFunction)
    )


def call_of(function: Function, owner: Any, kinds: tuple[str, ...]) -> Call:
    """The call that stands for `function` in code of `owner`.

    Parameters
    ----------
    function : Function
    owner : Group
    kinds : "float", "integer" or "boolean" for each argument

    Raises
    ------
    NotCompilable
        If it can't be compiled.
    """
    if is_of_user(function):
        translation = translate(function, owner, kinds)
        return Call(translation.name, bound=[*translation.numbers], translation=translation)
    call = _brian_call(function, owner)
    if call is None:
        raise NotCompilable("it has no form in the loop")
    return call


def _brian_call(function: Function, owner: Any) -> Call | None:
    if id(function) in _NAMES:
        return _default_call(_NAMES[id(function)])
    if id(function) in _OWN:
        return Call(_OWN[id(function)])
    if isinstance(function, TimedArray):
        return _timed_array_call(function, owner)
    if isinstance(function, BinomialFunction):
        return _binomial_call(function)
    return None


def refuse_functions_for_other_targets(variables: dict[str, Any]) -> None:
    """Refuse functions that have code for C++ or Cython only.

    Raises
    ------
    NotImplementedError
        That names the function, and says what it needs.
    """
    for name, function in variables.items():
        if not isinstance(function, Function) or not is_of_user(function):
            continue
        targets = sorted(
            getattr(target, "class_name", None) or str(target)
            for target in function.implementations
            if target != "numpy"
        )
        if targets and has_no_python_code(function):
            raise NotImplementedError(
                f"the function '{name}' has code for {' and '.join(targets)} only, and its Python "
                "body does nothing. The device 'numba' and NumPy code need Python: write its body "
                f"in Python, or register one with "
                f"{name}.implementations.add_implementation('numpy', python_function)"
            )


def _default_call(name: str) -> Call | None:
    if name in _MATH:
        return Call(f"math.{_MATH[name]}")
    if name in _KERNELS:
        return Call(_KERNELS[name])
    if name in _RANDOM:
        return Call(_RANDOM[name], _NORMAL if name == "randn" else UNIFORM)
    if name in ("ceil", "floor"):
        # As in C a floating point number; Python's are whole and have no infinity.
        return Call(f"np.{name}")
    if name == "abs":
        return Call("abs")
    return None


def _timed_array_call(array: TimedArray, owner: Any) -> Call:
    # Brian 2 writes this constant into its C code with 18 decimals.
    dt = float(f"{array.dt:.18f}")
    bound = [
        # Without a copy: new values in the same array are seen by the next run.
        ("values", lambda: np.ascontiguousarray(array.values, dtype=np.float64)),
        ("dt", dt),
        ("K", _find_K(owner.clock.dt_, array.dt)),
    ]
    return Call(f"timed_array_{array.values.ndim}d", bound=bound)


def _binomial_call(function: BinomialFunction) -> Call | None:
    parameters = getattr(function, "_spikeplast_parameters", None)
    if parameters is None:
        return None
    n, p, use_normal = parameters
    if use_normal:
        loc, scale = n * p, np.sqrt(n * p * (1 - p))
        bound = [("scale", _fifteen_decimals(scale)), ("loc", _fifteen_decimals(loc))]
        return Call("binomial_normal", _NORMAL, bound)
    reverse, q, p_small, qn, limit = _pre_calc_constants(n, p)
    bound = [
        ("n", int(n)),
        ("p", _fifteen_decimals(p_small)),
        ("q", _fifteen_decimals(q)),
        ("qn", _fifteen_decimals(qn)),
        ("bound", _fifteen_decimals(limit)),
        ("reverse", bool(reverse)),
    ]
    return Call("binomial_inversion", UNIFORM, bound)


def _fifteen_decimals(x: float) -> float:
    # As Brian 2 writes it into its C code.
    return float(f"{x:.15f}")


def _keep_binomial_parameters() -> None:
    """Let each BinomialFunction remember n and p, which Brian 2 keeps in a closure only."""
    original = BinomialFunction.__init__

    def init(self: Any, n: Any, p: Any, approximate: bool = True, name: str = "_binomial*") -> None:
        original(self, n, p, approximate, name)
        use_normal = bool(approximate and n * p > 5 and n * (1 - p) > 5)
        self._spikeplast_parameters = (float(n), float(p), use_normal)

    init.__doc__ = original.__doc__
    BinomialFunction.__init__ = init


def accept_python_functions(code_object_class: type) -> None:
    """Let every function that NumPy code can call pass Brian 2's check for this class.

    Code that has no form in the loop runs on NumPy.  Brian 2 lets a function that is known
    only as Python code be its own implementation if the target is NumPy itself, and asks
    for an explicit one from any other class.
    """
    original = FunctionImplementationContainer.__getitem__

    def getitem(self: Any, key: Any) -> Any:
        if key is not code_object_class:
            return original(self, key)
        if NumpyCodeObject not in self:
            self.add_numpy_implementation(self._function.pyfunc)
        return original(self, NumpyCodeObject)

    FunctionImplementationContainer.__getitem__ = getitem


_keep_binomial_parameters()
