"""A segment's condition as a person writes it: read into the filter tree that questions use too, never pasted.

What a filter cannot say is put into names: ``revenue over 12 months`` is the field of that name, and
``last_order within 90 days`` compares the field ``days since last_order``. So the tree stays one of field, operator
and value, and all that is asked of it is asked of segments too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from clientela.contracts.filter import Condition, Filter, Not
from clientela.contracts.fiscal import CALENDAR, FiscalYear
from clientela.contracts.schema import Type
from clientela.cube.declared.dimension import TIME
from clientela.cube.filters import fields_of
from clientela.cube.fiscal import spelt_out
from clientela.cube.segments.fields import SINCE, Meaning, Window, known_names, meaning, type_of
from clientela.cube.segments.terms import terms_of
from clientela.cube.typed import MAX_LETTERS, read
from clientela.errors import ClientelaError, QueryError

_UNITS = {
    **dict.fromkeys(("day", "days"), ("days", 1)),
    **dict.fromkeys(("week", "weeks"), ("days", 7)),
    **dict.fromkeys(("month", "months"), ("months", 1)),
    **dict.fromkeys(("quarter", "quarters"), ("months", 3)),
    **dict.fromkeys(("year", "years"), ("months", 12)),
}
_LONGEST = {"days": 36_525, "months": 1_200}
_SAID = re.compile(r"(?P<name>\w+)(?:\((?P<inside>.*)\))?(?: over (?P<count>\d+) (?P<unit>\w+))?\Z", re.DOTALL)


def understood(said: str, fiscal: FiscalYear = CALENDAR) -> Filter:
    """The filter tree that a segment's text says.

    Parameters
    ----------
    fiscal : the company's year, in whose names days may be said

    Raises
    ------
    QueryError, UnknownNameError, UnreachableError
        It cannot be read, or names what no customer can be told by.

    Examples
    --------
    >>> understood("orders >= 3 and last_order within 90 days")  # doctest: +NORMALIZE_WHITESPACE
    And(parts=(Condition(field='orders', operator=<Operator.GE: 'ge'>, value=3),
        Condition(field='days since last_order', operator=<Operator.LE: 'le'>, value=90)))
    """
    if len(said) > MAX_LETTERS:
        raise QueryError(f"the condition has {len(said)} letters; at most {MAX_LETTERS} can be read.")
    if not said.strip():
        raise QueryError("the condition is empty; write one such as orders >= 3 and last_order within 90 days.")
    where = read(
        _in_names(said, fiscal), _Fields(), fiscal, several=TIME
    )  # a customer has several orders, each on a day
    fields_of(where)
    for each in leaves(where):
        terms_of(each, meaning_of(each))
    return where


def leaves(where: Filter) -> tuple[Condition, ...]:
    """The conditions of a tree, each once, in the order in which they are written."""
    found: dict[Condition, None] = {}

    def visit(node: Filter) -> None:
        if isinstance(node, Condition):
            found[node] = None
        else:
            for part in (node.part,) if isinstance(node, Not) else node.parts:
                visit(part)

    visit(where)
    return tuple(found)


def meaning_of(asked: Condition) -> Meaning:
    """What the field of a condition means of a customer.

    Raises
    ------
    UnknownNameError, QueryError, UnreachableError
        No customer has it.
    """
    told = _split(asked.field)
    return meaning(told.name, within=told.within, window=told.window, asked=asked)


@dataclass(frozen=True, slots=True)
class _Told:
    name: str
    within: Filter | None
    window: Window | None


def _split(field: str) -> _Told:
    """A field's name, what stands in its parentheses, and its period."""
    if field.startswith(SINCE):
        return _Told(field, None, None)
    found = _SAID.match(field)
    if found is None:
        return _Told(field, None, None)
    inside, count = found["inside"], found["count"]
    within = None
    if inside is not None:
        within = read(inside, _dimensions())
    window = None if count is None else _window(field, int(count), found["unit"])
    return _Told(found["name"], within, window)


def _window(field: str, count: int, unit: str) -> Window:
    if unit not in _UNITS:
        raise QueryError(f"'{field}': a period is so many days, weeks, months, quarters or years, not '{unit}'.")
    kind, times = _UNITS[unit]
    if not 1 <= count * times <= _LONGEST[kind]:
        raise QueryError(f"'{field}': a period is of 1 to {_LONGEST[kind]} {kind}, not {count * times}.")
    return Window(count * times, kind)


def _dimensions() -> Mapping[str, Type]:
    from clientela.cube.declared.dimension import DIMENSIONS, OF_CUSTOMER

    return {name: each.type for name, each in DIMENSIONS.items() if name != "customer" and name not in OF_CUSTOMER}


class _Fields(Mapping[str, Type]):
    """Every field that a segment may name, with its type: those with a period or a condition of their own too."""

    @cached_property
    def _plain(self) -> tuple[str, ...]:
        return tuple(known_names())

    def __getitem__(self, name: str) -> Type:
        told = _split(name)
        return type_of(told.name, within=told.within, window=told.window)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self[name])  # what is not known says so itself, at more length

    def __iter__(self) -> Iterator[str]:
        return iter(self._plain)

    def __len__(self) -> int:
        return len(self._plain)


def evenly_spaced(said: str) -> str:
    """A text with one blank in the place of several, but for those in quotes.

    Examples
    --------
    >>> evenly_spaced("channel  =  'pop-up  store'")
    "channel = 'pop-up  store'"
    """
    return _SPACED.sub(lambda found: found[1] or " ", said).strip()


