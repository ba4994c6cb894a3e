"""Rows that broke a rule: whether they still stay out, wait with their batch, or have been mended.

Nothing of this is kept beside the data: it follows from what was landed and how it reads now. Only what a
corrected mapping brought in is seen by looking at the snapshot before, and its value is then forgotten.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlglot import exp

from clientela.capture.arrive import content_of
from clientela.capture.conform import Conformed
from clientela.capture.deliveries import SEQUENCE
from clientela.contracts.derived.checked import QUARANTINE
from clientela.errors import SnapshotError, UnknownNameError
from clientela.pipeline import serving
from clientela.warehouse.build import Build
from clientela.warehouse.engine import Engine, read_parquet
from clientela.warehouse.physical import ENGINE_TYPES, PEOPLE, column
from clientela.warehouse.store.snapshot import Reader, current

OPEN, HELD, MENDED = "open", "held", "mended"
STATUSES = (OPEN, HELD, MENDED)
REMEMBERED_RUNS = 30  # for so long a mended row is still listed
DELIVERED_AGAIN = 0.5  # share of a file's rows that another under its name must hold to be the same file anew

BatchKey = tuple[str, str, str]  # source, table, hash
_NAMES = QUARANTINE.names


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchState:
    """Whether the bad rows of a batch are open, held or mended; ``run``: the one that mended them."""

    status: str
    run: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the quarantine, as a person mends it."""

    source: str
    table: str
    path: str
    line: int
    column: str
    value: str | None
    rule: str
    status: str
    run: int | None
    mended_in: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Rows of the quarantine: those to show, how many there are of each status, how many could be shown."""

    rows: tuple[Row, ...]
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many rows there are."""
        return sum(self.counts.values())


def key_of(conformed: Conformed) -> BatchKey:
    """What names a batch."""
    return (conformed.batch.source, conformed.batch.table, conformed.batch.hash)


def states(engine: Engine, conformed: Iterable[Conformed]) -> Mapping[BatchKey, BatchState]:
    """The state of every batch that was delivered."""
    groups: dict[tuple[str, str], list[Conformed]] = {}
    for each in conformed:
        groups.setdefault((each.batch.source, each.batch.table), []).append(each)
    found: dict[BatchKey, BatchState] = {}
    for group in groups.values():
        found |= _of_full(group) if group[0].section.source.delivery == "full" else _of_parts(engine, group)
    return found


def _of_full(group: Sequence[Conformed]) -> dict[BatchKey, BatchState]:
    """Of a source that delivers everything each time the newest delivery counts, or the newest that could be used."""
    newest = max(each.batch.run for each in group)
    in_force = max((each.batch.run for each in group if not each.kept_out), default=None)
    found: dict[BatchKey, BatchState] = {}
    for each in group:
        if each.batch.run == in_force:
            found[key_of(each)] = BatchState(status=OPEN)
        elif each.batch.run == newest:
            found.setdefault(key_of(each), BatchState(status=HELD))
    for each in group:
        found.setdefault(key_of(each), BatchState(status=MENDED, run=in_force if in_force is not None else newest))
    return found


def _of_parts(engine: Engine, group: Sequence[Conformed]) -> dict[BatchKey, BatchState]:
    """Of other sources every batch counts that is not held; its bad rows are mended when its file came in again."""
    found = {key_of(each): BatchState(status=HELD if each.kept_out else OPEN) for each in group}
    counting = [each for each in group if not each.kept_out]
    spans = _Spans.of(counting)
    later = {each.batch.sequence: spans.after(each) for each in group if each.quarantined}
    compared = {each.batch.sequence: each for each in group if each.quarantined and later[each.batch.sequence].size}
    involved = sorted({int(place) for sequence in compared for place in later[sequence]})
    shares = _delivered_again(engine, compared.values(), [counting[place] for place in involved])
    for sequence, each in compared.items():
        same_path = [place for place in later[sequence] if counting[place].batch.path == each.batch.path]
        share = shares.get(sequence)
        by_name = bool(same_path) and each.section.source.database is None
        if share == 1 or (by_name and (share is None or share >= DELIVERED_AGAIN)):
            mended_by = counting[same_path[-1] if same_path else later[sequence][-1]]
            found[key_of(each)] = BatchState(status=MENDED, run=mended_by.batch.run)
    return found


@dataclass(frozen=True, slots=True)
class _Spans:
    """Of batches their sequence and the days they may tell of, as arrays: there are many, and each is asked for."""

    sequence: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]

    @staticmethod
    def of(batches: Sequence[Conformed]) -> _Spans:
        days = [_days(each) for each in batches]
        return _Spans(
            np.array([each.batch.sequence for each in batches], dtype=np.int64),
            np.array([first for first, _ in days], dtype=np.int64),
            np.array([last for _, last in days], dtype=np.int64),
        )

    def after(self, batch: Conformed) -> NDArray[np.intp]:
        """The places of those that came later and in which the same rows may stand."""
        first, last = _days(batch)
        return np.flatnonzero((self.sequence > batch.batch.sequence) & (self.first <= last) & (self.last >= first))


