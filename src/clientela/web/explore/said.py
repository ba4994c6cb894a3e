"""A question typed in one line, and the filter as chips: the same tree, in words and in letters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or
from clientela.contracts.schema import Type
from clientela.contracts.text import Period, Text, Value, ntext, text
from clientela.cube.beside.members import finer_than
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.typed import equal, read
from clientela.cube.written import written
from clientela.errors import QueryError
from clientela.pipeline.exploring.choices import Offered, named
from clientela.pipeline.exploring.picture import member
from clientela.present.say import say, say_value
from clientela.web.explore.question import MOST_DIMENSIONS, Asking

TYPES: Mapping[str, Type] = {name: each.type for name, each in DIMENSIONS.items()}
_LINE = re.compile(
    r"(?P<measures>.+?)(?:\s+(?:by|por)\s+(?P<by>.+?))?(?:\s+(?:across|cruzado con)\s+(?P<across>.+?))?"
    r"(?:\s+(?:where|donde)\s+(?P<where>.+))?",
    re.IGNORECASE | re.DOTALL,
)
_FEW = 4
UNKNOWN = "?"  # in a path, the member that nobody knows

OPERATORS: tuple[tuple[str, Text], ...] = (
    ("is", text("is")),
    ("not", text("is not")),
    ("contains", text("contains")),
    ("starts", text("begins with")),
    ("least", text("is at least")),
    ("most", text("is at most")),
    ("unknown", text("is unknown")),
    ("known", text("is known")),
)


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition of the filter: in words, and the address of the same question without it."""

    said: str
    without: str


def typed(said: str, offered: Offered, locale: str, before: Asking) -> Asking:
    """The question that a line says, such as ``revenue, customers by month where channel = 'web'``.

    Measures and dimensions are named as they are called in the reader's language, or by their short names.

    Raises
    ------
    QueryError, UnknownNameError
        It cannot be read, or names what is not known.
    """
    found = _LINE.fullmatch(" ".join(said.split())) if "'" not in said else _LINE.fullmatch(said.strip())
    if found is None:
        raise QueryError(
            text("write measures, then by what they are seen: revenue, customers by month where channel = 'web'.")
        )
    measures = {each.name: say(each.label, locale) for each in offered.measures}
    dimensions = {name: say(each.label, locale) for name, each in DIMENSIONS.items()}
    chosen = _names("measure", found["measures"], offered, measures)
    by = _names("dimension", found["by"], offered, dimensions)
    across = _names("dimension", found["across"], offered, dimensions)
    if len(across) > 1:
        raise QueryError(text("one dimension alone can stand across."))
    where = (found["where"] or "").strip()
    told = written(read(where, TYPES, offered.fiscal)) if where else ""
    return replace(
        before,
        measures=chosen,
        by=by,
        across=across[0] if across else "",
        where=told,
        path=(),
        order="",
        page=1,
        compare=before.compare if by == before.by else "",
        top=before.top if by == before.by else None,
    )


def _names(kind: str, said: str | None, offered: Offered, labels: Mapping[str, str]) -> tuple[str, ...]:
    offers = offered.measures if kind == "measure" else offered.dimensions
    parts = [part for part in (said or "").split(",") if part.strip()]
    return tuple(dict.fromkeys(named(kind, part, offers, labels) for part in parts))


def line(asking: Asking) -> str:
    """The question in one line, as it can be typed."""
    by = f" by {', '.join(asking.by)}" if asking.by else ""
    across = f" across {asking.across}" if asking.across else ""
    where = f" where {asking.where}" if asking.where else ""
    return f"{', '.join(asking.measures)}{by}{across}{where}" if asking.measures else ""


def parts_of(where: str, offered: Offered) -> list[Filter]:
    """The conditions of a filter, all of which hold.

    Raises
    ------
    QueryError, UnknownNameError
        It cannot be read.
    """
    if not where:
        return []
    tree = read(where, TYPES, offered.fiscal)
    return [*tree.parts] if isinstance(tree, And) else [tree]


def joined(parts: Sequence[Filter]) -> str:
    """Conditions, all of which hold, as one types them."""
    if not parts:
        return ""
    return written(And(tuple(parts)) if len(parts) > 1 else parts[0])


def chips(asking: Asking, offered: Offered, locale: str) -> list[Chip]:
    """The filter, condition by condition; each with the way to leave it out."""
    parts = parts_of(asking.where, offered)
    found = []
    for place, part in enumerate(parts):
        rest = joined([*parts[:place], *parts[place + 1 :]])
        path = tuple(each for each in asking.path if not _holds(each, part, offered))
        found.append(Chip(in_words(part, offered, locale), asking.address(where=rest, path=path)))
    return found


