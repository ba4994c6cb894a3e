"""How a cell of a source is read as a type of a contract; what cannot be read gives null and the row is bad.

An engine's own casts are too kind: they take ``inf``, ``0x10``, ``1_000``, round ``1.5`` to 2 and drop an
offset. So a text must match a pattern of its type first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import pyarrow as pa
from sqlglot import exp

from clientela.contracts.schema import Type
from clientela.warehouse.physical import ENGINE_TYPES

TRUE_WORDS = ("true", "t", "yes", "y", "1", "si", "sí", "s", "ja", "j", "vero", "verdadero", "waar")
FALSE_WORDS = ("false", "f", "no", "n", "0", "nee", "falso", "onwaar")

ERASED = "~erased~"  # begins what stands in place of an erased person's key where a formula still needs one

_SPACES = " \u00a0\u202f'’"
# What nobody sees at the ends of a cell, beside spaces: line ends, tabs, marks of width and of direction. A key
# that was pasted with one would be another customer.
_UNSEEN = (
    "\t\n\x0b\x0c\r\x85\u2028\u2029\u200b\u2060\ufeff\u061c\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_TIME = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d([.,]\d{1,9})?)?"
_OFFSET = r" ?(Z|[+-](?:0\d|1[0-4]):?(?:[0-5]\d)?)"
_DAY = r"[1-9]\d{3}-\d{2}-\d{2}"

# What a directive of strptime may stand for; other directives are refused when the settings are read.
DIRECTIVES = {
    "Y": r"[1-9]\d{3}",
    "y": r"\d{2}",
    "m": r"\d{1,2}",
    "d": r"\d{1,2}",
    "H": r"\d{1,2}",
    "I": r"\d{1,2}",
    "M": r"\d{1,2}",
    "S": r"\d{1,2}",
    "f": r"\d{1,6}",
    "p": r"[AaPp][Mm]",
    "b": r"[A-Za-z]{3}",
    "B": r"[A-Za-z]+",
    "a": r"[A-Za-z]{3}",
    "A": r"[A-Za-z]+",
    "j": r"\d{3}",
}


class Raw(StrEnum):
    """What a source's column holds before it is read."""

    TEXT = "text"
    INT = "int"
    FLOAT = "float"
    DECIMAL = "decimal"
    BOOL = "bool"
    DATE = "date"
    LOCAL = "local"  # a timestamp without a zone
    INSTANT = "instant"  # a timestamp with one
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a source writes numbers and dates. ``decimal`` unset: a point, and no comma is believed."""

    decimal: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A reading of an instant: the wall clock, its offset from UTC in seconds, whether it is a mere day."""

    clock: exp.Expr
    offset: exp.Expr | None = None
    is_day: exp.Expr | None = None


def raw_of(kind: pa.DataType) -> Raw:
    """What an Arrow column holds."""
    tests = (
        (Raw.INT, pa.types.is_integer),
        (Raw.FLOAT, pa.types.is_floating),
        (Raw.DECIMAL, pa.types.is_decimal),
        (Raw.BOOL, pa.types.is_boolean),
        (Raw.DATE, pa.types.is_date),
    )
    if pa.types.is_timestamp(kind):
        return Raw.INSTANT if kind.tz else Raw.LOCAL
    if pa.types.is_dictionary(kind):
        return raw_of(kind.value_type)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return Raw.TEXT
    return next((raw for raw, test in tests if test(kind)), Raw.OTHER)


def as_text(cell: exp.Expr, raw: Raw) -> exp.Expr:
    """The cell as text: a whole number has no ``.0``, an empty text is null."""
    if raw is Raw.TEXT:
        return exp.Nullif(this=_trimmed(cell), expression=exp.Literal.string(""))
    plain = _cast(cell, "varchar")
    if raw in (Raw.FLOAT, Raw.DECIMAL):
        whole = exp.and_(exp.EQ(this=cell.copy(), expression=call("trunc", cell.copy())), _below(cell, "1e15"))
        return _case((whole, _cast(_cast(cell, "bigint"), "varchar")), (_finite(cell, raw), plain))
    return plain


def of_person(key: exp.Expr) -> exp.Expr:
    """The key of a person; null for what stands in place of an erased one's."""
    erased = exp.or_(*(call("contains", key.copy(), _string(said)) for said in (ERASED, ERASED.upper())))
    return exp.Case(ifs=[exp.If(this=exp.Not(this=exp.paren(erased)), true=key.copy())])


