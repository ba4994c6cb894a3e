"""A snapshot under construction: tables written by their contracts, fits fed and taken back, then published."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, Self

from numpy.typing import NDArray
from sqlglot import exp

from clientela.contracts.schema import Contract, Kind
from clientela.errors import ClientelaError, ContractError, UnknownNameError
from clientela.warehouse.asof import as_known, the_date
from clientela.warehouse.engine import MAIN, NOTHING, Engine, to_arrow, to_numpy
from clientela.warehouse.fingerprint import fingerprint
from clientela.warehouse.model import ALL, Model
from clientela.warehouse.moments import At, reached
from clientela.warehouse.physical import (
    DOUBLED,
    FACTS,
    NULL,
    PEOPLE,
    Part,
    all_columns,
    array_breaches,
    column,
    doubled_keys,
    engine_type,
    parts,
    row_counts,
    shape_breaches,
    typed_rows,
)
from clientela.warehouse.store.copies import beside, copy_file, copy_of
from clientela.warehouse.store.snapshot import (
    SPILL,
    Snapshot,
    builds,
    publish,
    remove_unfinished,
    snapshots_folder,
    sweep,
)

Arrays = Mapping[str, NDArray[Any]]
_TOGETHER = 15 * 2048  # rows of the people file, where one is looked up: a quarter of the engine's own number


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One line of the write log, which is the lineage: which step wrote which table from which tables."""

    table: str
    step: str
    reads: tuple[str, ...]
    rows: int
    seconds: float
    as_of: date | None = None


