"""What the device makes of Brian 2's abstract code: parsed statements, not yet a program."""

import ast
import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2 import prefs
from brian2.codegen.codeobject import CodeObject
from brian2.codegen.generators.base import CodeGenerator
from brian2.codegen.runtime.cython_rt import CythonCodeObject
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.codegen.statements import Statement
from brian2.core.functions import Function
from brian2.core.variables import AuxiliaryVariable
from brian2.devices.device import RuntimeDevice, all_devices
from brian2.parsing.bast import brian_ast

from .functions import accept_python_functions, call_of
from .python_source import NotCompilable

#: Templates whose code can stand in the compiled loop.
FUSED_TEMPLATES = frozenset(
    {
        "stateupdate",
        "threshold",
        "reset",
        "synapses",
        "synapses_push_spikes",
        "summed_variable",
        "spikegenerator",
        "spikemonitor",
        "statemonitor",
        "ratemonitor",
    }
)


@dataclass
class Template:
    """What Brian 2 asks of a template, for those that the loop replaces."""

    variables: set[str]
    iterate_all: set[str]
    allows_scalar_write: bool


class Templater:
    """Fused templates by their meaning; all others from the target for set-up code."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in FUSED_TEMPLATES:
            cython = getattr(CythonCodeObject.templater, name)
            numpy = getattr(NumpyCodeObject.templater, name)
            return Template(
                # The capsule is a pointer to Brian 2's own C++ queue, which is not used here.
                variables=(set(cython.variables) | set(numpy.variables)) - {"_queue_capsule"},
                iterate_all=cython.iterate_all,
                allows_scalar_write=cython.allows_scalar_write,
            )
        return getattr(setup_class().templater, name)


def setup_class() -> type[CodeObject]:
    """The target for code that runs outside of the loop: `connect`, setting variables...

    With `prefs.codegen.target = "auto"` this is NumPy, because Brian 2's other choice
    waits for a C++ compiler.
    """
    if prefs["codegen.target"] == "auto":
        return NumpyCodeObject
    return RuntimeDevice.code_object_class(all_devices["runtime"], None)


class NumbaCodeGenerator(CodeGenerator):
    """Keeps the statements that Brian 2 parsed and optimised, without writing any code."""

    class_name = "numba"

    def translate_statement_sequence(
        self,
        scalar_statements: dict[str | None, list[Statement]],
        vector_statements: dict[str | None, list[Statement]],
    ) -> tuple[dict, dict, dict]:
        return scalar_statements, vector_statements, {}


@dataclass
class Block:
    """The statements of one code object.

    `scalar` statements run once, `vector` statements for each element.
    """

    generator: NumbaCodeGenerator
    scalar: list[Statement]
    vector: list[Statement]

    @property
    def variables(self) -> dict[str, Any]:
        return self.generator.variables

    @property
    def indices(self) -> dict[str, str]:
        return self.generator.variable_indices

    @property
    def owner(self) -> Any:
        return self.generator.owner

    @property
    def written(self) -> list[Any]:
        """The variables that the statements write."""
        names = {statement.var for statement in (*self.scalar, *self.vector)}
        return [variable for name, variable in self.variables.items() if name in names]


def parse(
    code: str,
    owner: Any,
    variables: dict[str, Any],
    indices: Any,
    name: str,
    template_name: str,
    override_conditional_write: Any = None,
    dtype: Any = np.float64,
) -> Block:
    """Parse abstract code as Brian 2's own targets do, in the same order of statements.

    `dtype` is that of intermediate results.
    """
    template = getattr(NumbaCodeObject.templater, template_name)
    generator = NumbaCodeGenerator(
        # Brian 2 adds to both while it translates.
        variables=dict(variables),
        variable_indices=copy.copy(indices),
        owner=owner,
        iterate_all=template.iterate_all,
        codeobj_class=NumbaCodeObject,
        name=name,
        template_name=template_name,
        override_conditional_write=override_conditional_write,
        allows_scalar_write=template.allows_scalar_write,
    )
    with _default_precision(dtype):
        scalar, vector, _ = generator.translate({None: code}, dtype=dtype)
    # Brian 2 caches statements, and passes rewrite them.
    return Block(
        generator,
        [copy.copy(statement) for statement in scalar[None]],
        [copy.copy(statement) for statement in vector[None]],
    )


@contextmanager
def _default_precision(dtype: Any) -> Iterator[None]:
    """Brian 2's optimisation asks for it in several places."""
    old = prefs.core.default_float_dtype
    if old is not dtype:
        prefs.core.default_float_dtype = dtype
    try:
        yield
    finally:
        if old is not dtype:
            prefs.core.default_float_dtype = old


