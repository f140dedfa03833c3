"""Which of Brian 2's devices and code generation targets runs an experiment."""

from __future__ import annotations

from brian2 import prefs, set_device

from experiments.common.command_line import InputError

__all__ = ["DEVICES", "use_device"]

DEVICES = ("numba", "cython", "numpy")


def use_device(name: str) -> None:
    """Choose spikeplast's engine ("numba") or Brian 2's runtime device with a target.

    Raises:
        InputError: if the device is not available here.
    """
    if name == "numba":
        try:
            import spikeplast.engine  # noqa: F401  (registers the device)

            set_device("numba")
        except (ImportError, ValueError) as error:
            raise InputError(
                f"--device numba does not work here ({error}); give --device cython or numpy"
            ) from error
        # What sets the network up runs once: compiling it would not pay.
        prefs.codegen.target = "numpy"
        return
    if name not in DEVICES:
        raise InputError(f"--device {name} is unknown; give one of {', '.join(DEVICES)}")
    set_device("runtime")
    prefs.codegen.target = name