class Build:
    """The next snapshot of a workspace; a context manager. Only the holder of the lock builds.

    Until it is published it lies in files that no reader looks at; left without publishing, they are
    removed. ``at`` is called at each of ``moments.POINTS`` that lie in a build.
    """

    def __init__(
        self,
        workspace: Path,
        number: int,
        *,
        contracts: Mapping[str, Contract] = ALL,
        threads: int | None = None,
        memory_limit: str | None = None,
        keep: int = 3,
        at: At = reached,
    ) -> None:
        self.workspace, self.number, self.contracts = workspace, number, contracts
        self.as_of_tables = frozenset(
            each.name for each in contracts.values() if each.kind is Kind.DERIVED and "as_of" in each.key
        )
        self.written: list[Written] = []
        self._keep, self._at = keep, at
        self._there: dict[str, set[str]] = {FACTS: set(), PEOPLE: set()}  # both files begin empty
        self._copying: tuple[Snapshot, Future[None]] | None = None
        self._folder = snapshots_folder(workspace)
        self._folder.mkdir(parents=True, exist_ok=True)
        remove_unfinished(workspace)
        self._files = builds(self._folder, number)
        self._spill = self._folder / f"{SPILL}{number}"
        self.engine = Engine.in_memory(threads=threads, memory_limit=memory_limit, temp_directory=self._spill)
        self._attach()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(ClientelaError):  # published is what was closed before; the rest goes
            self.engine.close()
        if self._copying is not None:
            self._copying[1].exception()  # when it has ended, whatever came of it
        shutil.rmtree(self._spill, ignore_errors=True)
        for path in self._files.values():
            for each in (path, path.with_name(path.name + ".wal"), copy_of(path)):
                with suppress(OSError):  # the next run removes it; it shall not hide why this one failed
                    each.unlink()

    def copy(self, snapshot: Snapshot) -> None:
        """Look at a snapshot's files and copy them while other work goes on: `begin_as` then has less to wait for."""
        self._copying = (snapshot, beside(lambda: self._copy(snapshot)))

    def begin_as(self, snapshot: Snapshot, tables: Collection[str]) -> None:
        """Begin as a copy of an undamaged snapshot's files, of which some tables stay; nothing may be written yet."""
        if self._copying is not None and self._copying[0] == snapshot:
            self._copying[1].result()
        else:
            self._copy(snapshot)
        for database, path in self._files.items():
            self.engine.checkpoint_and_detach(database)
            copy_of(path).replace(path)
        self._attach()
        self._keep_only(tables)

    def _copy(self, snapshot: Snapshot) -> None:
        snapshot.look()
        for database, path in self._files.items():
            copy_file(snapshot.paths[database], copy_of(path))

    def begin_empty(self) -> None:
        """Begin anew, as if nothing had been written."""
        self._keep_only(())

    def renew(
        self,
        contract_name: str,
        query: exp.Query,
        *,
        among: exp.Query,
        by: Sequence[str],
        step: str | None = None,
        reads: Collection[str] = (),
    ) -> int:
        """Put the rows of a query in place of those of a table that begins as it was; returns how many it wrote.

        Parameters
        ----------
        among : of a row that goes, and of each that comes, one of the columns ``by`` is one of these values; the
            key tells apart who differs in them, so no key can then stand twice but among the new rows.
        """
        began, contract = perf_counter(), self._contract(contract_name)
        new = exp.table_(f"new_{contract.name}", db="main", catalog=MAIN, quoted=True)
        self.engine.run(exp.Create(this=new, kind="TABLE", replace=True, expression=query))
        rows = exp.select("*").from_(new)
        types = self.engine.column_types(rows)
        breaches = list(shape_breaches(contract, types)) or self._row_breaches(contract, types, rows, NOTHING)
        mine = exp.or_(*(column(name).isin(query=among.copy()) for name in by))
        strange = self.engine.fetch(exp.select("1 as one").from_(new.copy()).where(exp.not_(mine.copy())).limit(1))
        if strange.num_rows:
            breaches.append(f"'{step or contract.name}' would write rows of others than it takes out")
        if breaches:
            raise ContractError(contract.name, breaches)
        for part in parts(contract):
            place = _place(part.database, contract.name)
            self.engine.run(exp.delete(place).where(mine.copy()))
            names = tuple(name for name in part.names if name in types)
            self.engine.run(_insert(place, exp.select(*map(column, names)).from_(new.copy()), names))
        written = self._count(new)
        self.engine.run(exp.Drop(tables=[new], kind="TABLE"))
        rows_now = self._count(_place(parts(contract)[0].database, contract.name))
        self._log(contract.name, step or contract.name, reads, rows_now, began)
        self._at("table written")
        return written

    def create(
        self,
        contract_name: str,
        query: exp.Query,
        parameters: Mapping[str, object] = NOTHING,
        *,
        step: str | None = None,
        reads: Collection[str] = (),
        keys_proved: bool = False,
    ) -> int:
        """Write a whole table by its contract, its rows in the order the query asks for; returns how many.

        Parameters
        ----------
        keys_proved : the caller has checked that no key stands twice, so it is not looked for again.

        Raises
        ------
        ContractError
            With all breaches at once; then nothing is written.
        """
        return self._write(
            contract_name, query, parameters, {}, step=step or contract_name, reads=reads, keys_proved=keys_proved
        )

    def create_empty(self, contract_name: str, *, step: str | None = None, reads: Collection[str] = ()) -> None:
        """Write a table without rows by its contract."""
        began, contract = perf_counter(), self._contract(contract_name)
        if self._standing(contract, {}):
            raise ContractError(contract.name, [_again(contract.name)])
        self._lay(contract, {})
        self._log(contract.name, step or contract.name, reads, 0, began)
        self._at("table written")

    def run_model(
        self,
        model: Model,
        *,
        as_of: date | None,
        known_at: datetime,
        parameters: Mapping[str, object] = NOTHING,
        sample_permille: int | None = None,
    ) -> int:
        """Write what a model gives as of a date; returns the rows.

        An as-of model replaces the rows of that date, a part of a shared table its analysis' rows.

        Parameters
        ----------
        as_of : of the run for a model of kind *state*; it may be None where no base table is read.
        sample_permille : build for so many of 1000 customers, chosen by their number.
        """
        sampled = sample_permille is not None
        dated = self.as_of_tables if model.kind == "as-of" else ()  # a state compares the dates with each other
        tree = as_known(model.tree, self.contracts, as_of_tables=dated, sample=sampled)
        given = {**parameters, "known_at": known_at, "sample_permille": sample_permille}
        if as_of is not None:
            given["as_of"] = as_of
        added: dict[str, exp.Expr] = {}
        replaced: dict[str, object] = {}
        if model.kind == "as-of":
            added["as_of"], replaced["as_of"] = the_date(), as_of
        if model.part is not None:
            owner = self._contract(model.writes).key[0]
            added[owner], replaced[owner] = exp.Literal.string(model.part), model.part
        return self._write(
            model.writes,
            _with_columns(tree, added),
            given,
            replaced,
            step=model.name,
            reads=model.reads,
            as_of=as_of if model.kind == "as-of" else None,
        )

    def append(
        self,
        table: str,
        arrays: Arrays,
        part: Mapping[str, object] = NOTHING,
        *,
        step: str | None = None,
        reads: Collection[str] = (),
    ) -> int:
        """Write what a fit computed: its own part of a table, replacing what stood there; returns the rows.

        Parameters
        ----------
        arrays : (n,) each, by column. NaN and NaT are null; fractions are rounded to the contract's scale.
        part : the columns that are the same in all rows of this part, with their values.
        """
        known = all_columns(self._contract(table))
        breaches = array_breaches(known, arrays)
        if breaches:
            raise ContractError(table, breaches)
        query, types = typed_rows(known, arrays, part)
        parameters = {f"part_{name}": value for name, value in part.items()}
        self.engine.register("fitted", to_arrow(arrays))
        try:
            return self._write(table, query, parameters, part, step=step or table, reads=reads, types=types)
        finally:
            self.engine.unregister("fitted")

    def arrays(self, table: str, order_by: tuple[str, ...] = ()) -> dict[str, NDArray[Any]]:
        """The columns of a facts table as arrays, (n,) each, ordered by ``order_by``, else by its key.

        Decimals are float64, dates ``datetime64[D]``, instants ``datetime64[us]``, text objects; null
        is NaN, NaT or None.
        """
        place = _place(FACTS, table)
        types = self.engine.column_types(exp.select("*").from_(place))
        listed = [
            exp.alias_(exp.cast(column(name), "double"), name, quoted=True)
            if kind.startswith("DECIMAL")
            else column(name)
            for name, kind in types.items()
        ]
        key = order_by or self._contract(table).key
        rows = self.engine.fetch(exp.select(*listed).from_(place).order_by(*map(column, key)))
        return {name: to_numpy(rows.column(name)) for name in types}

    def fingerprint(self, table: str) -> tuple[int, int]:
        """Rows and digest of a table of the facts file: equal for equal rows, whatever made them."""
        place = _place(FACTS, table)
        told = self.engine.fetch(fingerprint(place, self.engine.column_types(exp.select("*").from_(place))))
        return int(told["n"][0].as_py()), int(told["digest"][0].as_py() or 0)

    def rows(self) -> dict[str, int]:
        """How many rows each table of the facts file has, by name."""
        names = sorted(self.tables())
        counts = [exp.select(exp.Count(this=exp.Star())).from_(_place(FACTS, each)).subquery() for each in names]
        told = exp.select(*(exp.alias_(each, f"n{number}") for number, each in enumerate(counts)))
        return dict(zip(names, self.engine.row(told).values(), strict=True)) if names else {}

    def tables(self, database: str = FACTS) -> frozenset[str]:
        """The tables written so far to one of the files."""
        return frozenset(self._there[database])

    def publish(self, manifest: Mapping[str, Any]) -> Snapshot:
        """Make this the published snapshot, then remove those older than the last few."""
        for database in (FACTS, PEOPLE):
            self.engine.checkpoint_and_detach(database)
        self.engine.close()
        snapshot = publish(self._files, self._folder, self.number, manifest, at=self._at)
        with suppress(OSError):  # what is published is published; the next run sweeps again
            sweep(self.workspace, keep=self._keep)
        self._at("snapshots swept")
        return snapshot

    def _contract(self, name: str) -> Contract:
        if name not in self.contracts:
            raise UnknownNameError("table", name, self.contracts)
        return self.contracts[name]

    def _write(
        self,
        name: str,
        query: exp.Query,
        parameters: Mapping[str, object],
        replaced: Mapping[str, object],
        *,
        step: str,
        reads: Collection[str],
        as_of: date | None = None,
        keys_proved: bool = False,
        types: Mapping[str, str] | None = None,
    ) -> int:
        began = perf_counter()
        contract = self._contract(name)
        types = self.engine.column_types(query, parameters) if types is None else types
        breaches = [*shape_breaches(contract, types), *(_again(step) for _ in self._standing(contract, replaced))]
        if breaches:
            raise ContractError(name, [*breaches, *self._row_breaches(contract, types, query, parameters)])
        self._lay(contract, replaced)
        rows = self._fill(contract, query, parameters, types)
        found = self._row_breaches(contract, types, None, replaced, keys_proved=keys_proved) if rows else []
        if found:
            self._undo(contract, replaced)
            raise ContractError(name, found)
        self._log(name, step, reads, rows, began, as_of)
        self._at("table written")
        return rows

    def _keep_only(self, tables: Collection[str]) -> None:
        for database in self._files:
            there = self.engine.tables(database)
            for name in sorted(there - set(tables)):
                self.engine.run(exp.Drop(tables=[_place(database, name)], kind="TABLE"))
            self._there[database] = set(there & set(tables))
            self.engine.checkpoint(database)  # so that what is written next takes the room of what went

    def _attach(self) -> None:
        for database, path in self._files.items():
            self.engine.attach(path, database, read_only=False, together=_TOGETHER if database == PEOPLE else None)
        self.engine.use(FACTS)

    def _log(
        self, name: str, step: str, reads: Collection[str], rows: int, began: float, as_of: date | None = None
    ) -> None:
        seconds = round(perf_counter() - began, 3)
        self.written.append(
            Written(table=name, step=step, reads=tuple(sorted(reads)), rows=rows, seconds=seconds, as_of=as_of)
        )

    def _count(self, place: exp.Table) -> int:
        counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(place.copy())
        return int(self.engine.row(counted)["n"])

    def _standing(self, contract: Contract, replaced: Mapping[str, object]) -> list[str]:
        """The database that already has a table which would be written as a whole."""
        if replaced:
            return []
        return [part.database for part in parts(contract) if contract.name in self.tables(part.database)][:1]

    def _lay(self, contract: Contract, replaced: Mapping[str, object]) -> None:
        """Make the tables of a contract that are not there yet; take out what is to be replaced."""
        for part in parts(contract):
            place = _place(part.database, contract.name)
            if contract.name not in self.tables(part.database):
                columns = [
                    exp.ColumnDef(this=column(each.name).this, kind=engine_type(each.type)) for each in part.columns
                ]
                self.engine.run(exp.Create(this=exp.Schema(this=place, expressions=columns), kind="TABLE"))
                self._there[part.database].add(contract.name)
            elif replaced:
                self.engine.run(exp.delete(place).where(*_equal(replaced)), replaced)

    def _fill(
        self, contract: Contract, query: exp.Query, parameters: Mapping[str, object], types: Mapping[str, str]
    ) -> int:
        split = parts(contract)
        if len(split) == 1:
            return self.engine.run(_insert(_place(split[0].database, contract.name), query, tuple(types)), parameters)
        both = exp.table_(contract.name, db="main", catalog=MAIN, quoted=True)
        given = {name for name, kind in types.items() if kind != NULL or name in contract.key}
        if len(given) < len(types) and not query.args.get("order"):  # what is null in all rows needs no copy
            query = exp.select(*(column(name) for name in types if name in given)).from_(query.subquery("told"))
        else:
            given = set(types)
        rows = self.engine.run(exp.Create(this=both, kind="TABLE", expression=query), parameters)
        for part in split:
            names = tuple(name for name in part.names if name in given)
            listed = exp.select(*map(column, names)).from_(both.copy())
            self.engine.run(_insert(_place(part.database, contract.name), listed, names))
        self.engine.run(exp.Drop(tables=[both.copy()], kind="TABLE"))
        return rows

    def _undo(self, contract: Contract, replaced: Mapping[str, object]) -> None:
        for part in parts(contract):
            place = _place(part.database, contract.name)
            if replaced:
                self.engine.run(exp.delete(place).where(*_equal(replaced)), replaced)
            else:
                self.engine.run(exp.Drop(tables=[place], kind="TABLE"))
                self._there[part.database].discard(contract.name)

    def _row_breaches(
        self,
        contract: Contract,
        types: Mapping[str, str],
        query: exp.Query | None,
        parameters: Mapping[str, object],
        *,
        keys_proved: bool = False,
    ) -> list[str]:
        """What is wrong with rows: those of ``query``, or those written where ``parameters`` say which part."""
        found: dict[str, None] = {}
        looked_for: set[tuple[str, ...]] = set()  # both files have the same rows: a key they share is looked for once
        for part in parts(contract):
            rows = query or _written_rows(part, contract.name, parameters)
            keys = bool(part.key) and not keys_proved and part.key not in looked_for and types.keys() >= {*part.key}
            counts = row_counts(part, rows, types, rules=contract.kind is Kind.DERIVED, keys=keys)
            counted = self.engine.row(counts, parameters)
            all_rows, perhaps = counted.pop("_rows"), counted.pop(DOUBLED, False)
            found |= {f"{said} {number} of {all_rows} rows": None for said, number in counted.items() if number}
            looked_for |= {part.key} if keys else set()
            doubled = self.engine.row(doubled_keys(part, rows), parameters)["n"] if perhaps else 0
            if doubled:
                found[f"{doubled} keys ({', '.join(part.key)}) are there more than once"] = None
        return list(found)


