"""Let numbers near zero be zero.

What decays step by step ends among the denormal numbers, below 2.2e-308 (1.2e-38 in single
precision), and often stays there: half of the smallest one is rounded to nothing, and the
difference to itself.  Processors take some hundred cycles for each operation with one, so a
silent population would cost more than a busy one.  While the loop runs the processor takes them,
and gives them, as zero.

Precondition: the processor can, as those of the x86-64 and 64-bit ARM families do.
"""

from typing import Any

from .. import native
from ..program import Program


def flush_denormals(program: Program, device: Any) -> None:
    """Mark the program's loop as one that is run so."""
    program.flushes_denormals = native.processor() in native.FLUSHING_PROCESSORS
    if program.flushes_denormals:
        program.reports.append(("flush_denormals", "", "numbers below 2.2e-308 count as zero"))
