"""One landed batch typed by its contract: good rows, the keys of people, and the rows that broke a rule.

What a batch gives depends on its content, its mapping, the exchange rates and this code; under the hash
of these it is kept beside the landing, so only what is new is read again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from clientela.capture import zone
from clientela.capture.arriving import Progress
from clientela.capture.conform.bad_rows import BAD_ROWS, CLASHES, bad_rows, no_bad_rows
from clientela.capture.conform.conformed import Conformed, Count, conformed, over_budget
from clientela.capture.conform.persons import KEYS, with_refs, write_keys
from clientela.capture.conform.several import day_column, key_of, may_be_together, portions, typed_together
from clientela.capture.files.csv_reader import BLANK, LINE, LINES, REJECTED, RULE, VALUE
from clientela.capture.kept import collected
from clientela.capture.kept.collected import Kept, Member
from clientela.capture.kept.sealed import seal, sound
from clientela.capture.mapping import Section
from clientela.capture.reading import Raw, call, raw_of
from clientela.capture.typed import BAD, NUMBER, RATES, RATES_SCHEMA, Typed, typed
from clientela.warehouse.engine import Engine, read_parquet, write_parquet
from clientela.warehouse.journal import fsync_file, write_durably
from clientela.warehouse.moments import reached
from clientela.warehouse.physical import column
from clientela.warehouse.store.landing import Batch, Landing

CODE_VERSION = 3  # raise it when the same batch would be typed differently
_Alike = list[tuple[str, Section, Batch]]  # what they are called, typed
_GOOD, _REFS, _BAD, _ABOUT = collected.ROWS, collected.REFS, collected.BAD, collected.ABOUT


@dataclass(slots=True)
class TypedBatches:
    """The batches that are kept typed in ``folder``, and how another comes to be there.

    ``rates``: the exchange rates that hold, once they are known. ``used``: what an arrival needs; the rest may go.
    ``looking``: nothing is to be written, so what lies together stays so.
    """

    engine: Engine
    landing: Landing
    secret: bytes
    folder: Path
    progress: Progress
    rates: pa.Table | None = None
    looking: bool = False
    used: set[str] = field(default_factory=set)
    _kept: list[Kept] | None = None
    _members: dict[int, Member] = field(default_factory=dict)
    _digests: dict[int, tuple[Section, str]] = field(default_factory=dict)

    def problems(self, section: Section, batch: Batch) -> list[str]:
        """What hinders reading a batch; nothing where it was read in this way before."""
        held = self._member_of(batch)
        if held is not None and self._same_arrival(held, batch) and held.digest == self._digest(section):
            return []
        return section.problems_with(tuple(self._kinds(batch)), batch.path)

    def has(self, section: Section, batch: Batch) -> bool:
        """Whether the batch is there, typed as it would be now."""
        held = self._member_of(batch)
        if held is not None and self._wanted(held, section, batch):
            return True
        return sound(self.folder / self.name_of(section, batch))

    def conformed(self, section: Section, batch: Batch) -> Conformed:
        """The batch typed, from what is kept or anew."""
        name = self.name_of(section, batch)
        place = self.folder / name
        if name not in self.used and not sound(place):
            self.progress(f"Reading {batch.path}")
            query = typed(section, self._source(batch), self._kinds(batch), text=batch.format == "text")
            with _work(place) as part:
                self._write(section, batch, query, part)
                _named(part, place)
        self.used.add(name)
        about = json.loads((place / _ABOUT).read_text(encoding="utf-8"))
        return conformed(section, batch, about, place, name=name)

    def all(self, chosen: Sequence[tuple[Section, Batch]], *, workers: int) -> dict[int, Conformed]:
        """Several batches by their sequence; some at a time, as a small file keeps only one core busy."""
        found = self._collected(chosen)
        left = [(section, batch) for section, batch in chosen if batch.sequence not in found]
        self.engine.register(RATES, self.rates if self.rates is not None else RATES_SCHEMA.empty_table())
        try:
            zone.define(self.engine, *dict.fromkeys(each for section, _ in left for each in section.zones))
            once: dict[str, tuple[Section, Batch]] = {}
            for section, batch in left:
                once.setdefault(self.name_of(section, batch), (section, batch))
            with ThreadPoolExecutor(max_workers=workers) as pool:
                there = pool.map(lambda name: sound(self.folder / name), once)
                self.used |= {name for name, is_there in zip(tuple(once), there, strict=True) if is_there}
                new = {name: each for name, each in once.items() if name not in self.used}
                list(pool.map(self._several, self._alike(new)))
                list(pool.map(lambda each: self.conformed(*each), new.values()))
            return found | {batch.sequence: self.conformed(section, batch) for section, batch in left}
        finally:
            self.engine.unregister(RATES)

    def _alike(self, new: Mapping[str, tuple[Section, Batch]]) -> Iterator[_Alike]:
        """Small files with the same columns, of the same types, of one section; in portions."""
        found: dict[tuple[int, pa.Schema], list[tuple[tuple[str, Section, Batch], int]]] = {}
        for name, (section, batch) in new.items():
            if batch.format == "text" and may_be_together(schema := self._schema(batch), batch.rows):
                found.setdefault((id(section), schema), []).append(((name, section, batch), batch.rows))
        for files in found.values():
            yield from portions(files)

    def _several(self, files: _Alike) -> None:
        """Type small files together; those of which something has to be told are left."""
        _, section, first = files[0]
        by_path = {self._path(batch): (name, batch) for name, _, batch in files}
        rows = {path: batch.rows for path, (_, batch) in by_path.items()}
        with _work(self.folder / f"{files[0][0]}-several") as work:
            found = typed_together(self.engine, section, self._kinds(first), rows, work, self.secret)
            write_parquet(self.engine, no_bad_rows(), work / _BAD)
            for path, clean in found.items():
                name, batch = by_path[path]
                self.progress(f"Reading {batch.path}")
                with _work(self.folder / name) as part:
                    for file, table in ((_GOOD, clean.rows), (_REFS, clean.refs)):
                        if table is not None:
                            pq.write_table(table, part / file, compression="snappy")
                            fsync_file(part / file)
                    shutil.copyfile(work / _BAD, part / _BAD)
                    fsync_file(part / _BAD)
                    count = Count(accepted=batch.rows, quarantined=0, blank=_metadata(path, BLANK), doubled=0)
                    _write_about(part, batch, count, (clean.first_on, clean.last_on))
                    _named(part, self.folder / name)
                self.used.add(name)

    def gather(self, found: Mapping[int, Conformed]) -> dict[int, Conformed]:
        """The same batches, small ones of one source kept together where they have become many."""
        groups: dict[collected.Group, list[Conformed]] = {}
        for each in found.values():
            if _may_be_kept_together(each):
                groups.setdefault((each.batch.source, each.batch.table), []).append(each)
        result = dict(found)
        for group, batches in groups.items():
            before = [each for each in self._all_kept() if each.group == group and each.place.name in self.used]
            singles = [
                (each.facts.parent, self._member(each))
                for each in batches
                if not each.together and each.accepted + each.quarantined <= collected.SMALL
            ]
            after = collected.gather(self.folder, group, singles, before)
            if after != before:  # then the singles are in them
                self.used -= {*(each.place.name for each in before), *(place.name for place, _ in singles)}
            self.used |= {each.place.name for each in after}
            for kept in after:
                for member in kept.members:
                    was = found[member.sequence]
                    result[member.sequence] = conformed(
                        was.section, was.batch, member.about, kept.place, name=member.name, together=True
                    )
        return result

    def _all_kept(self) -> list[Kept]:
        if self._kept is None:
            self._kept = list(collected.kept_in(self.folder))
            self._members = {member.sequence: member for kept in self._kept for member in kept.members}
        return self._kept

    def _member_of(self, batch: Batch) -> Member | None:
        """The batch as it is kept with others, if it is."""
        return self._members.get(batch.sequence) if self._all_kept() else None

    def _collected(self, chosen: Sequence[tuple[Section, Batch]]) -> dict[int, Conformed]:
        """Those of the batches that are kept together as they are wanted; what else lies with them is taken out."""
        by_sequence = {batch.sequence: (section, batch) for section, batch in chosen}
        groups = {(batch.source, batch.table) for _, batch in chosen}

        def wanted(member: Member) -> bool:
            found = by_sequence.get(member.sequence)
            return found is not None and self._wanted(member, *found)

        result: dict[int, Conformed] = {}
        for place, kept in enumerate(self._all_kept()):
            if kept.group not in groups:
                continue
            left = kept if self.looking else collected.without(kept, wanted)
            if left is None:
                continue
            self._all_kept()[place] = left
            self.used.add(left.place.name)
            for member in filter(wanted, left.members):
                section, batch = by_sequence[member.sequence]
                result[member.sequence] = conformed(
                    section, batch, member.about, left.place, name=member.name, together=True
                )
        return result

    def _wanted(self, member: Member, section: Section, batch: Batch) -> bool:
        """Whether a batch that is kept with others is the one that is asked for, typed as it would be now."""
        if section.source.delivery == "full" or not self._same_arrival(member, batch):
            return False
        rates = self._said_rates() if member.about.get("rated") else ""
        return member.name == self._name(section, batch, rates) and not over_budget(section, batch, member.about)

    @staticmethod
    def _same_arrival(member: Member, batch: Batch) -> bool:
        is_, was = (batch.file, batch.sha256, batch.run), (member.about.get("batch"), member.sha256, member.run)
        return is_ == was and member.arrived_at == _said(batch.arrived_at)

    def _member(self, conformed: Conformed) -> Member:
        batch, section = conformed.batch, conformed.section
        about = json.loads((conformed.facts.parent / _ABOUT).read_text(encoding="utf-8"))
        return Member(
            sequence=batch.sequence,
            run=batch.run,
            arrived_at=_said(batch.arrived_at),
            name=conformed.name,
            digest=self._digest(section),
            sha256=batch.sha256,
            about={**about, "rated": self._rated(section, batch)},
        )

    def sweep(self) -> None:
        """Forget what no arrival needs any more."""
        if self.folder.exists():
            for place in self.folder.iterdir():
                if place.name not in self.used:
                    shutil.rmtree(place, ignore_errors=True)

    def name_of(self, section: Section, batch: Batch) -> str:
        """What a typed batch depends on, as a name."""
        return self._name(section, batch, self._said_rates() if self._rated(section, batch) else "")

    def _name(self, section: Section, batch: Batch, rates: str) -> str:
        said = "\n".join([str(CODE_VERSION), batch.hash, self._digest(section), self._key, rates])
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    @property
    def _key(self) -> str:
        return hashlib.sha256(self.secret).hexdigest()

    def _digest(self, section: Section) -> str:
        """The section's digest, made once: there are many batches."""
        if id(section) not in self._digests:
            self._digests[id(section)] = (section, section.digest())
        return self._digests[id(section)][1]

    def _said_rates(self) -> str:
        return hashlib.sha256(repr(self.rates.to_pydict()).encode()).hexdigest() if self.rates is not None else ""

    def _rated(self, section: Section, batch: Batch) -> bool:
        return self.rates is not None and self._names_a_currency(section, batch)

    def _names_a_currency(self, section: Section, batch: Batch) -> bool:
        """Whether rates can matter: what is all in the company's currency is not read again for a new rate."""
        if "currency" not in section.contract.names:
            return False
        said = next((each for each in section.bound(self._kinds(batch)) if each.column.name == "currency"), None)
        return said is not None and said.constant != section.currency

    def _kinds(self, batch: Batch) -> dict[str, Raw]:
        own = {LINE, LINES, VALUE, RULE} if batch.format == "text" else set()
        return {field.name: raw_of(field.type) for field in self._schema(batch) if field.name not in own}

    def _schema(self, batch: Batch) -> pa.Schema:
        return pq.read_schema(self._path(batch)).remove_metadata()

    def _path(self, batch: Batch) -> Path:
        return self.landing.path_of(batch)

    def _source(self, batch: Batch) -> exp.Expr:
        return read_parquet([self._path(batch)])

    def _write(self, section: Section, batch: Batch, query: Typed, place: Path) -> None:
        write_keys(self.engine, section, query, place, self.secret)
        accepted = self._write_good(query, place)
        rejected = _metadata(self._path(batch), REJECTED)
        if accepted < batch.rows - rejected:
            write_parquet(self.engine, query.bad(), place / BAD_ROWS)
        same, other = self._one_row_a_key(section, place)
        parts = list(bad_rows(query, place, batch, self._source(batch) if rejected else None))
        write_parquet(self.engine, _union(parts) or no_bad_rows(), place / _BAD)
        if query.persons:
            self._write_refs(query, place, all_kept=accepted == batch.rows and not other)
        count = Count(
            accepted=accepted - same - other,
            quarantined=batch.rows - accepted + other,
            blank=_metadata(self._path(batch), BLANK),
            doubled=same,
            clashing=other,
        )
        for name in (KEYS, BAD_ROWS, CLASHES, "single"):
            (place / name).unlink(missing_ok=True)
        _write_about(place, batch, count, self._days(section, place))

    def _write_good(self, query: Typed, place: Path) -> int:
        """The rows that keep all rules; how many they are. Rows are read once: most files have no bad one."""
        rows = write_parquet(self.engine, with_refs(query.marked(), place), place / _GOOD, compression="snappy")
        marked = exp.select(exp.alias_(exp.CountIf(this=column(BAD)), "n")).from_(read_parquet([place / _GOOD]))
        bad = int(self.engine.fetch(marked)["n"][0].as_py() or 0)  # of no rows it is null
        if bad:
            (place / _GOOD).replace(place / "marked")
            names = [name for name in pq.read_schema(place / "marked").names if name != BAD]
            kept = exp.select(*map(column, names)).from_(read_parquet([place / "marked"]))
            write_parquet(self.engine, kept.where(exp.Not(this=column(BAD))), place / _GOOD, compression="snappy")
            (place / "marked").unlink()
        return rows - bad

    def _one_row_a_key(self, section: Section, place: Path) -> tuple[int, int]:
        """Leave one row of each key: how many that said the same, and how many that contradicted, were taken out."""
        names = pq.read_schema(place / _GOOD).names
        key = key_of(section, names)
        if not key:
            return 0, 0
        rows = read_parquet([place / _GOOD])
        hashed = call("hash", *(column(name) for name in key))
        many = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1))
        often = exp.select("1 as one").from_(rows).group_by(hashed).having(many)
        if not self.engine.fetch(often.limit(1)).num_rows:
            return 0, 0
        content = call("hash", *(column(name) for name in names if name not in (LINE, LINES, BAD)))
        within = {"partition_by": [column(name) for name in key]}
        first = exp.Window(this=exp.Min(this=column(LINE)), **within)
        low, high = (exp.Window(this=kind(this=content), **within) for kind in (exp.Min, exp.Max))
        marked = exp.select(
            *(column(name) for name in names),
            exp.alias_(first, "_first"),
            exp.alias_(exp.NEQ(this=low, expression=high), "_clash"),
        ).from_(rows.copy())
        kept = exp.select(*(column(name) for name in names)).from_(marked.subquery("marked"))
        total = pq.read_metadata(place / _GOOD).num_rows
        single = write_parquet(
            self.engine,
            kept.where(exp.Not(this=column("_clash")), exp.EQ(this=column(LINE), expression=column("_first"))),
            place / "single",
            compression="snappy",
        )
        said = call("concat_ws", _text(", "), *(_cast_text(column(name)) for name in key))
        clash = write_parquet(
            self.engine,
            exp.select(column(LINE), column(LINES), exp.alias_(said, VALUE))
            .from_(marked.subquery("marked"))
            .where(column("_clash")),
            place / CLASHES,
        )
        (place / "single").replace(place / _GOOD)
        return total - single - clash, clash

    def _write_refs(self, query: Typed, place: Path, *, all_kept: bool) -> None:
        """The keys of those rows that count: a bad row makes nobody a customer."""
        if all_kept:
            (place / KEYS).replace(place / _REFS)
            return
        used = _union(
            [
                exp.select(exp.alias_(column(name), NUMBER)).from_(read_parquet([place / _GOOD]))
                for name in query.persons
            ]
        )
        keys = exp.select("source", "record_id", "customer_ref", NUMBER).from_(read_parquet([place / KEYS]))
        if used is not None:
            keys = keys.where(exp.In(this=column(NUMBER), query=used.subquery()))
        write_parquet(self.engine, keys, place / _REFS)

    def _days(self, section: Section, place: Path) -> tuple[date | None, date | None]:
        day = day_column(section)
        if day is None:
            return None, None
        ends = exp.select(
            exp.alias_(exp.Min(this=column(day)), "first_on"), exp.alias_(exp.Max(this=column(day)), "last_on")
        ).from_(read_parquet([place / _GOOD]))
        found = self.engine.fetch(ends).to_pylist()[0]
        return found["first_on"], found["last_on"]