def _place(database: str, name: str) -> exp.Table:
    return exp.table_(name, db="main", catalog=database, quoted=True)


def _equal(values: Mapping[str, object]) -> list[exp.Expr]:
    return [column(name).eq(exp.Placeholder(this=name)) for name in values]


def _written_rows(part: Part, name: str, which: Mapping[str, object]) -> exp.Select:
    rows = exp.select(*map(column, part.names)).from_(_place(part.database, name))
    return rows.where(*_equal(which)) if which else rows


def _insert(place: exp.Table, query: exp.Query, columns: tuple[str, ...]) -> exp.Insert:
    target = exp.Schema(this=place, expressions=[column(name).this for name in columns])
    return exp.Insert(this=target, expression=query)


def _with_columns(tree: exp.Query, added: Mapping[str, exp.Expr]) -> exp.Query:
    """A query with constant columns beside those it names itself; a union is asked as a whole."""
    missing = {name: each for name, each in added.items() if name not in tree.named_selects}
    if not missing:
        return tree
    constants = [exp.alias_(each, name, quoted=True) for name, each in missing.items()]
    if isinstance(tree, exp.Select):
        return tree.select(*constants)
    return exp.select(*map(column, tree.named_selects), *constants).from_(tree.subquery("rows"))


def _again(step: str) -> str:
    return f"it is there already, and '{step}' would write it again"