def _days(batch: Conformed) -> tuple[int, int]:
    """The first and the last day of a batch's rows, as numbers; any day where they are not known."""
    if batch.first_on is None or batch.last_on is None:
        return date.min.toordinal(), date.max.toordinal()
    return batch.first_on.toordinal(), batch.last_on.toordinal()


def _delivered_again(engine: Engine, weak: Collection[Conformed], later: Collection[Conformed]) -> Mapping[int, float]:
    """Which part of a batch's good rows came in again with a later one, by its sequence; not where it has none."""
    batches = {each.batch.sequence: each for each in (*weak, *later) if each.accepted}
    if not batches or not any(each.accepted for each in weak):
        return {}
    contract = next(iter(batches.values())).section.contract
    key = [name for name in contract.key if name not in ("source", "line_no")]
    hashed = exp.alias_(exp.Anonymous(this="hash", expressions=[column(name) for name in key]), "_key")
    parts = []
    for file in dict.fromkeys(each.facts for _, each in sorted(batches.items())):
        held = [sequence for sequence, each in batches.items() if each.facts == file]
        if batches[held[0]].together:
            rows = exp.select(hashed.copy(), column(SEQUENCE), exp.alias_(exp.true(), "_counts"))
            among = exp.In(this=column(SEQUENCE), expressions=[_number(sequence) for sequence in held])
            parts.append(rows.from_(read_parquet([file])).where(among))
            continue
        parts += [
            exp.select(
                hashed.copy(),
                exp.alias_(_number(sequence), "_sequence"),
                exp.alias_(exp.Boolean(this=not batches[sequence].kept_out), "_counts"),
            ).from_(read_parquet([file]))
            for sequence in held
        ]
    union: exp.Query = parts[0]
    for part in parts[1:]:
        union = exp.union(union, part, distinct=False, copy=False)
    counting = exp.Case(ifs=[exp.If(this=column("_counts"), true=column("_sequence"))])
    last = exp.Window(this=exp.Max(this=counting), partition_by=[column("_key")])
    seen = exp.select("_sequence", exp.alias_(last, "_last")).from_(union.subquery("rows"))
    again = exp.CountIf(this=exp.GT(this=column("_last"), expression=column("_sequence")))
    query = exp.select("_sequence", exp.alias_(again, "again"), exp.alias_(exp.Count(this=exp.Star()), "n"))
    rows = engine.fetch(query.from_(seen.subquery("seen")).group_by("_sequence")).to_pylist()
    wanted = {each.batch.sequence for each in weak}
    return {row["_sequence"]: int(row["again"] or 0) / row["n"] for row in rows if row["_sequence"] in wanted}


def publish(
    build: Build, folder: Path, conformed: Sequence[Conformed], states: Mapping[BatchKey, BatchState], *, run: int
) -> None:
    """Write the table ``quarantine``: what is bad now, and what was and has been mended."""
    files = list(dict.fromkeys(each.quarantine for each in conformed if each.quarantine is not None))
    if not files:
        return
    now = _now(files, states)
    before = _before(folder, conformed, run)
    if before is None:
        build.create("quarantine", now, reads=["landing"])
        return
    build.engine.register("quarantined_before", before)
    try:
        build.create("quarantine", exp.union(now, _mended_since(files, run), distinct=False), reads=["landing"])
    finally:
        build.engine.unregister("quarantined_before")


def _now(files: Sequence[Path], states: Mapping[BatchKey, BatchState]) -> exp.Select:
    """The bad rows of all batches with their status; of a mended one the value is not shown any more."""
    mended = {key: state for key, state in states.items() if state.status == MENDED}
    held = [key for key, state in states.items() if state.status == HELD]
    ifs = [exp.If(this=_among(list(mended)), true=_text(MENDED))] if mended else []
    ifs += [exp.If(this=_among(held), true=_text(HELD))] if held else []
    status: exp.Expr = exp.Case(ifs=ifs, default=_text(OPEN)) if ifs else _text(OPEN)
    runs = [
        exp.If(this=_among([key for key, state in mended.items() if state.run == number]), true=_number(number))
        for number in sorted({state.run for state in mended.values() if state.run is not None})
    ]
    mended_in: exp.Expr = exp.Case(ifs=runs) if runs else exp.null()
    value = exp.Case(ifs=[exp.If(this=exp.Not(this=_among(list(mended))), true=column("value"))])
    special = {
        "status": status,
        "mended_in": exp.cast(mended_in, "bigint"),
        "value": value if mended else column("value"),
    }
    listed = [exp.alias_(special[name], name) if name in special else column(name) for name in _NAMES]
    return exp.select(*listed).from_(read_parquet(files))