@contextmanager
def _work(place: Path) -> Iterator[Path]:
    """A folder beside a place, to write to what becomes the place; it goes when it fails, or was not given its name."""
    part = place.with_name(place.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)  # on a full disk every byte counts


def _named(part: Path, place: Path) -> None:
    """Let what was written be what the place holds."""
    seal(part)
    reached("batch typed")
    shutil.rmtree(place, ignore_errors=True)
    part.replace(place)
    reached("typed batch named")


def _write_about(place: Path, batch: Batch, count: Count, days: tuple[date | None, date | None]) -> None:
    """Write down how a batch fared; by its file an erasure finds what was typed from it."""
    names = sorted(set(pq.read_schema(place / _GOOD).names) - {LINE, LINES, BAD})
    told = {"count": asdict(count), "columns": names, "first_on": days[0], "last_on": days[1], "batch": batch.file}
    write_durably(place / _ABOUT, json.dumps(told, default=str).encode())  # a power loss leaves it whole or away


def _may_be_kept_together(conformed: Conformed) -> bool:
    """Whether a batch counts as it arrived: of a source that delivers in full each delivery says what counts."""
    return conformed.section.source.delivery != "full" and not conformed.kept_out


def _said(moment: datetime) -> str:
    """A moment as naive UTC, as the tables hold it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()


def _metadata(path: Path, key: bytes) -> int:
    return int((pq.read_metadata(path).metadata or {}).get(key, b"0"))


def _union(parts: Sequence[exp.Select]) -> exp.Query | None:
    union: exp.Query | None = None
    for part in parts:
        union = part if union is None else exp.union(union, part, distinct=False)
    return union


def _text(value: str) -> exp.Expr:
    return exp.Literal.string(value)


def _cast_text(value: exp.Expr) -> exp.Expr:
    return exp.cast(value, "varchar")
