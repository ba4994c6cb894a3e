"""Where a batch names suppressed persons: rows about them, cells that mention them, lines that could not be read.

What a row's customer is, is asked in the words of `capture.typed`, so a key is compared as it will be read
later: ``4711``, `` 4711`` and a Parquet ``4711.0`` are one key where the line reads them so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from clientela.capture import zone
from clientela.capture.files.csv_reader import LINE, LINES, REJECTED, RULE, VALUE
from clientela.capture.mapping import Section
from clientela.capture.reading import Raw, call, raw_of
from clientela.capture.suppression import identifiers as ids
from clientela.capture.suppression.identifiers import Kind
from clientela.capture.suppression.listed import Suppressed
from clientela.capture.typed import RATES, RATES_SCHEMA, Typed, typed
from clientela.contracts.schema import Column, Type
from clientela.warehouse.engine import Engine, read_parquet
from clientela.warehouse.physical import column

# Tables whose rows only say something about a person.
ABOUT_A_PERSON = frozenset({"customer_record", "relation", "preference", "consent"})
LISTED, ROWS = "_suppressed", "_rows"
IDENTIFYING = ("email", "phone", "fax", "tax_id", "full_name", "first_name", "last_name")
_RATE = "no exchange rate"
_OF_PERSONS = (("email", Kind.EMAIL), ("tax_id", Kind.TAX_ID))  # columns whose value is nobody else's
_AT_ONCE = 24  # parts of one statement
_CELLS = re.compile(r"[,;\t|\"'{}\[\]:<>()]")


@dataclass(frozen=True, slots=True)
class Mention:
    """A cell that holds a suppressed identifier. ``form`` is its e-mail address, or nothing: then it is the cell."""

    row: int
    column: str
    form: str | None


@dataclass(frozen=True, slots=True)
class Matches:
    """Rows by their place in the file. ``unread``: those of ``theirs`` that break a rule, so no sum counts them."""

    theirs: frozenset[int] = frozenset()
    unread: frozenset[int] = frozenset()
    mentions: tuple[Mention, ...] = ()
    broken: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.theirs or self.mentions or self.broken)


@dataclass(frozen=True)
class BatchFile:
    """A batch's file with the section that reads it; None when no section does any more."""

    path: Path
    section: Section | None

    @cached_property
    def text(self) -> bool:
        """Whether one of our readers made it: then it has lines and may have lines that are no record."""
        return REJECTED in (pq.read_metadata(self.path).metadata or {})

    @cached_property
    def kinds(self) -> dict[str, Raw]:
        """The delivered columns and what they hold."""
        own = {LINE, LINES, VALUE, RULE} if self.text else set()
        return {each.name: raw_of(each.type) for each in pq.read_schema(self.path) if each.name not in own}

    @cached_property
    def readable(self) -> Section | None:
        """The section, if it can read these columns."""
        if self.section is None or self.section.problems_with(tuple(self.kinds), self.path.name):
            return None
        return self.section

    def numbered(self) -> exp.Subquery:
        """Its rows as a text batch's: ``_line`` is the place of the row in the file, from 0."""
        rule = column(RULE) if self.text else exp.cast(exp.null(), "varchar")
        added = {LINE: exp.column("file_row_number"), LINES: exp.cast(exp.Literal.number(1), "bigint"), RULE: rule}
        listed = [*map(column, self.kinds), *(exp.alias_(each, name) for name, each in added.items())]
        return exp.select(*listed).from_(read_parquet([self.path]), copy=False).subquery("numbered", copy=False)

    @cached_property
    def named(self) -> Typed | None:
        """How those columns of its rows are typed that say whose they are: to type all takes many times longer."""
        section = self.readable
        if section is None:
            return None
        wanted = {*IDENTIFYING, "net_revenue"}  # without a sum an order line is none
        bound = section.bound(self.kinds)
        fields = tuple(each for each in bound if each.column.person or each.column.name in wanted)
        source = section.source.model_copy(update={"known": None})
        narrow = replace(section, fields=fields, source=source)
        kinds = {name: self.kinds[name] for each in fields for name in each.reads}
        return typed(narrow, self.numbered(), kinds, text=True)


def matches(batch: BatchFile, suppressed: Suppressed, engine: Engine, *, rules: bool = True) -> Matches:
    """Where the batch names a suppressed person.

    Parameters
    ----------
    rules : whether ``unread`` is asked for too: it takes as long as all the rest.
    """
    return _Search(batch, suppressed, engine, rules).found()


