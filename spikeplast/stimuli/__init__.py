"""Arrays of input: images of digits, patches of photographs, spoken digits and their cochleograms,
pairing protocols.
"""

from . import cochleogram as cochleogram
from . import correlated as correlated
from . import digits as digits
from . import pairing as pairing
from . import photograph_files as photograph_files
from . import photographs as photographs
from . import sound as sound
from . import spike_encoding as spike_encoding
from . import spoken_digits as spoken_digits
from . import synthetic_speech as synthetic_speech