def read(cell: exp.Column, raw: Raw, wanted: Type, reading: Reading) -> exp.Expr:
    """The cell as a value of the type (not an instant), null where it is none."""
    if wanted is Type.TEXT:
        return as_text(cell, raw)
    direct = _direct(cell, raw, wanted)
    if direct is not None:
        return direct
    text = cell if raw is Raw.TEXT else as_text(cell, raw)
    if wanted is Type.BOOL:
        word = call("lower", text.copy())
        yes, no = (exp.In(this=word.copy(), expressions=_strings(words)) for words in (TRUE_WORDS, FALSE_WORDS))
        return _case((yes, exp.true()), (no, exp.false()))
    if wanted is Type.DATE:
        return _day(text, reading)
    if wanted is Type.INT:
        return _integer(text, reading)
    return number(text, ENGINE_TYPES[wanted], reading)


def number(text: exp.Expr, engine_type: str, reading: Reading) -> exp.Expr:
    """A decimal of the engine from text; half a last digit is rounded up."""
    point = "," if reading.decimal == "," else "."
    plain = exp.RegexpLike(this=text.copy(), expression=exp.Literal.string(r"^[+-]?[0-9]{1,14}([.][0-9]*)?$"))
    grouped = "|".join(rf"\d{{1,3}}([{mark}]\d{{3}})+" for mark in _groups(reading))
    pattern = rf"^[+-]?((\d+|{grouped})([{point}]\d*)?|[{point}]\d+|\d+([{point}]\d*)?[eE][+-]?\d{{1,2}})$"
    fits = exp.RegexpLike(this=text.copy(), expression=exp.Literal.string(pattern))
    cleaned = _try(_without_groups(text, reading), engine_type)
    if point == ",":
        return _case((fits, cleaned))
    return _case((plain, _try(text, engine_type)), (fits, cleaned))


def moment(cell: exp.Column, raw: Raw, reading: Reading) -> Moment:
    """The cell as an instant that still has to be put into its zone."""
    if raw is Raw.DATE:
        return Moment(_cast(cell, "timestamp"), is_day=exp.true())
    if raw is Raw.LOCAL:
        return Moment(_cast(cell, "timestamp"))
    if raw is Raw.INSTANT:
        return Moment(call("make_timestamp", call("epoch_us", cell.copy())), offset=exp.Literal.number(0))
    text = cell if raw is Raw.TEXT else as_text(cell, raw)
    clock, offset = _parts(text)
    if reading.date is None:
        iso = exp.RegexpLike(this=clock.copy(), expression=exp.Literal.string(rf"^{_DAY}([T ]{_TIME})?$"))
        value = _case((iso, _try(call("replace", clock.copy(), _string(","), _string(".")), "timestamp")))
        return Moment(value, offset, exp.EQ(this=call("length", text.copy()), expression=exp.Literal.number(10)))
    days, clocks = _patterns(reading.date)
    is_day = _any_match(text, days)
    return Moment(_case(*((_match(clock, each), _strptime(clock, each)) for each in (*days, *clocks))), offset, is_day)


def rule(wanted: Type, reading: Reading) -> str:
    """What a cell must be, for the sentence about one that is not."""
    mark = {None: "a decimal point and no thousands separator", ".": "a decimal point", ",": "a decimal comma"}
    date = f"a date written as {reading.date}" if reading.date else "a date written as YYYY-MM-DD"
    return {
        Type.TEXT: "a text",
        Type.INT: "a whole number",
        Type.BOOL: "yes or no",
        Type.DATE: date,
        Type.INSTANT: f"{date}, with or without a time",
        Type.MONEY: f"an amount of money with {mark[reading.decimal]}, of at most 14 digits before it",
        Type.NUMBER: f"a number with {mark[reading.decimal]}, of at most 12 digits before it",
        Type.SHARE: "a number from 0 to 1",
    }[wanted]


