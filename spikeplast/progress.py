"""A progress bar for Brian 2's `report`."""

import sys
from types import TracebackType
from typing import Any

from brian2.core.network import Network


class ProgressBar:
    """A bar of tqdm's, in a terminal or a notebook, that counts biological time.

        run(10*second, report=spikeplast.ProgressBar())

    On the device `numba` it moves several times a second, and is closed however the run ends. On
    Brian 2's own runtime device, give `report_period=0.5*second` besides, and write

        with spikeplast.ProgressBar() as bar:
            run(10*second, report=bar, report_period=0.5*second)

    if it is to be closed after an error too. A bar may be used for several runs; each draws its
    own. Devices that run without Python (cpp_standalone) take none.

    Parameters
    ----------
    description : str, optional
        What to write before the bar.
    file : text file, optional
        Where to draw; by default stderr. Nothing is drawn if that is no terminal, unless in a
        notebook.
    """

    #: Seconds after which the device `numba` reports, if the run's report_period is longer.
    report_period = 0.2

    def __init__(self, description: str = "", file: Any = None):
        if not isinstance(description, str):
            raise TypeError(
                f"ProgressBar takes a description as text, not {description!r}; "
                "give the bar itself to run(..., report=bar)"
            )
        self._description = description
        self._file = file
        self._bar: Any = None
        self._elapsed = 0.0

    def __call__(self, elapsed: Any, completed: float, start: Any, duration: Any) -> None:
        """What Brian 2 calls at the begin, during and at the end of a run.

        Parameters
        ----------
        elapsed : Quantity, wall time since the begin of the run
        completed : float, from 0 to 1
        start, duration : Quantity, biological time of the run's begin and its length
        """
        if float(elapsed) < self._elapsed:
            # A run before this one ended in an error.
            self.close()
        self._elapsed = float(elapsed)
        if self._bar is None:
            self._bar = self._new_bar(float(duration))
        self._bar.n = completed * float(duration)
        self._bar.refresh()
        if completed >= 1 or Network._globally_stopped:
            self.close()

    def _new_bar(self, duration: float) -> Any:
        from tqdm.auto import tqdm

        file = sys.stderr if self._file is None else self._file
        return tqdm(
            total=duration,
            desc=self._description or None,
            file=self._file,
            disable=not (file.isatty() or "ipykernel" in sys.modules),
            bar_format="{l_bar}{bar}| {n:.4g}/{total:.4g} s [{elapsed}<{remaining}]",
        )

    def close(self) -> None:
        """Leave the bar as it is, and the cursor below it."""
        if self._bar is not None:
            self._bar.close()
        self._bar = None
        self._elapsed = 0.0

    #: What the device `numba` calls at the end of a run, whatever ended it.
    run_ended = close

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
