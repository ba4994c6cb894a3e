"""A snapshot under construction: tables written by their contracts, fits fed and taken back, then published."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, Self

from numpy.typing import NDArray
from sqlglot import exp

from clientela.contracts.schema import Contract, Kind
from clientela.errors import ClientelaError, ContractError, UnknownNameError
from clientela.warehouse.engine import MAIN, NOTHING, Engine
from clientela.warehouse.fingerprint import fingerprint
from clientela.warehouse.model import ALL, Model
from clientela.warehouse.moments import At, reached
from clientela.warehouse.physical import (
    DOUBLED,
    FACTS,
    PEOPLE,
    all_columns,
    array_breaches,
    column,
    doubled_keys,
    parts,
    row_counts,
    shape_breaches,
    typed_rows,
)
from clientela.warehouse.portable import gives_nothing
from clientela.warehouse.store.copies import beside, copy_file, copy_of, put_copy, settle
from clientela.warehouse.store.snapshot import (
    SPILL,
    Snapshot,
    builds,
    publish,
    remove_unfinished,
    snapshots_folder,
    sweep,
)
from clientela.warehouse.writing import (
    Fill,
    Logged,
    Seen,
    counted,
    filling,
    insert,
    laid,
    place,
    read_all,
    seen,
    taken_out,
    to_arrow,
    to_numpy,
    written_rows,
)

Arrays = Mapping[str, NDArray[Any]]
_TOGETHER = 2 * 2048  # rows of the people file, where one is looked up: of as many the engine unpacks the texts


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
        self.written: list[Logged] = []
        self._keep, self._at = keep, at
        self._there: dict[str, set[str]] = {FACTS: set(), PEOPLE: set()}  # both files begin empty
        self._rows: dict[str, int] = {}  # of each table written so far
        self._written_parts: dict[str, list[dict[str, object]]] = {}  # of each table that began empty
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
            put_copy(path)
        self._attach()
        self._keep_only(tables)

    def _copy(self, snapshot: Snapshot) -> None:
        snapshot.look()
        for database, path in self._files.items():
            copy_file(snapshot.paths[database], copy_of(path))
            settle(copy_of(path))

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
        written = gone = 0
        for part in parts(contract):
            table = place(part.database, contract.name)
            gone = self.engine.run(exp.delete(table).where(mine.copy()))
            names = tuple(name for name in part.names if name in types)
            written = self.engine.run(insert(table, exp.select(*map(column, names)).from_(new.copy()), names))
        self.engine.run(exp.Drop(tables=[new], kind="TABLE"))
        self._more(contract.name, written - gone)
        self._log(contract.name, step or contract.name, reads, self._rows_of(contract.name), began)
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
        spans: Sequence[Mapping[str, object]] = (NOTHING,),
    ) -> int:
        """Write a whole table by its contract, its rows in the order the query asks for; returns how many.

        Parameters
        ----------
        keys_proved : the caller has checked that no key stands twice, so it is not looked for again.
        spans : more parameters, for each of which the query gives rows of its own: all at once may not fit in memory

        Raises
        ------
        ContractError
            With all breaches at once; then nothing is written.
        """
        return self._write(
            self._contract(contract_name),
            query,
            parameters,
            {},
            step=step or contract_name,
            reads=reads,
            keys_proved=keys_proved,
            spans=spans,
        )

    def create_empty(self, contract_name: str, *, step: str | None = None, reads: Collection[str] = ()) -> None:
        """Write a table without rows by its contract."""
        self._write_nothing(self._contract(contract_name), {}, step=step or contract_name, reads=reads)

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
        contract, dated = self._contract(model.writes), model.kind == "as-of"
        given = {**parameters, "known_at": known_at, "sample_permille": sample_permille}
        if as_of is not None:
            given["as_of"] = as_of
        replaced: dict[str, object] = {"as_of": as_of} if dated else {}
        if model.part is not None:
            replaced[contract.key[0]] = model.part
        day = as_of if dated else None
        if gives_nothing(model.tree, [name for name in model.reads if self._rows.get(name.split(".")[-1]) == 0]):
            return self._write_nothing(contract, replaced, step=model.name, reads=model.reads, as_of=day)
        asked = seen(model, contract, self.contracts, sample=sample_permille is not None)
        return self._write(
            contract, asked.query, given, replaced, step=model.name, reads=model.reads, as_of=day, before=asked
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
        contract = self._contract(table)
        known = all_columns(contract)
        breaches = array_breaches(known, arrays)
        if breaches:
            raise ContractError(table, breaches)
        query, types = typed_rows(known, arrays, part)
        if arrays and types is not None and not any(map(len, arrays.values())):
            breaches += shape_breaches(contract, types)
            if breaches:
                raise ContractError(table, breaches)
            return self._write_nothing(contract, part, step=step or table, reads=reads)
        parameters = {f"part_{name}": value for name, value in part.items()}
        self.engine.register("fitted", to_arrow(arrays))
        try:
            return self._write(contract, query, parameters, part, step=step or table, reads=reads, types=types)
        finally:
            self.engine.unregister("fitted")

    def write_none(
        self, table: str, part: Mapping[str, object] = NOTHING, *, step: str, reads: Collection[str] = ()
    ) -> None:
        """Let a table stand without rows of a part (none: without any), whatever was written of it before."""
        began, contract = perf_counter(), self._contract(table)
        if not part and self._again(contract, part, step):
            for each in parts(contract):
                self.engine.run(taken_out(table, each, ()))
            self._rows[table] = 0
        else:
            self._lay(contract, part)
        self._log(table, step, reads, 0, began)

    def arrays(self, table: str, order_by: tuple[str, ...] = ()) -> dict[str, NDArray[Any]]:
        """The columns of a facts table as arrays, (n,) each, ordered by ``order_by``, else by its key.

        Decimals are float64, dates ``datetime64[D]``, instants ``datetime64[us]``, text objects; null
        is NaN, NaT or None.
        """
        rows = self.engine.fetch(read_all(self._contract(table), order_by))
        return {name: to_numpy(rows.column(name)) for name in rows.column_names}

    def fingerprint(self, table: str) -> tuple[int, int]:
        """Rows and digest of a table of the facts file: equal for equal rows, whatever made them."""
        where = place(FACTS, table)
        told = self.engine.fetch(fingerprint(where, self.engine.column_types(exp.select("*").from_(where))))
        return int(told["n"][0].as_py()), int(told["digest"][0].as_py() or 0)

    def rows(self) -> dict[str, int]:
        """How many rows each table of the facts file has, by name."""
        return {name: self._rows_of(name) for name in sorted(self.tables())}

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
        contract: Contract,
        query: exp.Query,
        parameters: Mapping[str, object],
        replaced: Mapping[str, object],
        *,
        step: str,
        reads: Collection[str],
        as_of: date | None = None,
        keys_proved: bool = False,
        types: Mapping[str, str] | None = None,
        before: Seen | None = None,
        spans: Sequence[Mapping[str, object]] = (NOTHING,),
    ) -> int:
        began, again = perf_counter(), self._again(contract, replaced, step)
        fill = before.fill(parameters) if before is not None and not again else None
        if fill is None:
            first = {**parameters, **spans[0]}
            types = self.engine.column_types(query, first) if types is None else types
            breaches = [*shape_breaches(contract, types), *again]
            if breaches:
                raise ContractError(contract.name, [*breaches, *self._row_breaches(contract, types, query, first)])
            fill = Fill(types, filling(contract, query, types))
            if before is not None:
                before.keep(parameters, fill)
        self._lay(contract, replaced)
        rows = sum(fill.fill_in(self.engine, {**parameters, **span}) for span in spans)
        self._more(contract.name, rows)
        found = self._row_breaches(contract, fill.types, None, replaced, keys_proved=keys_proved) if rows else []
        if found:
            self._undo(contract, replaced)
            raise ContractError(contract.name, found)
        self._log(contract.name, step, reads, rows, began, as_of)
        self._at("table written")
        return rows

    def _keep_only(self, tables: Collection[str]) -> None:
        for database in self._files:
            there = self.engine.tables(database)
            for name in sorted(there - set(tables)):
                self.engine.run(exp.Drop(tables=[place(database, name)], kind="TABLE"))
            self._there[database] = set(there & set(tables))
        self._rows.clear()
        self._written_parts.clear()
        for database in self._files:
            self.engine.checkpoint(database)  # so that what is written next takes the room of what went

    def _attach(self) -> None:
        for database, path in self._files.items():
            self.engine.attach(
                path, database, read_only=False, whole=True, together=_TOGETHER if database == PEOPLE else None
            )
        self.engine.use(FACTS)

    def _log(
        self, name: str, step: str, reads: Collection[str], rows: int, began: float, as_of: date | None = None
    ) -> None:
        seconds = round(perf_counter() - began, 3)
        self.written.append(
            Logged(table=name, step=step, reads=tuple(sorted(reads)), rows=rows, seconds=seconds, as_of=as_of)
        )

    def _rows_of(self, name: str) -> int:
        """How many rows a table has: as was written, or counted where a snapshot was begun with."""
        if name not in self._rows:
            database = FACTS if name in self.tables() else PEOPLE
            told = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(place(database, name))
            self._rows[name] = int(self.engine.row(told)["n"])
        return self._rows[name]

    def _again(self, contract: Contract, replaced: Mapping[str, object], step: str) -> list[str]:
        """What is wrong with writing a whole table: that it is there already."""
        there = not replaced and any(contract.name in self.tables(part.database) for part in parts(contract))
        return [f"it is there already, and '{step}' would write it again"] if there else []

    def _write_nothing(
        self,
        contract: Contract,
        replaced: Mapping[str, object],
        *,
        step: str,
        reads: Collection[str],
        as_of: date | None = None,
    ) -> int:
        began, again = perf_counter(), self._again(contract, replaced, step)
        if again:
            raise ContractError(contract.name, again)
        self._lay(contract, replaced)
        self._log(contract.name, step, reads, 0, began, as_of)
        self._at("table written")
        return 0

    def _lay(self, contract: Contract, replaced: Mapping[str, object]) -> None:
        """Make the tables of a contract that are not there yet; take out what is to be replaced."""
        name, gone, new = contract.name, 0, self._is_new(contract.name, replaced)
        for part in parts(contract):
            if name not in self.tables(part.database):
                self.engine.run(laid(name, part))
                self._there[part.database].add(name)
                self._rows[name], self._written_parts[name] = 0, []
            elif replaced and not new:
                gone = self.engine.run(taken_out(name, part, tuple(replaced)), replaced)
        self._more(name, -gone)
        self._written_parts.setdefault(name, [{}]).append(dict(replaced))

    def _more(self, name: str, rows: int) -> None:
        if name in self._rows:  # else it is counted when it is asked for
            self._rows[name] += rows

    def _is_new(self, name: str, replaced: Mapping[str, object]) -> bool:
        """Whether no row of a table can be of a part: all that stands in it are other parts of the same kind."""
        there = self._written_parts.get(name, [{}])
        return all(each.keys() == replaced.keys() and each != replaced for each in there)

    def _undo(self, contract: Contract, replaced: Mapping[str, object]) -> None:
        self._rows.pop(contract.name, None)
        self._written_parts[contract.name].pop()
        for part in parts(contract):
            if replaced:
                self.engine.run(taken_out(contract.name, part, tuple(replaced)), replaced)
            else:
                self.engine.run(exp.Drop(tables=[place(part.database, contract.name)], kind="TABLE"))
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
            keys = bool(part.key) and not keys_proved and part.key not in looked_for and types.keys() >= {*part.key}
            rules, which = contract.kind is Kind.DERIVED, tuple(parameters)
            told = self.engine.row(
                counted(contract.name, part, which, frozenset(types), rules=rules, keys=keys)
                if query is None
                else row_counts(part, query, types, rules=rules, keys=keys),
                parameters,
            )
            all_rows, perhaps = told.pop("_rows"), told.pop(DOUBLED, False)
            found |= {f"{said} {number} of {all_rows} rows": None for said, number in told.items() if number}
            looked_for |= {part.key} if keys else set()
            rows = query or written_rows(part, contract.name, which)
            if perhaps and (doubled := self.engine.row(doubled_keys(part, rows), parameters)["n"]):
                found[f"{doubled} keys ({', '.join(part.key)}) are there more than once"] = None
        return list(found)