def _mended_since(files: Sequence[Path], run: int) -> exp.Select:
    """Rows of the snapshot before that are bad no more, though their batch still counts; without their values."""
    now = exp.select(column("source"), column("table_name"), _content(), column("line")).from_(read_parquet(files))
    keys = [exp.EQ(this=_in("was", name), expression=_in("now", name)) for name in ("source", "table_name", "line")]
    keys.append(exp.EQ(this=_in("was", "_content"), expression=_in("now", "_content")))
    again = exp.select(_number(1)).from_(now.subquery("now")).where(*keys)
    special: dict[str, exp.Expr] = {
        "value": exp.cast(exp.null(), ENGINE_TYPES[QUARANTINE.column("value").type]),
        "status": _text(MENDED),
        "mended_in": exp.cast(exp.func("coalesce", _in("was", "mended_in"), _number(run)), "bigint"),
    }
    listed = [exp.alias_(special[name], name) if name in special else _in("was", name) for name in _NAMES]
    rows = exp.select(*listed).from_(exp.alias_(exp.to_table("quarantined_before"), "was", table=True))
    return rows.where(exp.Not(this=exp.Exists(this=again)))


def _before(folder: Path, conformed: Sequence[Conformed], run: int) -> pa.Table | None:
    """The quarantine of the published snapshot, of batches that still count and whose rows were not long mended."""
    counted = {(c.batch.source, c.batch.table, content_of(c.batch)) for c in conformed}
    try:
        published = current(folder)
        if published is None:
            return None
        with Reader(published) as reader:
            if "quarantine" not in (reader.people or ()):
                return None
            place = exp.table_("quarantine", db="main", catalog=PEOPLE, quoted=True)
            rows = reader.fetch(exp.select("*").from_(place))
    except SnapshotError:
        return None  # a damaged snapshot tells nothing; the new one is built from the landing alone
    if not set(_NAMES) <= set(rows.column_names):
        return None  # an older version did not tell the status
    contents = [hash.partition(".")[0] for hash in rows.column("batch").to_pylist()]
    kept = [
        (source, table, content) in counted and (mended is None or mended > run - REMEMBERED_RUNS)
        for source, table, content, mended in zip(
            rows.column("source").to_pylist(),
            rows.column("table_name").to_pylist(),
            contents,
            rows.column("mended_in").to_pylist(),
            strict=True,
        )
    ]
    return rows.append_column("_content", pa.array(contents, pa.string())).filter(pa.array(kept, pa.bool_()))


def listed(folder: Path, *, source: str | None = None, status: str | None = None, limit: int | None = None) -> Listed:
    """The rows in quarantine by source, file and line.

    Raises
    ------
    NothingPublishedError
        No run has published anything yet.
    UnknownNameError
        No such source delivers anything, or there is no such status.
    """
    if status is not None and status not in STATUSES:
        raise UnknownNameError("status", status, STATUSES)
    with serving.opened(folder) as (reader, served):
        known = sorted({each["source"] for each in served.snapshot.manifest.get("sources", ())})
        if source is not None and source not in known:
            raise UnknownNameError("source", source, known)
        if "quarantine" not in (reader.people or ()):
            return Listed(rows=(), counts={})
        given: dict[str, object] = {"source": source} if source is not None else {}
        given |= {"status": status} if status is not None else {}
        place = exp.table_("quarantine", db="main", catalog=PEOPLE, quoted=True)
        where = [column(name).eq(exp.Placeholder(this=name)) for name in given]
        counted = exp.select(column("status"), exp.alias_(exp.Count(this=exp.Star()), "n")).from_(place).where(*where)
        order = ("source", "table_name", "path", "line", "column_name", "rule", "batch")
        rows = exp.select(*map(column, _NAMES)).from_(place.copy()).where(*where).order_by(*map(column, order))
        counts = reader.fetch(counted.group_by(column("status")), given).to_pylist()
        found = reader.fetch(rows if limit is None else rows.limit(limit), given).to_pylist()
    return Listed(rows=tuple(map(_row, found)), counts={row["status"]: row["n"] for row in counts})


def _row(told: Mapping[str, Any]) -> Row:
    return Row(
        source=told["source"],
        table=told["table_name"],
        path=told["path"],
        line=told["line"],
        column=told["column_name"],
        value=told["value"],
        rule=told["rule"],
        status=told["status"],
        run=told["run"],
        mended_in=told["mended_in"],
    )


def _among(keys: Sequence[BatchKey]) -> exp.Expr:
    """Whether a row is of one of these batches."""
    one = [exp.and_(*(column(name).eq(_text(value)) for name, value in zip(_BATCH, key, strict=True))) for key in keys]
    return exp.paren(exp.or_(*one)) if one else exp.false()


_BATCH = ("source", "table_name", "batch")


def _content() -> exp.Expr:
    return exp.alias_(
        exp.Anonymous(this="split_part", expressions=[column("batch"), _text("."), _number(1)]), "_content"
    )


def _in(table: str, name: str) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table=table)


def _text(value: str) -> exp.Expr:
    return exp.Literal.string(value)


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)
