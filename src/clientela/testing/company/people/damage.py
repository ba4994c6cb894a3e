"""What happens to words on their way into a system: typing errors, misread letters, dropped and swapped ones."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clientela.estimators.arrays import Floats
from clientela.testing.company.people.drawn import Numbers

_BESIDE = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl",
    "p": "ol", "a": "qsz", "s": "awdx", "d": "sefc", "f": "drgv", "g": "fthb", "h": "gyjn", "j": "hukm", "k": "jil",
    "l": "kop", "z": "asx", "x": "zsdc", "c": "xdfv", "v": "cfgb", "b": "vghn", "n": "bhjm", "m": "njk",
    "0": "19", "1": "02", "2": "13", "3": "24", "4": "35", "5": "46", "6": "57", "7": "68", "8": "79", "9": "80",
}  # fmt: skip
_MISREAD = (
    ("m", "rn"),
    ("l", "1"),
    ("o", "0"),
    ("cl", "d"),
    ("i", "l"),
    ("v", "u"),
    ("5", "S"),
    ("8", "B"),
    ("w", "vv"),
)
_HEARD = (
    ("v", "b"), ("b", "v"), ("ll", "y"), ("z", "s"), ("c", "k"), ("ph", "f"), ("h", ""), ("ei", "ie"), ("y", "i"),
    ("ij", "y"), ("g", "j"), ("cc", "c"), ("tt", "t"), ("ss", "s"), ("nn", "n"), ("dt", "d"), ("ee", "e"),
)  # fmt: skip


def mistyped(word: str, chance: Floats) -> str:
    """The word with one error; ``chance`` holds four numbers between 0 and 1 that decide which.

    Examples
    --------
    >>> mistyped("molina", np.array([0.0, 0.4, 0.0, 0.0]))
    'moina'
    """
    if len(word) < 3:
        return word
    kind, place = float(chance[0]), 1 + int(chance[1] * (len(word) - 2))
    before, letter, after = word[:place], word[place], word[place + 1 :]
    if kind < 0.22:
        wrong = before + after
    elif kind < 0.40:
        wrong = before + letter + letter + after
    elif kind < 0.58:
        wrong = before[:-1] + letter + before[-1] + after
    elif kind < 0.80:
        near = _BESIDE.get(letter.lower(), "")
        new = near[int(chance[2] * len(near))] if near else ""
        wrong = before + (new.upper() if letter.isupper() else new) + after
    else:
        wrong = _changed(word, _MISREAD if kind < 0.88 else _HEARD, float(chance[2]))
    return wrong


def _changed(word: str, pairs: tuple[tuple[str, str], ...], chance: float) -> str:
    first = int(chance * len(pairs))
    for old, new in (*pairs[first:], *pairs[:first]):
        place = word.find(old, 1)
        if place > 0:
            return word[:place] + new + word[place + len(old) :]
    return word[:-1]


def misdated(day: np.datetime64, chance: Floats) -> np.datetime64:
    """The date with day and month swapped where that is a date, another year, or another day.

    Examples
    --------
    >>> misdated(np.datetime64("1980-03-07"), np.array([0.0, 0.0]))
    np.datetime64('1980-07-03')
    """
    year, month, number = (int(part) for part in str(day).split("-"))
    if chance[0] < 0.4 and number <= 12 and number != month:
        return np.datetime64(f"{year:04}-{number:02}-{month:02}")
    if chance[0] < 0.7:
        return np.datetime64(f"{year + (1 if chance[1] < 0.5 else -1):04}-{month:02}-{min(number, 28):02}")
    return np.datetime64(f"{year:04}-{month:02}-{1 + int(chance[1] * 28):02}")


def with_errors(column: pa.Array, places: Numbers, chances: Floats) -> pa.Array:
    """A column of texts or dates with one error in each of some places; what is unknown stays so.

    Parameters
    ----------
    chances : (places, 4), between 0 and 1
    """
    both = zip(column.take(pa.array(places)).to_pylist(), chances, strict=True)
    new: list[object]
    if pa.types.is_date(column.type):
        new = [None if day is None else misdated(np.datetime64(day), chance).item() for day, chance in both]
    else:
        new = [None if word is None else mistyped(word, chance) for word, chance in both]
    order = np.argsort(places)  # a mask takes what replaces in its own order
    mask = np.zeros(len(column), bool)
    mask[places] = True
    return pc.replace_with_mask(column, pa.array(mask), pa.array([new[place] for place in order], column.type))
