"""Recordings of spoken digits, from folders of wav files.

The Free Spoken Digit Dataset in its own layout, or any folder whose file names say digit and
speaker; `synthetic_speech.synthetic_digits` makes such a set without any file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spikeplast.stimuli.sound import read_wav

__all__ = ["FSDD_PATTERN", "WORDS", "SpokenDigits", "Utterance", "load_folder", "load_fsdd"]

FSDD_PATTERN = "{digit}_{speaker}_{index}.wav"
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_LABELS = {word: digit for digit, word in enumerate(WORDS)} | {str(n): n for n in range(10)}
# As in file names of TIDIGITS; "oh" is a word of its own there.
_LABELS |= {"z": 0, "oh": 10, "o": 10}
_FIELDS = {
    "digit": "(?P<digit>" + "|".join(sorted(_LABELS, key=len, reverse=True)) + ")",
    "speaker": "(?P<speaker>[^/]+?)",
    "index": r"(?P<index>\d+|[a-z])",
    "*": "[^/]*",
}


@dataclass(frozen=True, eq=False)
class Utterance:
    """One recording of one digit; equal only to itself."""

    audio: NDArray[np.float64]
    """(n,) samples"""
    rate: int
    """Samples per second"""
    digit: int
    """0 to 9; 10 for "oh" """
    speaker: str
    index: int
    """Number among the recordings of this digit by this speaker"""

    @property
    def name(self) -> str:
        """Digit, speaker and index, as the Free Spoken Digit Dataset names its files."""
        return f"{self.digit}_{self.speaker}_{self.index}"


@dataclass(frozen=True)
class SpokenDigits:
    """Utterances, and where they come from."""

    utterances: tuple[Utterance, ...]
    source: str
    skipped: tuple[str, ...] = field(default=())
    """One line for each file that was left out because it is bad"""

    def __len__(self) -> int:
        return len(self.utterances)

    @property
    def digits(self) -> NDArray[np.int64]:
        """(n,)"""
        return np.array([u.digit for u in self.utterances], dtype=np.int64)

    @property
    def speakers(self) -> NDArray[np.str_]:
        """(n,)"""
        return np.array([u.speaker for u in self.utterances], dtype=str)

    @property
    def indices(self) -> NDArray[np.int64]:
        """(n,)"""
        return np.array([u.index for u in self.utterances], dtype=np.int64)

    def of(
        self,
        *,
        digits: Iterable[int] | None = None,
        speakers: Iterable[str] | None = None,
        indices: Callable[[int], bool] | None = None,
    ) -> SpokenDigits:
        """The utterances of these digits and speakers whose index `indices` accepts, in order.

        Raises:
            ValueError: for a digit or speaker of whom there is no recording at all, or if none
                meets all conditions.
        """
        kept = self.utterances
        for what, wanted in (("digit", digits), ("speaker", speakers)):
            if wanted is None:
                continue
            chosen = list(wanted)
            there = sorted({getattr(u, what) for u in self.utterances})
            missing = [str(value) for value in chosen if value not in there]
            if missing:
                raise ValueError(
                    f"{self.source}: no recording of {what} {', '.join(missing)}; there are "
                    f"{', '.join(map(str, there))}"
                )
            kept = tuple(u for u in kept if getattr(u, what) in chosen)
        if indices is not None:
            kept = tuple(u for u in kept if indices(u.index))
        if not kept:
            raise ValueError(f"{self.source}: no recording meets all that was asked for")
        return SpokenDigits(kept, self.source)


def load_fsdd(folder: Path | str, *, skip_bad: bool = False) -> SpokenDigits:
    """The Free Spoken Digit Dataset (Z. Jackson and others, CC BY-SA 4.0), or part of it.

    Args:
        folder: the data set's folder or its `recordings`, with files `{digit}_{speaker}_{index}
            .wav`; the official test split is index 0 to 4.
        skip_bad: see `load_folder`, which also says what is raised.
    """
    folder = Path(folder)
    inner = folder / "recordings"
    return load_folder(inner if inner.is_dir() else folder, FSDD_PATTERN, skip_bad=skip_bad)


def load_folder(folder: Path | str, pattern: str, *, skip_bad: bool = False) -> SpokenDigits:
    """Spoken digits in wav files whose names, relative to `folder`, fit `pattern`.

    `{digit}` stands for 0 to 9 or an English word ("zero" to "nine"; also "z" for zero, and "oh"
    or "o", which get the label 10); `{speaker}` for a name; `{index}` for a number or one small
    letter, and may be missing (recordings are then numbered in the order of their names); `*` for
    anything but a slash. So `{speaker}/{digit}{index}.wav` fits a folder for each speaker with
    files 1a.wav, zb.wav. Files that do not fit are no part of the set. Order: speaker, digit,
    index.

    Args:
        skip_bad: leave out files that cannot be used, and list them in `skipped`.

    Raises:
        FileNotFoundError: if there is no such folder.
        ValueError: for a pattern without `{digit}` or `{speaker}`, a folder without a file that
            fits it or without one that can be used, two files of one digit, speaker and index, and
            (unless `skip_bad`) the first file that `read_wav` refuses. One line, which names it.
    """
    folder = Path(folder)
    expression = _expression(pattern)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such folder; give one with recordings")
    found: dict[tuple[str, int, int], Path] = {}
    counts: dict[tuple[str, int], int] = {}
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    for name in names:
        match = expression.fullmatch(name)
        if match is None or not (folder / name).is_file():
            continue
        parts = match.groupdict()
        speaker, digit = parts["speaker"], _LABELS[parts["digit"]]
        count = counts.get((speaker, digit), 0)
        counts[speaker, digit] = count + 1
        key = (speaker, digit, _number(parts.get("index"), count))
        if key in found:
            raise ValueError(
                f"{folder / name} and {found[key]} are both digit {digit} of {speaker} with index "
                f"{key[2]}; rename one of them"
            )
        found[key] = folder / name
    if not found:
        example = f" (such as {names[0]})" if names else ""
        raise ValueError(
            f"{folder}: no spoken digit in it, none of its {len(names)} files{example} is named as "
            f"{pattern}"
        )
    utterances, skipped = [], []
    for (speaker, digit, index), path in sorted(found.items()):
        try:
            sound = read_wav(path)
        except (ValueError, OSError) as error:
            if not skip_bad:
                raise
            skipped.append(" ".join(str(error).split()))
            continue
        utterances.append(Utterance(sound.audio, sound.rate, digit, speaker, index))
    if not utterances:
        raise ValueError(
            f"{folder}: none of its {len(found)} recordings can be used; the first: {skipped[0]}"
        )
    return SpokenDigits(tuple(utterances), str(folder), tuple(skipped))


def _expression(pattern: str) -> re.Pattern[str]:
    for name in ("digit", "speaker"):
        if pattern.count(f"{{{name}}}") != 1:
            raise ValueError(f"the pattern '{pattern}' needs {{{name}}} once, as in {FSDD_PATTERN}")
    parts = re.split(r"(\{\w*\}|\*)", pattern)
    unknown = [part for part in parts if part[:1] == "{" and part[1:-1] not in _FIELDS]
    if unknown or pattern.count("{index}") > 1:
        what = unknown[0] if unknown else "{index} twice"
        raise ValueError(
            f"the pattern '{pattern}' holds {what}; it may hold {{digit}}, {{speaker}} and "
            "{index} once each, and *"
        )
    text = "".join(_FIELDS.get(part.strip("{}"), re.escape(part)) for part in parts)
    return re.compile(text)


def _number(index: str | None, count: int) -> int:
    if index is None:
        return count
    return int(index) if index.isdigit() else ord(index) - ord("a")
