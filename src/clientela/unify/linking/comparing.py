"""How the records of a table are compared: a value that describes it; customers are one case, products another."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as with_default
from functools import cached_property

from sqlglot import exp

Condition = exp.Expr  # over the columns ``name_l`` and ``name_r`` of the two records of a pair


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Pairs that are surely of two customers: how often they are alike is counted, not guessed.

    Parameters
    ----------
    share : they agree in all columns of one of these
    surely_two : what sets them apart; it does not speak of the field that is counted
    of_all : u is their share of all pairs; else the share of them that is so alike
    beside : where all else is counted in pairs that are not so alike; u is then how many are for each of those
    surely_one : pairs of one customer, where something that the field does not speak of says so: m is counted in them
    """

    share: tuple[tuple[str, ...], ...]
    surely_two: Condition
    of_all: bool = False
    beside: bool = False
    surely_one: Condition | None = None


@dataclass(frozen=True, kw_only=True)
class Level:
    """One likeness of a field.

    Parameters
    ----------
    likeness : in the words a person is shown
    when : None: whatever no level before it is
    m, u : how often two records of one customer, of two customers, are so: where the data teach nothing else
    others : how many other customers share a record's value; u is then this by the number of records
    term : the column whose frequent values weigh less here
    fixed : the data teach nothing about it: both stay as they are
    seen : the pairs in which u is counted, fixed or not, and m where it says of which are one customer
    inside : the likeness of which it is a special case, unknown when m is learned: m is the same, u another
    weighs_as : the likeness that says as much, where this one is too seldom to be taught apart
    """

    likeness: str
    when: Condition | None
    m: float
    u: float = 0.0
    others: float | None = None
    term: str | None = None
    fixed: bool = False
    seen: Seen | None = None
    inside: str | None = None
    weighs_as: str | None = None

    @property
    def special(self) -> bool:
        """Whether it is not looked at when a model is learned."""
        return self.inside is not None or self.weighs_as is not None


@dataclass(frozen=True, kw_only=True)
class Field:
    """What is compared, strongest likeness first, the one of all others last.

    Parameters
    ----------
    column : whose known values say how many records u of ``others`` is about
    unknown : when nothing can be said; None: always something
    quiet : the last likeness says nothing and is not shown
    told_twice : of one record, whether two things that it says of the field agree; counted, it is m of the first
        likeness where two likenesses are all there are
    """

    name: str
    column: str
    unknown: Condition | None
    levels: tuple[Level, ...]
    quiet: bool = False
    told_twice: Condition | None = None


@dataclass(frozen=True, kw_only=True)
class Block:
    """Pairs worth comparing: records that agree in all of ``keys``.

    Parameters
    ----------
    each : the last key is a list, of which one value in common is enough
    wide : only where it is cheap: in small tables, and where the value is seldom
    """

    name: str
    keys: tuple[exp.Expr, ...]
    each: bool = False
    wide: bool = False


