"""What happens when Numba can't compile a loop: the objects at fault run in Python."""

import re
import warnings

from .reuse import Prepared


def blame(error: Exception, prepared: Prepared) -> dict[str, str]:
    """Names of the objects that keep a loop from being compiled, and why; warns of each.

    These are the ones in whose lines Numba sees the fault.  If it names no such line, all
    objects of the loop are taken out of it.

    Raises
    ------
    Exception
        The error itself, if no object is left in the loop.
    """
    reasons: dict[str, str] = {}
    source = prepared.loop.source.splitlines()
    of_lines = prepared.loop.objects
    for number in _line_numbers(error):
        if number in of_lines:
            line = source[number - 1].strip()
            reasons.setdefault(of_lines[number].name, f"Numba can't compile '{line}'")
    if not reasons:
        names = {obj.name for obj in of_lines.values()}
        reasons = dict.fromkeys(names, f"Numba can't compile the loop ({_cause(error)})")
    if not reasons:
        raise error
    for name, reason in sorted(reasons.items()):
        warnings.warn(
            f"'{name}' runs in Python, which is slow: {reason}. Write that expression in another "
            f"way, or report it with this message of Numba's: {_cause(error)}",
            stacklevel=2,
        )
    return reasons


def _line_numbers(error: Exception) -> list[int]:
    """The lines of the generated source that are named in an error of Numba's."""
    numbers = [int(n) for n in re.findall(r'loop_\w+\.py", line (\d+)', str(error))]
    numbers += [int(n) for n in re.findall(r"loop_\w+\.py \((\d+)\)", str(error))]
    place = getattr(error, "loc", None)
    if place is not None and "loop_" in str(place.filename):
        numbers.append(place.line)
    return numbers


def _cause(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    informative = [line for line in lines if not line.startswith(("Failed in", "During:", "["))]
    return f"{type(error).__name__}: {(informative or lines or ['no message'])[0]}"