def date_problem(pattern: str) -> str | None:
    """What is wrong with a date pattern of the settings, or None."""
    try:
        _patterns(pattern)
    except ValueError as error:
        return str(error)
    return None


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """A function of the engine that the portable subset does not have."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def _trimmed(text: exp.Expr) -> exp.Expr:
    """The text without white space and unseen marks around it; most begin and end with a sign of ASCII, and stay."""
    first, last = (call(side, text.copy(), exp.Literal.number(1)) for side in ("left", "right"))
    plain = exp.and_(*(exp.Between(this=end, low=_string("!"), high=_string("~")) for end in (first, last)))
    spaces = "".join(map(chr, (0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)))
    return _case((plain, text), default=call("trim", text.copy(), _string(spaces + _UNSEEN)))


def _direct(cell: exp.Column, raw: Raw, wanted: Type) -> exp.Expr | None:
    """A typed column read without a detour through text, where that loses nothing."""
    value: exp.Expr | None = None
    if wanted in (Type.MONEY, Type.NUMBER, Type.SHARE):
        if raw in (Raw.INT, Raw.DECIMAL):
            value = _try(cell, ENGINE_TYPES[wanted])
        elif raw is Raw.FLOAT:  # by way of 9 decimals: 2.00005 is 2.0001, as it would be as text
            value = _try(_try(cell, "decimal(28, 9)"), ENGINE_TYPES[wanted])
    elif wanted is Type.INT and raw in (Raw.INT, Raw.FLOAT, Raw.DECIMAL):
        value = _try(cell, "bigint")
        if raw is not Raw.INT:
            whole = exp.EQ(this=cell.copy(), expression=call("trunc", cell.copy()))
            value = _case((exp.and_(whole, _below(cell, "9e15")), value))
    elif wanted is Type.BOOL and raw is Raw.BOOL:
        value = cell.copy()
    elif wanted is Type.DATE and raw in (Raw.DATE, Raw.LOCAL):
        value = _cast(cell, "date")
        if raw is Raw.LOCAL:
            midnight = exp.EQ(this=_cast(cell, "timestamp"), expression=_cast(_cast(cell, "date"), "timestamp"))
            value = _case((midnight, value))
    return value


def _day(text: exp.Expr, reading: Reading) -> exp.Expr:
    if reading.date is None:
        iso = exp.RegexpLike(
            this=text.copy(), expression=exp.Literal.string(rf"^{_DAY}([T ]00:00(:00([.]0{{1,9}})?)?)?$")
        )
        return _case((iso, _try(call("left", text.copy(), exp.Literal.number(10)), "date")))
    days, clocks = _patterns(reading.date)
    whole = _case(*((_match(text, each), _strptime(text, each)) for each in (*days, *clocks)))
    midnight = exp.EQ(this=whole, expression=_cast(_cast(whole, "date"), "timestamp"))
    return _case((midnight, _cast(whole, "date")))


def _integer(text: exp.Expr, reading: Reading) -> exp.Expr:
    point = "," if reading.decimal == "," else "."
    grouped = "|".join(rf"\d{{1,3}}([{mark}]\d{{3}})+" for mark in _groups(reading))
    # "5.0" is whole; "5.000" could be five thousand, so it is not believed
    pattern = rf"^[+-]?(\d+|{grouped})([{point}]0{{1,2}})?$"
    fits = exp.RegexpLike(this=text.copy(), expression=exp.Literal.string(pattern))
    return _case((fits, _try(_try(_without_groups(text, reading), "decimal(38, 2)"), "bigint")))


def _groups(reading: Reading) -> tuple[str, ...]:
    """The signs that may separate thousands: a comma or a point only when the settings name the other."""
    return (_SPACES, *({".": (",",), ",": (".",)}.get(reading.decimal or "", ())))


def _without_groups(text: exp.Expr, reading: Reading) -> exp.Expr:
    marks = "".join(_groups(reading))
    cleaned: exp.Expr = call("translate", text.copy(), _string(marks), _string(""))
    if reading.decimal == ",":
        cleaned = call("replace", cleaned, _string(","), _string("."))
    return cleaned


def _parts(text: exp.Expr) -> tuple[exp.Expr, exp.Expr]:
    """The wall clock of a text and its offset in seconds, null when it has none."""
    pattern = _string(rf"^(.*\d{{2}}:\d{{2}}.*?){_OFFSET}$")
    end = call("right", text.copy(), exp.Literal.number(6))
    signs = (call("contains", end.copy(), _string(sign)) for sign in "+-Z")  # seldom there, and quickly seen
    has = exp.and_(exp.or_(*signs), exp.RegexpLike(this=text.copy(), expression=pattern))
    clock = _case((has, call("regexp_extract", text.copy(), pattern.copy(), exp.Literal.number(1))), default=text)
    said = call("regexp_extract", text.copy(), pattern.copy(), exp.Literal.number(2))
    digits = call("replace", call("replace", said, _string(":"), _string("")), _string("Z"), _string("+00"))
    hours = _cast(call("substr", digits.copy(), exp.Literal.number(2), exp.Literal.number(2)), "bigint")
    rest = exp.Nullif(
        this=call("substr", digits.copy(), exp.Literal.number(4), exp.Literal.number(2)), expression=_string("")
    )
    minutes = exp.Coalesce(this=_cast(rest, "bigint"), expressions=[exp.Literal.number(0)])
    seconds = exp.Add(
        this=exp.Mul(this=hours, expression=exp.Literal.number(3600)),
        expression=exp.Mul(this=minutes, expression=exp.Literal.number(60)),
    )
    west = exp.EQ(this=call("left", digits.copy(), exp.Literal.number(1)), expression=_string("-"))
    signed = _case((west, exp.Neg(this=exp.Paren(this=seconds.copy()))), default=seconds)
    return clock, _case((has.copy(), signed))


@lru_cache(maxsize=64)
def _patterns(stated: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The strptime patterns of a mere day, and those with a time, that a stated pattern stands for."""
    stated = stated.removesuffix("%z").rstrip() if stated.endswith("%z") else stated
    found = re.findall(r"%(.)", stated)
    unknown = [each for each in found if each not in DIRECTIVES]
    if unknown or not found:
        known = ", ".join(f"%{each}" for each in DIRECTIVES)
        raise ValueError(
            f"format.date = '{stated}': %{unknown[0]} is not known; known: {known}"
            if unknown
            else f"format.date = '{stated}' has no directive; write it for example as %d/%m/%Y"
        )
    if not ({"d", "j"} & set(found)) or not ({"Y", "y"} & set(found)):
        raise ValueError(f"format.date = '{stated}' names no day or no year; write it for example as %d/%m/%Y")
    clock = re.search(r"%[HIMSfp]", stated)
    if clock:
        day = stated[: clock.start()].rstrip(" T,-")
        return ((day,) if {"Y", "y"} & set(re.findall(r"%(.)", day)) else ()), (stated,)
    return (stated,), tuple(f"{stated}{mark}{time}" for mark in " T" for time in ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f"))


def _match(text: exp.Expr, pattern: str) -> exp.Expr:
    """Whether a text is written in a strptime pattern, digit for digit."""
    pieces = re.split(r"%(.)", pattern)
    regex = "".join(_stands_for(pieces, index) if index % 2 else re.escape(each) for index, each in enumerate(pieces))
    return exp.RegexpLike(this=text.copy(), expression=exp.Literal.string(f"^{regex}$"))


def _stands_for(pieces: list[str], index: int) -> str:
    """What a directive may stand for: beside another number with nothing between, all its digits, or ``1022024``
    would be a 10 February."""
    regex = DIRECTIVES[pieces[index]]
    beside = [
        pieces[other]
        for other, between in ((index - 2, index - 1), (index + 2, index + 1))
        if 0 <= other < len(pieces) and not pieces[between]
    ]
    numbers = any(DIRECTIVES[each].startswith((r"\d", "[1-9]")) for each in beside)
    return regex.replace("{1,2}", "{2}").replace("{1,6}", "{6}") if numbers else regex


def _any_match(text: exp.Expr, patterns: tuple[str, ...]) -> exp.Expr:
    return exp.or_(*(_match(text, each) for each in patterns)) if patterns else exp.false()


def _strptime(text: exp.Expr, pattern: str) -> exp.Expr:
    return call("try_strptime", text.copy(), _string(pattern))


def _string(value: str) -> exp.Literal:
    return exp.Literal.string(value)


def _strings(values: tuple[str, ...]) -> list[exp.Expr]:
    return [_string(each) for each in values]


def _cast(value: exp.Expr, to: str) -> exp.Expr:
    return exp.Cast(this=value.copy(), to=exp.DataType.build(to, dialect="duckdb"))


def _try(value: exp.Expr, to: str) -> exp.Expr:
    return exp.TryCast(this=value.copy(), to=exp.DataType.build(to, dialect="duckdb"), safe=True)


def _case(*branches: tuple[exp.Expr, exp.Expr], default: exp.Expr | None = None) -> exp.Expr:
    ifs = [exp.If(this=condition.copy(), true=value.copy()) for condition, value in branches]
    return exp.Case(ifs=ifs, default=default.copy() if default is not None else None)


def _below(cell: exp.Expr, limit: str) -> exp.Expr:
    return exp.LT(this=exp.Abs(this=cell.copy()), expression=exp.Literal.number(limit))


def _finite(cell: exp.Expr, raw: Raw) -> exp.Expr:
    return call("isfinite", cell.copy()) if raw is Raw.FLOAT else exp.true()