@dataclass(frozen=True, kw_only=True)
class Identifier:
    """A value that names somebody, unless too many records have it: then the columns it ``clears`` are unknown."""

    name: str
    keys: tuple[str, ...]
    clears: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What joins a pair whatever the model says.

    Parameters
    ----------
    group : the columns in which both agree
    when : what must hold as well
    unsure : when ``when`` holds but the one may be any of several: then no two of the group may be ``apart``
    apart : when two records of a group are surely two customers
    """

    name: str
    group: tuple[str, ...]
    when: Condition
    unsure: Condition
    apart: Condition


@dataclass(frozen=True, kw_only=True)
class Training:
    """A way to look at pairs of which many, not all, are one customer: those that agree in all of ``columns``."""

    columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Comparing:
    """How the records of a table are compared.

    Parameters
    ----------
    table, key : a work table and the column that names its rows
    columns : what is compared, by name: expressions over the table's columns
    within : a column in which two records must agree to be compared at all
    across : a column in which they must differ
    surely : what two records of one customer often agree in and two others almost never; for the prior
    recall : the share of the pairs of one customer that ``surely`` finds
    expected : other records of the same customer that a record has, where the data cannot tell
    surely_two : what sets two customers apart, each of them spoken of by few columns: such pairs teach nothing about m
    together : columns whose values go together in a language or a land: u of the first is taken given the second
    sooner : of some ``columns`` what has the same value for less work; no model depends on it
    """

    table: str
    key: str
    columns: Mapping[str, exp.Expr]
    fields: tuple[Field, ...]
    blocks: tuple[Block, ...]
    identifiers: tuple[Identifier, ...] = ()
    rules: tuple[Rule, ...] = ()
    trainings: tuple[Training, ...] = ()
    surely: tuple[tuple[str, ...], ...] = ()
    within: str | None = None
    across: str | None = None
    recall: float = 0.8
    expected: float = 0.1
    surely_two: tuple[Condition, ...] = ()
    together: tuple[tuple[str, str], ...] = ()
    sooner: Mapping[str, exp.Expr] = with_default(default_factory=dict)

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The columns whose frequent values weigh less."""
        return tuple(dict.fromkeys(level.term for field in self.fields for level in field.levels if level.term))

    @cached_property
    def code(self) -> str:
        """A hash of all that a model learned from it depends on."""
        said = [f"{self.table} {self.key} {self.within} {self.across}"]
        said += [f"{name} {_sql(each)}" for name, each in self.columns.items()]
        for field in self.fields:
            said.append(f"{field.name} {_sql(field.unknown)} {_sql(field.told_twice)}")
            said += [
                f"{each.likeness} {_sql(each.when)} {each.term} {each.fixed} {each.inside} {each.weighs_as}"
                for each in field.levels
            ]
            said += [
                f"{each.share} {_sql(each.surely_two)} {each.of_all} {each.beside} {_sql(each.surely_one)}"
                for each in _seen(field)
            ]
        said.append(f"{self.together} {[_sql(each) for each in self.surely_two]}")
        said += [f"{each.name} {each.keys} {each.clears}" for each in self.identifiers]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def _seen(field: Field) -> list[Seen]:
    return [level.seen for level in field.levels if level.seen is not None]


def _sql(each: exp.Expr | None) -> str:
    return each.sql(dialect="duckdb") if each is not None else ""


def one(name: str) -> exp.Column:
    """A column of the one record."""
    return exp.column(f"{name}_l")


def other(name: str) -> exp.Column:
    """The same column of the other record."""
    return exp.column(f"{name}_r")


def same(*names: str) -> Condition:
    """Both records have the same, known value in each column."""
    return exp.and_(*(one(name).eq(other(name)) for name in names))


def unknown(*names: str) -> Condition:
    """Of one of the two, one of the columns is unknown."""
    return exp.or_(*(each(name).is_(exp.null()) for name in names for each in (one, other)))


def known(*names: str) -> Condition:
    """Of both, all of the columns are known."""
    return exp.and_(*(each(name).is_(exp.null()).not_() for name in names for each in (one, other)))


def similar(name: str, at_least: float) -> Condition:
    """The two values look alike: Jaro-Winkler similarity."""
    return exp.GTE(this=_call("jaro_winkler_similarity", one(name), other(name)), expression=_number(at_least))


def edits(name: str, at_most: int) -> Condition:
    """One becomes the other by so many letters put in, left out, replaced or swapped with their neighbour."""
    return exp.LTE(this=_call("damerau_levenshtein", one(name), other(name)), expression=_number(at_most))


def begins(name: str, *, whole_words: bool) -> Condition:
    """One value is how the other begins."""

    def first(short: exp.Expr, long: exp.Expr) -> exp.Expr:
        end = exp.Literal.string(" ") if whole_words else exp.Literal.string("")
        return _call("starts_with", exp.DPipe(this=long, expression=end), exp.DPipe(this=short, expression=end.copy()))

    return exp.or_(first(one(name), other(name)), first(other(name), one(name)))


def crossed(this: str, that: str) -> Condition:
    """Each record has the other's value of the other column."""
    return exp.and_(one(this).eq(other(that)), one(that).eq(other(this)))


def shorter(name: str, than: int) -> Condition:
    """One of the two values has fewer letters."""
    length = _call("least", exp.Length(this=one(name)), exp.Length(this=other(name)))
    return exp.LT(this=length, expression=_number(than))


def part(name: str, first: int, letters: int, record: exp.Expr | None = None) -> exp.Expr:
    """Some letters of a column."""
    return exp.Substring(this=record or exp.column(name), start=_number(first), length=_number(letters))


def same_part(name: str, first: int, letters: int) -> Condition:
    """Both have the same letters there."""
    return part(name, first, letters, one(name)).eq(part(name, first, letters, other(name)))


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.func(name, *arguments, dialect="duckdb")


def _number(value: float) -> exp.Expr:
    return exp.Literal.number(value)
