"""A form, written once: read in Python for what a person types, as SQL for what a table holds.

Patterns keep to what Python and RE2 read alike: no look-around, no back-references, letters and digits of ASCII.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from sqlglot import exp

from clientela.warehouse.engine import Engine, called

Row = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Text:
    """A text made from the values of a row, or none; ``of`` makes it in Python, ``sql`` says how in SQL."""

    of: Callable[[Row], str | None]
    sql: Callable[[], exp.Expr]

    def then(self, function: Callable[[str], str | None], sql: Callable[[exp.Expr], exp.Expr]) -> Text:
        """What a function makes of it; nothing where there is nothing."""

        def of(row: Row) -> str | None:
            value = self.of(row)
            return None if value is None else function(value)

        return Text(of, lambda: sql(self.sql()))

    def sub(self, pattern: str, by: str = "") -> Text:
        """It with every place that fits a pattern replaced."""
        return self.then(
            lambda value: _compiled(pattern).sub(by, value),
            lambda value: call("regexp_replace", value, literal(pattern), literal(by), literal("g")),
        )

    def part(self, pattern: str, group: int = 1) -> Text:
        """The part of it that a group of a pattern finds; none where that is empty or the pattern does not fit."""

        def of(value: str) -> str | None:
            found = _compiled(pattern).search(value)
            return (found.group(group) or None) if found else None

        number = exp.Literal.number(group)
        return self.then(of, lambda value: filled(call("regexp_extract", value, literal(pattern), number.copy())))

    def mapped(self, table: Mapping[str, str]) -> Text:
        """What a table has for it; itself where the table has nothing."""
        known = fits(self, among(table))

        def chosen() -> exp.Expr:
            arms = [exp.If(this=literal(key), true=literal(value)) for key, value in table.items()]
            return exp.Case(this=self.sql(), ifs=arms)

        return choose((known, self.then(table.get, lambda _: chosen())), otherwise=self)

    def unless(self, condition: Truth) -> Text:
        """It, or nothing where a condition holds."""
        return choose((condition, NOTHING), otherwise=self)

    def sorted_words(self) -> Text:
        """Its words in the order of the alphabet."""
        space = literal(" ")
        return self.then(
            lambda value: " ".join(sorted(value.split(" "))),
            lambda value: call(
                "array_to_string", call("list_sort", call("string_split", value, space.copy())), space.copy()
            ),
        )

    def upper(self) -> Text:
        """It in capital letters; only for what holds ASCII alone."""
        return self.then(lambda value: value.upper(), lambda value: call("upper", value))

    def lower(self) -> Text:
        """It in small letters; only for what holds ASCII alone."""
        return self.then(lambda value: value.lower(), lambda value: call("lower", value))

    def padded(self, length: int) -> Text:
        """It with zeros before, to that length; what is longer stays."""
        size = exp.Literal.number(length)
        return self.then(
            lambda value: value.rjust(length, "0"),
            lambda value: exp.Case(
                ifs=[
                    exp.If(
                        this=call("length", value) < size.copy(), true=call("lpad", value.copy(), size, literal("0"))
                    )
                ],
                default=value.copy(),
            ),
        )


@dataclass(frozen=True, slots=True)
class Truth:
    """Whether something holds of a row; what is unknown does not hold."""

    of: Callable[[Row], bool]
    sql: Callable[[], exp.Expr]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What is made of the values ``given``, step by step; each step may use what the steps before it made."""

    given: tuple[str, ...]
    steps: tuple[Mapping[str, Text], ...]
    gives: tuple[str, ...]

    def of(self, **values: str | None) -> dict[str, str | None]:
        """What becomes of one row."""
        row: dict[str, str | None] = {name: values.get(name) for name in self.given}
        for step in self.steps:
            row |= {name: text.of(row) for name, text in step.items()}
        return {name: row[name] for name in self.gives}

    def query(self, rows: exp.Query, *keys: str) -> exp.Select:
        """What becomes of many rows, which become part of it: ``keys`` beside what the form gives.

        It calls what `define` tells an engine.
        """
        taken = {name for step in self.steps for name in step} & set(keys)
        if taken:
            raise ValueError(f"{sorted(taken)} are made by the form; a key needs another name")
        names = list(dict.fromkeys((*keys, *self.given)))
        for step in self.steps:
            kept = [exp.column(name) for name in names if name not in step]
            made = [exp.alias_(text.sql(), name, copy=False) for name, text in step.items()]
            rows = _from([*kept, *made], rows)
            names = [name for name in names if name not in step] + list(step)
        return _from(map(exp.column, dict.fromkeys((*keys, *self.gives))), rows)