def function_calls(block: Block) -> set[tuple[str, tuple[str, ...]]]:
    """Names of the functions that a block calls, each with the kinds of its arguments."""
    if not any(isinstance(variable, Function) for variable in block.variables.values()):
        return set()
    types = dict(block.variables)
    calls = set()
    for statement in [*block.scalar, *block.vector]:
        if statement.var not in types:
            types[statement.var] = AuxiliaryVariable(
                statement.var, dtype=statement.dtype, scalar=statement.scalar
            )
        for node in ast.walk(brian_ast(statement.expr, types)):
            if isinstance(node, ast.Call):
                assert isinstance(node.func, ast.Name)
                calls.add((node.func.id, kinds_of(node)))
    return calls


def kinds_of(call: ast.Call) -> tuple[str, ...]:
    """Of the arguments of a call in a tree made by `brian_ast`."""
    return tuple(getattr(argument, "dtype", "float") for argument in call.args)


class NumbaCodeObject(NumpyCodeObject):
    """Code that waits to become part of a compiled loop.

    It is a NumPy code object to Brian 2, so that functions with a NumPy implementation
    are accepted, and it turns into a real one when it has to run outside of the loop.
    """

    class_name = "numba"
    generator_class = NumbaCodeGenerator
    templater = Templater()

    def __init__(
        self,
        owner: Any,
        code: dict[str | None, str],
        variables: dict[str, Any],
        variable_indices: Any,
        template_name: str,
        template_kwds: dict[str, Any],
        override_conditional_write: Any,
        name: str,
        device: RuntimeDevice,
    ):
        CodeObject.__init__(
            self,
            owner,
            code,
            variables,
            variable_indices,
            template_name,
            template_source="",
            compiler_kwds={},
            name=name,
        )
        self.template_kwds = template_kwds
        self._override_conditional_write = override_conditional_write
        self._device = device
        self._outside: Any = None
        self.block = parse(
            code[None],
            owner,
            variables,
            variable_indices,
            name,
            template_name,
            override_conditional_write,
            prefs.core.default_float_dtype,
        )

    @property
    def obstacle(self) -> str | None:
        """Why this code can't stand in the loop; None if it can."""
        for name, kinds in function_calls(self.block):
            try:
                call_of(self.block.variables[name], self.owner, kinds)
            except NotCompilable as reason:
                return f"function {name}() is Python code: {reason}"
        return None

    @property
    def outside(self) -> Any:
        """The same code as one of Brian 2's own NumPy code objects."""
        if self._outside is None:
            self._outside = RuntimeDevice.code_object(
                self._device,
                owner=self.owner,
                name=self.name + "_outside*",
                abstract_code=self.code,
                variables=dict(self.variables),
                template_name=self.template_name,
                variable_indices=copy.copy(self.variable_indices),
                codeobj_class=NumpyCodeObject,
                template_kwds=self.template_kwds,
                override_conditional_write=self._override_conditional_write,
            )
        return self._outside

    def before_run(self) -> None:
        if self.template_name == "synapses_push_spikes":
            self.owner.initialise_queue()

    def after_run(self) -> None:
        # As Brian 2's own templates: no event of this run is seen by the next.
        if self.template_name == "threshold":
            self.template_kwds["eventspace_variable"].get_value()[-1] = 0

    def __call__(self, **kwds: Any) -> Any:
        if self.template_name == "synapses_push_spikes":
            return self.owner.push_spikes()
        return self.outside(**kwds)

    def run(self) -> Any:
        return self()


accept_python_functions(NumbaCodeObject)
