"""Speaks words with eSpeak NG and writes the samples; run as a program of its own.

eSpeak NG is licensed under the GPL, so it is called in a process of its own, in which nothing of
spikeplast is imported. Standard input is JSON: `seed`, `output` (an npz file to write) and
`requests`, a list of [voice, words per minute, pitch, word]. The library takes its noise from the
clock unless seeded, and a second pass in one process differs even then: so one process makes a
whole set, in the order of the requests.
"""

import ctypes
import json
import sys

import espeakng_loader
import numpy as np

SYNCHRONOUS, RATE, PITCH, BY_CHARACTER, UTF8 = 2, 1, 3, 1, 1
CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


def main() -> None:
    order = json.load(sys.stdin)
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    data = str(espeakng_loader.get_data_path()).encode()
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, data, 0)
    if rate <= 0:
        sys.exit(f"eSpeak NG did not start with its data in {data.decode()}")
    pieces: list[np.ndarray] = []

    def receive(samples, n, events):
        if samples and n > 0:
            pieces.append(np.ctypeslib.as_array(samples, (n,)).copy())
        return 0

    callback = CALLBACK(receive)
    library.espeak_SetSynthCallback(callback)
    library.espeak_ng_SetRandSeed(ctypes.c_long(order["seed"]))
    sounds = {}
    for number, (voice, speed, pitch, word) in enumerate(order["requests"]):
        if library.espeak_SetVoiceByName(voice.encode()) != 0:
            sys.exit(f"eSpeak NG has no voice {voice}")
        library.espeak_SetParameter(RATE, speed, 0)
        library.espeak_SetParameter(PITCH, pitch, 0)
        pieces.clear()
        text = word.encode()
        library.espeak_Synth(
            text, ctypes.c_size_t(len(text) + 1), 0, BY_CHARACTER, 0, UTF8, None, None
        )
        library.espeak_Synchronize()
        if not pieces:
            sys.exit(f"eSpeak NG said nothing for '{word}' by {voice}")
        sounds[str(number)] = np.concatenate(pieces)
    with open(order["output"], "wb") as file:
        np.savez(file, rate=np.array(rate), **sounds)


if __name__ == "__main__":
    main()
