"""The Brian 2 device `numba`: a whole network compiled into one loop.

Importing this package registers the device; `brian2.set_device("numba")` turns it on.
"""

from brian2.devices.device import all_devices

from .device import NumbaDevice

all_devices.setdefault("numba", NumbaDevice())
