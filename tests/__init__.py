"""Tests mirror the package. With ``SPIKEPLAST_THOROUGH`` set, random networks are more."""

import os

THOROUGH = "SPIKEPLAST_THOROUGH" in os.environ