def _from(listed: Iterable[exp.Expr], rows: exp.Query) -> exp.Select:
    return exp.select(*listed, copy=False).from_(rows.subquery("row", copy=False), copy=False)


def define(engine: Engine) -> None:
    """Tell an engine what the queries of a form call."""
    engine.define(_PLAIN, ("written",), _plain(exp.column("written")))


def column(name: str) -> Text:
    """The value of a column."""
    return Text(lambda row: row.get(name), lambda: exp.column(name))


def constant(value: str) -> Text:
    """Always the same text."""
    return Text(lambda _: value, lambda: literal(value))


NOTHING = Text(lambda _: None, lambda: exp.cast(exp.null(), "varchar"))


def choose(*arms: tuple[Truth, Text], otherwise: Text = NOTHING) -> Text:
    """The text of the first condition that holds."""

    def of(row: Row) -> str | None:
        return next((text for condition, text in arms if condition.of(row)), otherwise).of(row)

    def sql() -> exp.Expr:
        listed = [exp.If(this=condition.sql(), true=text.sql()) for condition, text in arms]
        return exp.Case(ifs=listed, default=otherwise.sql())

    return Text(of, sql)


def first_of(*texts: Text) -> Text:
    """The first that is there."""
    return Text(
        lambda row: next((value for each in texts if (value := each.of(row)) is not None), None),
        lambda: call("coalesce", *(each.sql() for each in texts)),
    )


def joined(*texts: Text, by: str = "") -> Text:
    """Those that are there, one after the other; nothing where none is."""

    def of(row: Row) -> str | None:
        return by.join(value for each in texts if (value := each.of(row)) is not None) or None

    return Text(of, lambda: filled(call("concat_ws", literal(by), *(each.sql() for each in texts))))


def fits(text: Text, pattern: str) -> Truth:
    """Whether a pattern is found in a text."""

    def of(row: Row) -> bool:
        value = text.of(row)
        return value is not None and _compiled(pattern).search(value) is not None

    return Truth(of, lambda: _known(call("regexp_matches", text.sql(), literal(pattern))))


def is_long(text: Text, lengths: Collection[int]) -> Truth:
    """Whether a text has one of these numbers of signs."""

    def of(row: Row) -> bool:
        value = text.of(row)
        return value is not None and len(value) in lengths

    return Truth(of, lambda: _known(call("length", text.sql()).isin(*map(exp.Literal.number, lengths))))


def is_there(text: Text) -> Truth:
    """Whether there is a text at all."""
    return Truth(
        lambda row: text.of(row) is not None, lambda: exp.Not(this=exp.Is(this=text.sql(), expression=exp.null()))
    )


def both(*truths: Truth) -> Truth:
    """Whether all hold."""
    return Truth(
        lambda row: all(each.of(row) for each in truths),
        lambda: exp.and_(*(each.sql() for each in truths), copy=False),
    )


def either(*truths: Truth) -> Truth:
    """Whether one holds."""
    return Truth(
        lambda row: any(each.of(row) for each in truths),
        lambda: exp.or_(*(each.sql() for each in truths), copy=False),
    )


def no(truth: Truth) -> Truth:
    """Whether it does not hold."""
    return Truth(lambda row: not truth.of(row), lambda: exp.Not(this=exp.Paren(this=truth.sql())))


def same(left: Text, right: Text) -> Truth:
    """Whether two texts are there and the same."""

    def of(row: Row) -> bool:
        value = left.of(row)
        return value is not None and value == right.of(row)

    return Truth(of, lambda: _known(exp.EQ(this=left.sql(), expression=right.sql())))


def begins(text: Text, start: Text) -> Truth:
    """Whether a text begins with another."""

    def of(row: Row) -> bool:
        value, first = text.of(row), start.of(row)
        return value is not None and first is not None and value.startswith(first)

    return Truth(of, lambda: _known(call("starts_with", text.sql(), start.sql())))


def rest(text: Text, start: Text) -> Text:
    """A text without its beginning, which it is known to have."""

    def of(row: Row) -> str | None:
        value, first = text.of(row), start.of(row)
        return None if value is None or first is None else value[len(first) :] or None

    def sql() -> exp.Expr:
        after = exp.paren(call("length", start.sql()) + exp.Literal.number(1))
        return filled(call("substr", text.sql(), after))

    return Text(of, sql)


def among(words: Iterable[str]) -> str:
    """The pattern of exactly one of these words."""
    return "^(?:" + "|".join(re.escape(each).replace("\\ ", " ") for each in words) + ")$"