@dataclass(frozen=True, slots=True)
class _Search:
    batch: BatchFile
    suppressed: Suppressed
    engine: Engine
    rules: bool

    def found(self) -> Matches:
        hashes = self.suppressed.hashes
        listed = {"kind": [kind.value for kind in hashes.values()], "hash": list(hashes)}
        self.engine.register(LISTED, pa.table(listed))
        self.engine.register(RATES, RATES_SCHEMA.empty_table())
        if self.batch.section is not None:
            zone.define(self.engine, *self.batch.section.zones)
        try:
            theirs = self._rows(self._persons())
            mentions = self._mentions()
            theirs |= self._nameless({each.row for each in mentions} - theirs)
            unread = self._unread(theirs) if self.rules else frozenset()
            return Matches(frozenset(theirs), unread, tuple(mentions), frozenset(self._broken()))
        finally:
            self.engine.unregister(LISTED)
            self.engine.unregister(RATES)

    def _persons(self) -> Iterator[exp.Select]:
        """The keyed hashes of what says whose each row is."""
        section, query = self.batch.readable, self.batch.named
        if section is None or query is None:
            return
        system = section.source.keys_from
        for each in query.persons:
            key = column(f"t_{each}")
            yield self._hashed(query.rows, Kind.RECORD, ids.record_sql(system, key), key)
            yield self._hashed(query.rows, Kind.EMAIL, ids.email_sql(key), ids.has_email(key.copy()))
        names = {field.column.name for field in section.bound(self.batch.kinds) if query.persons}
        for name, kind in _OF_PERSONS:
            if name in names:
                value = column(f"t_{name}")
                form = ids.email_sql(value) if kind is Kind.EMAIL else ids.tax_id_sql(value)
                yield self._hashed(query.rows, kind, form, value.copy())

    def _hashed(self, rows: exp.Select, kind: Kind, form: exp.Expr, given: exp.Expr) -> exp.Select:
        """Row and hash of one identifier, of the rows that have one."""
        there = given if isinstance(given, exp.Anonymous) else given.is_(exp.null()).not_()
        return (
            exp.select(column(LINE), exp.alias_(ids.keyed_sql(kind, form), "hash"))
            .from_(rows.copy().subquery("typed", copy=False), copy=False)
            .where(there.copy(), copy=False)
        )

    def _rows(self, parts: Iterable[exp.Select]) -> set[int]:
        hashed = (exp.select(column(LINE), column("hash")).from_(part.subquery("named", copy=False)) for part in parts)
        return {each[LINE] for each in self._listed(hashed)}

    @property
    def _secret(self) -> dict[str, object]:
        return {"secret": self.suppressed.secret}

    def _mentions(self) -> list[Mention]:
        parts = [(name, True, self._addresses(name)) for name, raw in self.batch.kinds.items() if raw is Raw.TEXT]
        for name in self._free():
            parts.append((name, False, self._whole(name, Kind.PHONE, ids.phone_sql(column(name)))))
            parts.append((name, False, self._whole(name, Kind.TAX_ID, ids.tax_id_sql(column(name)))))
        numbered = (
            exp.select(
                exp.alias_(exp.Literal.number(place), "part"), column(LINE), column("form"), column("hash")
            ).from_(part.subquery("named", copy=False))
            for place, (_, _, part) in enumerate(parts)
        )
        found = sorted((each["part"], each[LINE], each["form"]) for each in self._listed(numbered))
        return [Mention(row, parts[place][0], form if parts[place][1] else None) for place, row, form in found]

    def _addresses(self, name: str) -> exp.Select:
        """Every e-mail address in a column."""
        each = exp.alias_(call("unnest", ids.emails_sql(column(name))), "form")
        found = (
            exp.select(column(LINE), each).from_(self.batch.numbered()).where(ids.has_email(column(name)), copy=False)
        )
        hashed = exp.alias_(ids.keyed_sql(Kind.EMAIL, column("form")), "hash")
        return exp.select(column(LINE), column("form"), hashed).from_(found.subquery("address", copy=False))

    def _whole(self, name: str, kind: Kind, form: exp.Expr) -> exp.Select:
        """Every cell of a column that is an identifier of this kind."""
        size = call("length", column(name))
        likely = exp.Between(this=size, low=exp.Literal.number(6), high=exp.Literal.number(32))
        found = (
            exp.select(column(LINE), exp.alias_(form, "form")).from_(self.batch.numbered()).where(likely, copy=False)
        )
        hashed = exp.alias_(ids.keyed_sql(kind, column("form")), "hash")
        there = column("form").is_(exp.null()).not_()
        return (
            exp.select(column(LINE), column("form"), hashed)
            .from_(found.subquery("cell", copy=False))
            .where(there, copy=False)
        )

    def _listed(self, parts: Iterable[exp.Select]) -> Iterator[dict[str, Any]]:
        """Those of the parts' rows whose hash is listed, many parts at once: to ask takes longer than to find."""
        left = list(parts)
        while left:
            now, left = left[:_AT_ONCE], left[_AT_ONCE:]
            every = exp.union(*now, distinct=False, copy=False) if len(now) > 1 else now[0]
            known = exp.select(column("hash")).from_(LISTED)
            query = exp.select(exp.Star()).from_(every.subquery("part", copy=False))
            query = query.where(exp.In(this=column("hash"), query=known.subquery()), copy=False)
            yield from self.engine.fetch(query, self._secret).to_pylist()

    def _free(self) -> list[str]:
        """The text columns in which any text may stand: a number in the others is an order's or a product's."""
        section, kinds = self.batch.readable, self.batch.kinds
        if section is None:
            return []
        plain = {n for field in section.bound(kinds) if not open_to_all(field.column) for n in field.reads}
        plain |= {section.known_column} if section.known_column else set()
        return [name for name, raw in kinds.items() if raw is Raw.TEXT and name not in plain]

    def _nameless(self, rows: set[int]) -> set[int]:
        """Those of the rows that name no customer by a key: what else they say of a person is all there is."""
        query = self.batch.named
        if not rows or query is None or not query.persons:
            return set()
        none = exp.and_(*(column(f"t_{name}").is_(exp.null()) for name in query.persons))
        return self._among(rows, exp.select(column(LINE)).from_(query.rows.subquery("typed")).where(none, copy=False))

    def _unread(self, rows: set[int]) -> frozenset[int]:
        """Those of the rows that break a rule; an unknown rate is no rule of theirs."""
        section = self.batch.readable
        if not rows or section is None or section.contract.name in ABOUT_A_PERSON:
            return frozenset()
        query = typed(section, self.batch.numbered(), self.batch.kinds, text=True)
        broken = exp.or_(*(each.broken for each in query.breaches if not each.rule.startswith(_RATE)))
        return frozenset(
            self._among(rows, exp.select(column(LINE)).from_(query.rows.subquery("typed")).where(broken, copy=False))
        )

    def _among(self, rows: set[int], query: exp.Select) -> set[int]:
        self.engine.register(ROWS, pa.table({"row": pa.array(sorted(rows), pa.int64())}))
        try:
            wanted = exp.select(column("row")).from_(ROWS)
            found = self.engine.fetch(query.where(exp.In(this=column(LINE), query=wanted.subquery())))
            return set(found.column(LINE).to_pylist())
        finally:
            self.engine.unregister(ROWS)

    def _broken(self) -> Iterator[int]:
        """The lines that are no record and hold an identifier."""
        if not self.batch.text or not int((pq.read_metadata(self.batch.path).metadata or {})[REJECTED]):
            return
        section = self.batch.section
        system = section.source.keys_from if section is not None else None
        first = 0
        with pq.ParquetFile(self.batch.path) as file:
            for piece in file.iter_batches(columns=[VALUE]):
                values = piece.column(0)
                for row in range(len(values) if values.null_count < len(values) else 0):
                    said = values[row].as_py()
                    if said is not None and _named(said, system, self.suppressed):
                        yield first + row
                first += len(values)


def open_to_all(each: Column) -> bool:
    """Whether any text may stand in a column: it says something about a person in their own words or numbers."""
    return each.personal and each.type is Type.TEXT


def _named(said: str, system: str | None, suppressed: Suppressed) -> bool:
    """Whether a line that is no record holds a suppressed identifier in what looks like a cell of it."""
    cells = {each.strip() for each in _CELLS.split(said)} | set(said.split())
    found = [(Kind.EMAIL, each) for each in ids.emails(said)]
    found += [(Kind.PHONE, each) for each in ids.phones(said)]
    found += [(Kind.TAX_ID, form) for each in cells if (form := ids.tax_id(each)) is not None]
    if system is not None:
        found += [(Kind.RECORD, ids.record(system, each)) for each in cells if each]
    return any(suppressed.has(kind, form) for kind, form in found)
