"""Everything held of a person: what was delivered and by whom, what was made of it, what was concluded."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
from sqlglot import exp

from clientela.capture.files.csv_reader import LINE, LINES, RULE, VALUE
from clientela.capture.suppression import Suppressed
from clientela.capture.suppression import identifiers as ids
from clientela.capture.suppression.applied import batches
from clientela.capture.suppression.matching import BatchFile, Matches, matches
from clientela.config import Settings
from clientela.contracts.derived import DERIVED
from clientela.contracts.report import Held, PersonPage
from clientela.contracts.schema import Contract
from clientela.contracts.tables import CONTRACTS
from clientela.contracts.text import Text, Value, text
from clientela.errors import SnapshotError, UsageError
from clientela.pipeline.create import read_secret
from clientela.pipeline.persons.find import Known, known
from clientela.pipeline.questions import questions
from clientela.warehouse.engine import Engine
from clientela.warehouse.physical import FACTS, PEOPLE, column, parts
from clientela.warehouse.store.landing import Batch, Landing
from clientela.warehouse.store.snapshot import Reader, current

_PLACE = ("source", "table", "file", "arrived_at", "line", "about")
_OWN = (LINE, LINES, VALUE, RULE)
_NUMBERS = frozenset({"customer_id", "customer_id_l", "customer_id_r"})
_ROW, _MENTION, _BROKEN = "row", "mention", "unreadable line"
Places = frozenset[tuple[str, str, int]]  # table, hash of the batch, line


@dataclass(frozen=True, slots=True)
class _Delivered:
    """A row of a file: where it came from, and what it says."""

    batch: Batch
    line: int
    about: str
    cells: Mapping[str, Value]


def page(folder: Path, settings: Settings, identifiers: Sequence[str], *, now: datetime) -> PersonPage:
    """Everything held of the persons these identifiers mean.

    Raises
    ------
    PersonError
        An identifier means nobody, or several.
    """
    secret = read_secret(folder)
    found = known(folder, settings, identifiers)
    delivered = tuple(_delivered(folder, settings, Suppressed.of(secret, found.identifiers)))
    snapshot, published = _published(folder, secret, found, _places(delivered))
    return PersonPage(
        company=settings.company.name,
        made_at=now.astimezone(ZoneInfo(settings.company.timezone)),
        snapshot=snapshot,
        customers=found.customer_ids,
        sections=(_keys(secret, found), *_files(delivered), *published),
    )


def write_for_owner(path: Path, said: str) -> None:
    """Write a file that nobody but its owner may read.

    Raises
    ------
    UsageError
        It cannot be written.
    """
    if not path.name or path.is_dir():
        raise UsageError(f"cannot write {path}: it is a folder. Choose another file.")
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(said)
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)  # what it says of a person stays nowhere
        raise UsageError(f"cannot write {path}: {error.strerror}. Choose another file.") from None


def _keys(secret: bytes, found: Known) -> Held:
    rows = [
        (person.customer_id, system, key, ids.customer_ref(secret, system, key))
        for person in found.persons
        for system, key in person.records
    ]
    return Held(
        name="keys",
        title=text("Keys"),
        says=text("The keys by which each system knows the person, and the number and pseudonym that stand for them."),
        columns=("customer_id", "source", "record_id", "customer_ref"),
        rows=tuple(rows),
    )


def _delivered(folder: Path, settings: Settings, listed: Suppressed) -> Iterator[_Delivered]:
    """Every row of every file that says something about the person."""
    landing = Landing(folder)
    with Engine.in_memory(threads=settings.run.threads, memory_limit=settings.run.memory_limit) as engine:
        for batch, section in batches(settings, landing):
            file = BatchFile(landing.path_of(batch), section)
            found = matches(file, listed, engine, rules=False)
            if found:
                yield from _rows(batch, file, found)


def _rows(batch: Batch, file: BatchFile, found: Matches) -> Iterator[_Delivered]:
    mentions: dict[int, set[str]] = {}
    for each in found.mentions:
        mentions.setdefault(each.row, set()).add(each.column)
    wanted = sorted({*found.theirs, *found.broken, *mentions})
    first = 0
    with pq.ParquetFile(file.path) as opened:
        for piece in opened.iter_batches():
            here = [row - first for row in wanted if first <= row < first + piece.num_rows]
            for row, cells in zip(here, piece.take(here).to_pylist() if here else (), strict=True):
                yield _row(batch, first + row, cells, found, mentions)
            first += piece.num_rows


def _row(
    batch: Batch, row: int, cells: Mapping[str, Any], found: Matches, mentions: Mapping[int, set[str]]
) -> _Delivered:
    line = int(cells.get(LINE) or row + 1)
    if row in found.broken:
        return _Delivered(batch, line, _BROKEN, {"text": cells[VALUE], "rule": cells[RULE]})
    own = row in found.theirs  # of somebody else's row only what names the person is theirs
    shown = {name: _plain(said) for name, said in cells.items() if name not in _OWN and said is not None}
    shown = {name: said for name, said in shown.items() if own or name in mentions[row]}
    return _Delivered(batch, line, _ROW if own else _MENTION, shown)


def _files(delivered: Sequence[_Delivered]) -> Iterator[Held]:
    """What was delivered, a section for each source and table."""
    for source, table in dict.fromkeys((each.batch.source, each.batch.table) for each in delivered):
        rows = [each for each in delivered if (each.batch.source, each.batch.table) == (source, table)]
        names = tuple(dict.fromkeys(name for each in rows for name in each.cells))
        yield Held(
            name=f"delivered.{source}.{table}",
            title=text("Delivered by {source}: {table}", source=source, table=table),
            says=text("What files said of the person, column by column, with the file, the day it came and the line."),
            columns=(*_PLACE, *names),
            rows=tuple((*_place(each), *(each.cells.get(name) for name in names)) for each in rows),
        )


def _place(each: _Delivered) -> tuple[Value, ...]:
    batch = each.batch
    return batch.source, batch.table, batch.path, batch.arrived_at.isoformat(timespec="seconds"), each.line, each.about


def _places(delivered: Iterable[_Delivered]) -> Places:
    return frozenset((each.batch.table, each.batch.hash, each.line) for each in delivered if each.about != _MENTION)


def _published(folder: Path, secret: bytes, found: Known, places: Places) -> tuple[str | None, tuple[Held, ...]]:
    """What the tables of the published snapshot hold of the person; nothing while it cannot be read."""
    try:
        snapshot = current(folder)
        if snapshot is None:
            return None, ()
        with Reader(snapshot) as reader:
            return snapshot.name, tuple(_Published(reader, secret, found, places).sections())
    except SnapshotError:  # what was delivered is everything; the tables are made from it
        return None, ()


@dataclass(frozen=True, slots=True)
class _Published:
    reader: Reader
    secret: bytes
    found: Known
    places: Places

    def sections(self) -> Iterator[Held]:
        """A section for each table that names the person, and the models behind what was concluded."""
        for contract in (*CONTRACTS.values(), *DERIVED.values()):
            for part in parts(contract):
                tables = self.reader.tables if part.database == FACTS else self.reader.people or frozenset()
                if part.columns and contract.name in tables:
                    yield from self._section(contract, part.database, part.names)
        yield from self._models()

    def _section(self, contract: Contract, database: str, names: Sequence[str]) -> Iterator[Held]:
        place = exp.table_(contract.name, db="main", catalog=database, quoted=True)
        query = exp.select(*map(column, names)).from_(place)
        if contract.name == "quarantine":
            rows = [row for row in self._quarantined(query) if self._is_theirs(row)]
        else:
            condition = self._about(names)
            rows = [] if condition is None else self.reader.fetch(query.where(condition)).to_pylist()
        if rows:
            personal = database == PEOPLE and contract.name != "quarantine"
            yield Held(
                name=f"{database}.{contract.name}",
                title=_title(contract.name, personal=personal),
                says=text("What the table holds: {meaning}", meaning=contract.description),
                columns=tuple(names),
                rows=tuple(tuple(_plain(row[name]) for name in names) for row in rows),
            )

    def _about(self, names: Sequence[str]) -> exp.Expr | None:
        """The rows of a table that name the person, by number or pseudonym; None where the table names nobody."""
        numbers = [name for name in names if name in _NUMBERS or name.endswith("_customer_id")]
        pseudonyms = [name for name in names if name.startswith("customer_ref")]
        if not numbers and not pseudonyms:
            return None
        refs = [ids.customer_ref(self.secret, *each) for each in self.found.records]
        return exp.or_(
            *(column(name).isin(*self.found.customer_ids) for name in numbers),
            *(column(name).isin(*refs) for name in pseudonyms),
        )

    def _quarantined(self, query: exp.Select) -> list[dict[str, Any]]:
        hashes = sorted({batch for _, batch, _ in self.places})
        return self.reader.fetch(query.where(column("batch").isin(*hashes))).to_pylist() if hashes else []

    def _is_theirs(self, row: Mapping[str, Any]) -> bool:
        return (row["table_name"], row["batch"], row["line"]) in self.places

    def _models(self) -> Iterator[Held]:
        """How what was concluded was concluded."""
        if "score" not in self.reader.tables or "model" not in self.reader.tables:
            return
        score = exp.table_("score", db="main", catalog=FACTS, quoted=True)
        mine = column("customer_id").isin(*self.found.customer_ids)
        used = exp.select(column("analysis"), column("model_version")).distinct().from_(score).where(mine)
        versions = {(row["analysis"], row["model_version"]) for row in self.reader.fetch(used).to_pylist()}
        asked = {each.name: each.question for each in questions().all()}
        names = ("analysis", "version", "candidate", "learned_at", "as_of", "parameters")
        model = exp.table_("model", db="main", catalog=FACTS, quoted=True)
        found = self.reader.fetch(exp.select(*map(column, names)).from_(model).where(column("winner")))
        rows = [
            (asked.get(row["analysis"]), *(_plain(row[name]) for name in names))
            for row in found.to_pylist()
            if (row["analysis"], row["version"]) in versions
        ]
        if rows:
            yield Held(
                name="models",
                title=text("How scores were made"),
                says=text(
                    "Each score answers a question about the person by a model learned from all customers: from how "
                    "often and how recently they bought, and nothing else. People decide, not the model."
                ),
                columns=("question", *names),
                rows=tuple(rows),
            )


def _title(table: str, *, personal: bool) -> Text:
    if personal:
        return text("Table {table}, its personal part", table=table)
    return text("Table {table}", table=table)


def _plain(said: Any) -> Value:
    """A value of a table as a document has it."""
    if said is None or isinstance(said, (str, bool, int, float, Decimal)):
        return said
    return said.isoformat() if isinstance(said, (date, datetime)) else str(said)
