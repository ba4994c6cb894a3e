"""What happens to words on their way into a system: typing errors, misread letters, dropped and swapped ones."""

from __future__ import annotations

import numpy as np

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


def mistyped(word: str, chance: np.ndarray) -> str:
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


def misdated(day: np.datetime64, chance: np.ndarray) -> np.datetime64:
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
