"""What the values of a column show: numbers and their decimal sign, dates, codes, keys, contact data, blanks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from clientela.capture.propose.look.dates import Dates, dates_in
from clientela.capture.propose.words import plain
from clientela.capture.reading import FALSE_WORDS, TRUE_WORDS

MOST = 0.97  # of the values must be of a kind for the column to be of it
ROWS = 0.99  # or so many of the rows: one slip among six quantities that come again and again is a slip
DISTINCT_READ = 2000  # distinct values that are looked at one by one
KEPT = 60_000  # distinct values that are kept to compare columns
NOTHING = frozenset({"", "null", "none", "n/a", "na", "nan", "-", "--", "?", "#n/a", "unknown", "(null)", "nil", "s/d"})

_SYMBOL = re.compile(r"(?P<money>€|\$|£|¥|EUR|USD|GBP|CHF)")
_SYMBOL_CODES = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_NUMBER = re.compile(r"^[+-]?(\d[\d.,'’ \u00a0\u202f]*|[.,]\d+)$")
_POINT = re.compile(r"^[+-]?(\d{1,3}(,\d{3})+\.\d*|\d*\.\d{1,2}|\d*\.\d{4,}|0\.\d+|\d{4,}\.\d+|\d{1,3}(,\d{3}){2,})$")
_COMMA = re.compile(r"^[+-]?(\d{1,3}(\.\d{3})+,\d*|\d*,\d{1,2}|\d*,\d{4,}|0,\d+|\d{4,},\d+|\d{1,3}(\.\d{3}){2,})$")
_EITHER = re.compile(r"^[+-]?[1-9]\d{0,2}[.,]\d{3}$")
_SCIENCE = re.compile(r"^[+-]?\d+(\.\d+)?[eE][+-]?\d{1,2}$")
_WHOLE = re.compile(r"^[+-]?\d+$")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_PHONE = re.compile(r"^\+?[\d\s().\-/]{7,20}$")

_YES_OR_NO = frozenset((*TRUE_WORDS, *FALSE_WORDS))


class Looks(StrEnum):
    """What a column holds, by its values."""

    EMPTY = "nothing"
    WHOLE = "whole numbers"
    NUMBER = "numbers"
    DATE = "dates"
    BOOL = "yes or no"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Profile:
    """One column of a file, as sampled.

    ``decimal``: the sign its numbers show, None when they do not tell. ``either``: some numbers could be read with
    either sign. ``packed_dates``: whole numbers that are days as well (20240131).
    """

    name: str
    rows: int
    filled: int
    looks: Looks
    distinct: frozenset[str] = field(repr=False, default=frozenset())
    examples: tuple[str, ...] = ()
    unique: bool = False
    dates: Dates | None = None
    decimal: str | None = None
    either: bool = False
    grouped: bool = False
    symbol: str | None = None
    lowest: float | None = None
    highest: float | None = None
    readable: float = 1.0
    emails: float = 0.0
    phones: float = 0.0
    letters: float = 0.0
    longest: int = 0
    mean_length: float = 0.0
    typed: bool = False
    many: int = 0  # distinct values, all of them

    @property
    def blank_share(self) -> float:
        """The part of the rows without a value."""
        return 1 - self.filled / self.rows if self.rows else 1.0

    @property
    def numeric(self) -> bool:
        """Whether it holds numbers."""
        return self.looks in (Looks.WHOLE, Looks.NUMBER)

    @property
    def said(self) -> str:
        """What it holds, in a few words for a comment."""
        blank = f", {self.blank_share:.0%} blank" if self.blank_share >= 0.005 else ""
        if self.dates is not None and self.looks is Looks.DATE:
            wrong = f", {1 - self.dates.share:.1%} unreadable" if self.dates.share < 1 else ""
            return f"dates as {spoken(self.dates.patterns[0])}{wrong}{blank}"
        if self.looks is Looks.NUMBER and self.decimal == ",":
            return f"numbers with a decimal comma{blank}"
        unique = ", each once" if self.unique and self.rows > 1 else ""
        return f"{self.looks.value}{unique}{blank}"


def spoken(pattern: str) -> str:
    """A date pattern as people write it.

    Examples
    --------
    >>> spoken("%d/%m/%Y %H:%M")
    'dd/mm/yyyy hh:mm'
    """
    if not pattern:
        return "yyyy-mm-dd"
    names = {"%d": "dd", "%m": "mm", "%Y": "yyyy", "%y": "yy", "%H": "hh", "%I": "hh", "%M": "mm", "%S": "ss"}
    for sign, name in {**names, "%f": "ffffff", "%p": "am/pm", "%b": "mon"}.items():
        pattern = pattern.replace(sign, name)
    return pattern


def profile(name: str, cells: Sequence[str | None], *, typed: str = "") -> Profile:
    """What a column shows.

    Parameters
    ----------
    name
        Of the column.
    cells
        Its cells in the order of the file, None or blank where there is no value.
    typed
        What a Parquet column is by its type (a ``Looks``), if the file says.
    """
    counts = Counter(cells)
    counts.pop(None, None)
    found: dict[str, int] = {}
    for cell, count in counts.items():
        value = cell.strip() if cell is not None else ""
        if plain(value) not in NOTHING if len(value) < 10 else True:
            found[value] = found.get(value, 0) + count
    filled = sum(found.values())
    base = Profile(name=name, rows=len(cells), filled=filled, looks=Looks.EMPTY)
    if not found:
        return base
    values = list(found)
    some = values if len(values) <= DISTINCT_READ else values[:: len(values) // DISTINCT_READ + 1]
    shared: dict[str, Any] = {
        "rows": len(cells), "filled": filled, "distinct": frozenset(values[:KEPT]), "examples": tuple(some[:5]),
        "unique": filled == len(found) and filled == len(cells), "many": len(found),
        "emails": _part(some, _EMAIL), "phones": _part(some, _PHONE), "longest": max(map(len, some)),
        "mean_length": sum(map(len, some)) / len(some),
        "letters": sum(any(sign.isalpha() for sign in value) for value in some) / len(some),
        "typed": bool(typed),
    }  # fmt: skip
    ordered = [cell.strip() for cell in cells[:50_000] if cell]
    dates = dates_in(some, ordered=ordered) if typed in ("", Looks.DATE, Looks.WHOLE) else None
    numbers = _numbers(some, typed, found) if typed in ("", Looks.WHOLE, Looks.NUMBER) else {}
    if dates is not None and (not numbers or typed == Looks.DATE):
        return Profile(name=name, looks=Looks.DATE, dates=dates, readable=dates.share, **shared)
    if set(map(str.lower, values)) <= _YES_OR_NO and len(values) == 2 and not numbers:
        return Profile(name=name, looks=Looks.BOOL, **shared)
    if numbers:
        return Profile(name=name, dates=dates, **{**shared, **numbers})
    return Profile(name=name, looks=Looks(typed) if typed else Looks.TEXT, **shared)


def number_of(value: str, decimal: str | None) -> float | None:
    """A number as a float, for comparing sums; None when it is none."""
    bare = re.sub(r"[\s\u00a0\u202f'’€$£]", "", value)
    bare = bare.replace(".", "").replace(",", ".") if decimal == "," else bare.replace(",", "")
    try:
        return float(bare)
    except ValueError:
        return None


def _part(values: Sequence[str], shape: re.Pattern[str]) -> float:
    return sum(bool(shape.match(value)) for value in values) / len(values)


def _numbers(values: Sequence[str], typed: str, rows: Mapping[str, int]) -> dict[str, Any]:
    """The facts of a column of numbers; empty when it holds something else. ``rows``: how many have each value."""
    symbols = {found.group() for value in values[:500] if (found := _SYMBOL.search(value))}
    bare = [_SYMBOL.sub("", value).strip() for value in values] if symbols else values
    fits = [bool(_NUMBER.match(value) or _SCIENCE.match(value)) for value in bare]
    fitting = [value for value, right in zip(bare, fits, strict=True) if right]
    of_rows = sum(rows[value] for value, right in zip(values, fits, strict=True) if right)
    right_rows = of_rows / sum(rows[value] for value in values)
    if not fitting or (len(fitting) < MOST * len(values) and right_rows < ROWS):
        return {}
    readable = max(right_rows, len(fitting) / len(values))
    if all(_WHOLE.match(value) for value in fitting) and not symbols:
        leading = sum(len(value) > 1 and value.lstrip("+-").startswith("0") for value in fitting)
        if leading > 0.02 * len(fitting) or max(map(len, fitting)) > 15:
            return {}  # codes with leading zeros, telephone numbers, long identifiers
        ends = [int(value) for value in fitting]
        return {"looks": Looks.WHOLE, "lowest": min(ends), "highest": max(ends),
                "readable": readable}  # fmt: skip
    point, comma = sum(bool(_POINT.match(v)) for v in fitting), sum(bool(_COMMA.match(v)) for v in fitting)
    if typed:
        point, comma = len(fitting), 0
    either = sum(bool(_EITHER.match(value)) for value in fitting)
    decimal = None if point == comma else "." if point > comma else ","
    if min(point, comma) > 0.02 * max(point, comma):
        decimal = None
    read = [number for value in fitting if (number := number_of(value, decimal)) is not None]
    if not read or len(read) < MOST * len(fitting):
        return {}
    mark = {".": ",", ",": "."}.get(decimal or "", "\0")
    return {
        "looks": Looks.NUMBER, "decimal": decimal, "either": bool(either) and not (point or comma),
        "grouped": any(mark in value for value in fitting), "symbol": _one_code(symbols),
        "lowest": min(read), "highest": max(read), "readable": readable,
    }  # fmt: skip


def _one_code(symbols: set[str]) -> str | None:
    codes = {_SYMBOL_CODES.get(symbol, symbol) for symbol in symbols}
    return codes.pop() if len(codes) == 1 else None
