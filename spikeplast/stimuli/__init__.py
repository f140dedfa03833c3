"""Arrays of input: images of digits, pairing protocols."""

from . import digits as digits
from . import pairing as pairing