_SPACED = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*")|\s+""")


def _in_names(said: str, fiscal: FiscalYear) -> str:
    """The text with each measure over a period, or with a condition of its own, as one quoted name."""
    try:
        tokens = sqlglot.tokenize(said, dialect="duckdb")
    except SqlglotError:
        raise QueryError(
            "the condition cannot be read: a quote is opened and not closed, or a sign stands alone."
        ) from None
    pieces: list[str] = []
    at = done = 0
    while at < len(tokens):
        found = _measure(said, tokens, at, fiscal) or _within_days(said, tokens, at)
        if found is None:
            at += 1
            continue
        written, after = found
        pieces += [said[done : tokens[at].start], written]
        done, at = tokens[after - 1].end + 1, after
    return "".join([*pieces, said[done:]])


def _measure(said: str, tokens: Sequence[Token], at: int, fiscal: FiscalYear) -> tuple[str, int] | None:
    """``NAME (…) over N unit`` from here on as one name, with where it ends; None where nothing of it stands here."""
    if not _is_word(tokens[at]):
        return None
    after, inside = at + 1, ""
    if after < len(tokens) and tokens[after].token_type is TokenType.L_PAREN and tokens[at].text.lower() not in _CALLS:
        closed = _closing(tokens, after)
        inner = evenly_spaced(said[tokens[after].end + 1 : tokens[closed].start])
        inside, after = f"({_of_calendar(inner, fiscal)})", closed + 1
    over = ""
    if after < len(tokens) and tokens[after].token_type is TokenType.OVER:
        count, unit = _period(tokens, after + 1, f"{tokens[at].text} over")
        over, after = f" over {count} {unit}", after + 3
    if not inside and not over:
        return None
    name = f"{tokens[at].text}{inside}{over}".replace('"', '""')
    return f'"{name}"', after


def _of_calendar(said: str, fiscal: FiscalYear) -> str:
    """A text with days in the place of the names of the company's year, which a name alone does not tell of later."""
    if fiscal == CALENDAR:
        return said
    try:
        tree = sqlglot.parse_one(said, dialect="duckdb")
        told = spelt_out(tree.copy(), _dimensions(), fiscal)
    except (SqlglotError, RecursionError, TypeError):
        return said  # what cannot be read is told where it is read
    return said if told == tree else told.sql("duckdb")


_CALLS = frozenset({"starts_with", "contains", "not", "in", "and", "or", "between", "like", "is"})


def _within_days(said: str, tokens: Sequence[Token], at: int) -> tuple[str, int] | None:
    """``NAME [not] within N days`` from here on as a comparison of the days since then."""
    if not _is_word(tokens[at]):
        return None
    after = at + 1
    denied = after < len(tokens) and tokens[after].token_type is TokenType.NOT
    after += denied
    if after >= len(tokens) or tokens[after].text.lower() != "within":
        return None
    count, unit = _period(tokens, after + 1, f"{tokens[at].text} within")
    kind, times = _UNITS.get(unit.lower(), ("", 0))
    if kind != "days":
        raise QueryError(f"'{tokens[at].text} within' takes days or weeks, such as 'within 90 days', not '{unit}'.")
    compared = f'"{SINCE}{tokens[at].text}" <= {int(count) * times}'
    return (f"(not {compared})" if denied else f"({compared})"), after + 3


def _period(tokens: Sequence[Token], at: int, what: str) -> tuple[str, str]:
    said = [each.text for each in tokens[at : at + 2]]
    if len(said) < 2 or not said[0].isdigit():
        raise QueryError(f"'{what}' takes a period, such as '{what} 90 days'.")
    return said[0], said[1].lower()


def _closing(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    for place in range(at, len(tokens)):
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(tokens[place].token_type, 0)
        if not depth:
            return place
    raise QueryError("the condition cannot be read: a parenthesis is opened and not closed.")


def _is_word(token: Token) -> bool:
    return token.text.isidentifier() and token.token_type not in (TokenType.STRING, TokenType.NUMBER)


def problem(said: str, fiscal: FiscalYear = CALENDAR) -> str | None:
    """What is wrong with a segment's text; None when it can be read."""
    try:
        understood(said, fiscal)
    except ClientelaError as error:
        return str(error)
    return None


def shown(asked: Condition) -> str:
    """A condition in one line, as it could be written.

    Examples
    --------
    >>> [shown(each) for each in leaves(understood("revenue over 1 year > 500 and channel in ('web', 'app')"))]
    ['revenue over 1 year > 500', "channel in ('web', 'app')"]
    """
    name, value = asked.field, asked.value
    if asked.operator == "is_null":
        return f"{name} is null"
    if asked.operator == "le" and name.startswith(SINCE):
        return f"{name.removeprefix(SINCE)} within {value} day{'' if value == 1 else 's'}"
    if isinstance(value, tuple) and asked.operator == "between":
        return f"{name} between {_literal(value[0])} and {_literal(value[1])}"
    if isinstance(value, tuple):
        return f"{name} in ({', '.join(map(_literal, value))})"
    if asked.operator in _SIGNS:
        return f"{name} {_SIGNS[asked.operator]} {_literal(value)}"
    return f"{asked.operator.value}({name}, {_literal(value)})"


_SIGNS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)) or type(value).__name__ == "Decimal":
        return f"{value}"
    return "'" + str(value).replace("'", "''") + "'"
