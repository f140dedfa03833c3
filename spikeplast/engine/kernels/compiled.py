"""How the small functions are compiled."""

from numba import njit

#: Of functions that make no arrays.  Without `_nrt=False`, Numba counts references to the
#: arrays at each call, which takes ten times as long as a random draw.
compiled = njit(cache=True, error_model="numpy", _nrt=False)  # type: ignore[call-overload]
#: Of functions in generated sources, whose object code is kept with the loop's.
in_loop = njit(error_model="numpy", _nrt=False)  # type: ignore[call-overload]