def folded(text: Text) -> Text:
    """Small letters without accents, and digits, in words parted by one space; apostrophes join, other signs part.

    Letters that are not Latin stay as they are written.
    """
    return plain(text).then(
        lambda value: _SIGNS.sub(" ", value).strip(" ") or None,
        lambda value: filled(
            call("trim", call("regexp_replace", value, literal(_SIGNS.pattern), literal(" "), literal("g")))
        ),
    )


def plain(text: Text) -> Text:
    """Small letters without accents; apostrophes gone, every other sign as it is."""

    def of(value: str) -> str:
        if value.isascii():
            return value.lower().replace("'", "")
        return value.translate(_FOLD)

    return text.then(of, lambda value: called(_PLAIN, value))


def _plain(value: exp.Expr) -> exp.Expr:
    usual = call(
        "regexp_extract", _replaced(_usual(value), {"'": ""}), literal(_ASCII)
    )  # empty where some letter is not
    every = call(
        "translate",
        _replaced(value.copy(), _SPELLED),
        literal("".join(_ONE) + _DROPPED),
        literal("".join(_ONE.values())),
    )
    simple = exp.If(this=is_ascii(value), true=_replaced(call("lower", value.copy()), {"'": ""}))
    return exp.Case(ifs=[simple], default=call("coalesce", filled(usual), every))


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """A function of the engine."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def literal(value: str) -> exp.Literal:
    """A text in SQL."""
    return exp.Literal.string(value)


def filled(value: exp.Expr) -> exp.Expr:
    """A text in SQL, null where it is empty."""
    return call("nullif", value, literal(""))


def is_ascii(value: exp.Expr) -> exp.Expr:
    """Whether a text in SQL has as many bytes as signs."""
    return call("strlen", value.copy()).eq(call("length", value.copy()))


def _usual(value: exp.Expr) -> exp.Expr:
    """Without the accents of western Europe: the engine's table of all letters is dear."""
    return _replaced(call("lower", value.copy()), _USUAL)


def _replaced(value: exp.Expr, by: Mapping[str, str]) -> exp.Expr:
    for sign, letters in by.items():
        value = call("replace", value, literal(sign), literal(letters))
    return value


def _known(condition: exp.Expr) -> exp.Expr:
    return call("coalesce", condition, exp.false())


def _foldings() -> tuple[dict[str, str], dict[str, str]]:
    """What stands for each sign that is not ASCII: one letter, or several."""
    one: dict[str, str] = {letter: letter.lower() for letter in _LETTERS.upper()}
    spelled = {"ß": "ss", "ẞ": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "þ": "th", "Þ": "th"}
    spelled |= {"ĳ": "ij", "Ĳ": "ij"}
    strokes = dict(zip("øØđĐłŁħĦŧŦıŋŊðÐªº", "ooddllhhttinnddao", strict=True))
    for code in (*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00), *range(0x0370, 0x0500), *range(0xFF10, 0xFF5B)):
        sign = chr(code)
        bare = "".join(each for each in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(each)).lower()
        if sign not in spelled and bare != sign and len(bare) == 1 and bare.isalnum():
            one[sign] = bare
    one |= strokes | {"\u212a": "k", "\u212b": "a"}
    one |= dict.fromkeys("\u0085\u00a0\u1680\u202f\u205f\u3000\u2028\u2029", " ")
    one |= {chr(code): " " for code in range(0x2000, 0x200B)}
    one |= dict.fromkeys("–—‐‑‒―−·•…,;¿¡«»“”„‹›°№×", " ")
    return one, spelled


_PLAIN = "standard_plain"
_ASCII = "^[\x01-\x7f]+$"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DROPPED = "'`´’‘ʼʹ′‛\u200b\u200c\u200d\ufeff\u00ad" + "".join(chr(code) for code in range(0x0300, 0x0370))
_ONE, _SPELLED = _foldings()
_FOLD = str.maketrans({**_ONE, **_SPELLED, **dict.fromkeys(_DROPPED, "")})
_USUAL = {sign: {**_ONE, **_SPELLED, "’": ""}[sign] for sign in "áéíóúñçàèìòùäëïöüâêîôûãõåøßæªº–’"}
_SIGNS = re.compile(r"[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern as the engine reads it: its ``$`` is the end of the text, not a line break before it too.

    Compiled when Python first asks: a run asks the engine alone.
    """
    return re.compile(re.sub(r"(?<!\\)\$", r"\\Z", pattern), re.ASCII)