def _holds(step: str, part: Filter, offered: Offered) -> bool:
    """Whether a condition is the one that a step of the path holds to."""
    return held(step, offered) == part


def held(step: str, offered: Offered) -> Filter | None:
    """The condition that a step of the path holds to, such as ``category=GROCERY``; None where it is none."""
    name, _, value = step.partition("=")
    if name not in TYPES:
        return None
    if value == UNKNOWN:
        return Condition(name, Operator.IS_NULL)
    try:
        return equal(name, value, TYPES, offered.fiscal)
    except QueryError:
        return None


def up(asking: Asking, depth: int, offered: Offered) -> Asking:
    """The question as it was before it went down into the member at a depth of its path."""
    by, parts = list(asking.by), parts_of(asking.where, offered)
    for step in reversed(asking.path[depth:]):
        name = step.partition("=")[0]
        finer = finer_than(name) if name in DIMENSIONS else None
        by = [name if each == finer else each for each in by] if finer in by else [name, *by]
        condition = held(step, offered)
        if condition in parts:
            parts.remove(condition)
    by = list(dict.fromkeys(by))[:MOST_DIMENSIONS]
    return replace(asking, by=tuple(by), where=joined(parts), path=asking.path[:depth], order="", page=1)


def step_in_words(step: str, offered: Offered, locale: str) -> str:
    """The member that a step of the path went down into."""
    condition = held(step, offered)
    if not isinstance(condition, Condition):
        return step.partition("=")[2]
    return say_value(None if condition.value is None else _value(condition, offered), locale)


def in_words(part: Filter, offered: Offered, locale: str) -> str:
    """A condition in words; one that is too involved for that as it is typed."""
    if isinstance(part, Condition):
        return say(_condition(part, offered), locale)
    if isinstance(part, Not) and isinstance(part.part, Condition):
        inner = part.part
        label = DIMENSIONS[inner.field].label
        if inner.operator is Operator.IS_NULL:
            return say(text("{field}: known", field=label), locale)
        if inner.operator in (Operator.EQ, Operator.IN, Operator.BETWEEN):
            return say(text("{field}: not {value}", field=label, value=_value(inner, offered)), locale)
    if isinstance(part, Or) and all(isinstance(each, Condition) for each in part.parts):
        fields = {each.field for each in part.parts if isinstance(each, Condition)}
        if len(fields) == 1:
            said = " / ".join(
                say_value(_value(each, offered), locale) for each in part.parts if isinstance(each, Condition)
            )
            return say(text("{field}: {value}", field=DIMENSIONS[fields.pop()].label, value=said), locale)
    return written(part)


def _condition(part: Condition, offered: Offered) -> Text:
    label, operator = DIMENSIONS[part.field].label, Operator(part.operator)
    value = _value(part, offered)
    ways = {
        Operator.NE: text("{field}: not {value}", field=label, value=value),
        Operator.LT: text("{field}: before {value}", field=label, value=value),
        Operator.LE: text("{field}: at most {value}", field=label, value=value),
        Operator.GT: text("{field}: after {value}", field=label, value=value),
        Operator.GE: text("{field}: from {value}", field=label, value=value),
        Operator.CONTAINS: text("{field}: contains {value}", field=label, value=value),
        Operator.STARTS_WITH: text("{field}: begins with {value}", field=label, value=value),
        Operator.IS_NULL: text("{field}: unknown", field=label),
    }
    return ways.get(operator, text("{field}: {value}", field=label, value=value))


def _value(part: Condition, offered: Offered) -> Value:
    value = part.value
    if part.operator is Operator.BETWEEN and isinstance(value, tuple):
        low, high = value
        said = _period(low, high)
        return said if said is not None else text("{low} to {high}", low=_one(low), high=_one(high))
    if isinstance(value, tuple):
        listed: Value = " / ".join(str(each) for each in value[:_FEW])
        more = len(value) - _FEW
        if more > 0:
            return ntext("{listed} and {n} more", "{listed} and {n} more", "n", listed=listed, n=more)
        return listed
    if isinstance(value, date):
        return member(value, part.field if part.operator is Operator.EQ else "day", offered.fiscal)
    return _one(value)


def _period(low: object, high: object) -> Value:
    return Period(low, high) if isinstance(low, date) and isinstance(high, date) else None


def _one(value: object) -> Value:
    if isinstance(value, bool):
        return text("yes") if value else text("no")
    return value if isinstance(value, date) else str(value)
