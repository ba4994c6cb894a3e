"""Which files of the sources are new, and into the landing with them.

A file arrives when its content differs from what last arrived from its path; content already landed
from this source under another path is a replay. A ``full`` source arrives whole: when any of its files
changed, all that are there now are journalled under this run, which is the list of what the delivery holds.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from clientela.capture.arriving import Arriving, Found, Progress, files_of, landed_header
from clientela.capture.joined import joined
from clientela.capture.mapping import Section, understand
from clientela.capture.suppression.listed import NOBODY, Suppressed
from clientela.capture.suppression.rewriting import Scrubbed, scrub
from clientela.config import Settings
from clientela.errors import ConfigurationError, LandingError, SourceError
from clientela.warehouse.journal import JsonLines
from clientela.warehouse.moments import reached
from clientela.warehouse.store.landing import Batch, Landing


class State(StrEnum):
    """What became of one file, or of a pattern that no file fits."""

    LANDED = "landed"
    UNCHANGED = "unchanged"
    REPLAYED = "replayed"  # the same content came under another path before
    REFUSED = "refused"
    MISSING = "missing"  # no file fits the pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One file a source delivered in this run. ``note`` is a sentence when it did not simply land."""

    source: str
    table: str
    path: str
    state: State
    batch: Batch | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What one delivery of a ``full`` source held: paths and hashes of batches, in the order of names."""

    source: str
    table: str
    run: int
    arrived_at: datetime
    files: tuple[tuple[str, str], ...]


def land(
    settings: Settings,
    folder: Path,
    landing: Landing,
    *,
    run: int,
    now: datetime,
    suppressed: Suppressed = NOBODY,
    progress: Progress = lambda _: None,
) -> tuple[Delivery, ...]:
    """Land every file that is new, in the order of names; what became of each file.

    Parameters
    ----------
    settings
        Of the workspace.
    folder
        The workspace; paths are relative to it.
    landing
        Where the batches go.
    run, now
        The run's number and moment: those of every arrival.
    suppressed
        Erased persons, whose rows stay out.
    progress
        Is told each step that may take a while.

    Raises
    ------
    ConfigurationError
        Unknown tables or columns, or files without the columns that are needed; all at once, and
        nothing has been landed.
    LandingError
        A batch that was landed before is damaged, and no source delivers it any more.
    """
    groups: dict[tuple[str, str], list[Section]] = {}
    for section in understand(settings):
        groups.setdefault((section.source.name, section.contract.name), []).append(section)
    outcome: list[Delivery] = []
    with _stage(landing) as stage:
        looker = _Looker(folder, landing, stage, progress, now)
        looked = [looker.look(group) for group in groups.values()]
        problems = [problem for each in looked for problem in each.problems]
        if problems:
            raise ConfigurationError("the files do not fit clientela.toml: " + "; ".join(problems), problems=problems)
        lander = _Lander(landing, run, now, suppressed, progress)
        lander.heal([arriving for each in looked for arriving in each.arriving])
        for group, each in zip(groups.values(), looked, strict=True):
            outcome += each.left_out
            if group[0].source.delivery != "full":
                outcome += [lander.one(arriving) for arriving in each.arriving]
            elif each.arriving and not each.left_out:  # a part of a full delivery would delete the rest
                outcome += lander.whole(each.arriving)
    return tuple(outcome)


def look(group: Sequence[Section], folder: Path, landing: Landing, stage: Path) -> Looked:
    """What the sections of one source and table deliver now; nothing is landed, what is packed comes to ``stage``."""
    return _Looker(folder, landing, stage, lambda _: None).look(group)


def manifests(landing: Landing) -> tuple[Manifest, ...]:
    """Every delivery of a ``full`` source, oldest first."""
    return tuple(
        Manifest(
            source=each["source"],
            table=each["table"],
            run=each["run"],
            arrived_at=datetime.fromisoformat(each["arrived_at"]),
            files=tuple((file["path"], file["hash"]) for file in each["files"]),
        )
        for each in _manifest_journal(landing).read()
    )


def content_of(batch: Batch) -> str:
    """The hash of the bytes that were delivered."""
    return batch.hash.partition(".")[0]


@dataclass(frozen=True, slots=True)
class _Lander:
    landing: Landing
    run: int
    now: datetime
    suppressed: Suppressed
    progress: Progress

    def one(self, arriving: Arriving) -> Delivery:
        """Land a file of an ``append`` or ``upsert`` source if it is new."""
        source, table = arriving.section.source.name, arriving.section.contract.name
        last = self.landing.last_of(source, arriving.shown, table=table)
        if last is not None and last.hash == arriving.batch_hash:
            return _delivery(arriving, State.UNCHANGED, last)
        elsewhere = self.landing.of_content(source, table, arriving.content)
        same = [each for each in elsewhere if each.hash == arriving.batch_hash]
        if same and all(each.path != arriving.shown for each in elsewhere):
            note = f"{arriving.shown} holds what came as {elsewhere[-1].path} before; nothing was added."
            return _delivery(arriving, State.REPLAYED, elsewhere[-1], note)
        return self.land(arriving)

    def whole(self, files: Sequence[Arriving]) -> list[Delivery]:
        """Land all files of a ``full`` source if any differs from the last delivery."""
        source, table = files[0].section.source.name, files[0].section.contract.name
        distinct = {each.batch_hash: each for each in reversed(files)}
        last = [each for each in manifests(self.landing) if (each.source, each.table) == (source, table)]
        if last and {hash for _, hash in last[-1].files} == set(distinct):
            return [_delivery(each, State.UNCHANGED, self._batch(each)) for each in files]
        outcome = [
            _delivery(each, State.UNCHANGED, known) if (known := self._batch(each)) else self.land(each)
            for each in files
            if distinct[each.batch_hash] is each
        ]
        if any(each.state is State.REFUSED for each in outcome):
            return outcome
        listed = [{"path": each.shown, "hash": each.batch_hash} for each in files if distinct[each.batch_hash] is each]
        record = {"source": source, "table": table, "run": self.run, "arrived_at": _utc(self.now), "files": listed}
        _manifest_journal(self.landing).append(record)
        reached("delivery journalled")
        return outcome

    def _batch(self, arriving: Arriving) -> Batch | None:
        """The batch of this content, if it is in the landing."""
        return self.landing.same(arriving.section.source.name, arriving.section.contract.name, arriving.batch_hash)

    def land(self, arriving: Arriving) -> Delivery:
        """Put it into the landing."""
        self.progress(f"Landing {arriving.shown}")
        section = arriving.section
        taken: list[Scrubbed] = []
        try:
            batch = self.landing.add(
                source=section.source.name,
                table=section.contract.name,
                path=arriving.shown,
                hash=arriving.batch_hash,
                run=self.run,
                now=self.now,
                format=arriving.format,
                write=lambda part: self._write(arriving, part, taken),
            )
        except SourceError as error:
            return _delivery(arriving, State.REFUSED, None, str(error))
        notes = [each for each in (arriving.note, *map(str, taken)) if each]
        return _delivery(arriving, State.LANDED, batch, " ".join(notes))

    def heal(self, arriving: Sequence[Arriving]) -> None:
        """Write damaged batches again from files that still deliver the same.

        Raises
        ------
        LandingError
            A damaged batch cannot be had again; nothing has been landed.
        """
        damaged = set(self.landing.damaged())
        delivered = {(a.section.source.name, a.section.contract.name, a.batch_hash): a for a in arriving}
        for batch in self.landing.arrivals() if damaged else ():
            again = delivered.get((batch.source, batch.table, batch.hash))
            if batch.file in damaged and again is not None and self._healed(batch, again):
                damaged.discard(batch.file)
        if damaged:
            named = ", ".join(f"landing/{name}" for name in sorted(damaged))
            raise LandingError(f"damaged or missing: {named}; restore from a backup, nothing else holds it.")

    def _healed(self, batch: Batch, arriving: Arriving) -> bool:
        self.progress(f"Landing {arriving.shown} again")
        try:
            return self.landing.heal(batch, lambda part: self._write(arriving, part, []))
        except SourceError:
            return False

    def _write(self, arriving: Arriving, part: Path, taken: list[Scrubbed]) -> int:
        rows = arriving.write(part)
        # what is to be forgotten never comes to rest here
        taken.append(scrub(part, arriving.section, self.suppressed))
        return rows - taken[-1].removed


@dataclass(slots=True)
class Looked:
    """What one source brings to one table in the order of names, what cannot be taken, what is wrong with columns."""

    arriving: list[Arriving] = field(default_factory=list)
    left_out: list[Delivery] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Looker:
    folder: Path
    landing: Landing
    stage: Path
    progress: Progress
    now: datetime | None = None

    def look(self, group: Sequence[Section]) -> Looked:
        """What the sections of one source and table deliver now."""
        looked = Looked()
        seen: set[Path] = set()
        for section in group:
            found = self._found(section, seen)
            looked.left_out += [_refused(section, shown, why) for shown, why in found.refused]
            for arriving in found.arriving:
                try:
                    header = landed_header(self.landing, arriving) or arriving.header()
                except SourceError as error:
                    looked.left_out.append(_refused(section, arriving.shown, str(error)))
                    continue
                looked.arriving.append(arriving)
                looked.problems += section.problems_with(header, arriving.shown)
            if found == Found() and section.source.database is not None:
                looked.left_out.append(_nothing_new(section, self.landing))
            elif found == Found():
                looked.left_out.append(_missing(section, self.landing))
        looked.arriving.sort(key=lambda each: each.shown)
        return looked

    def _found(self, section: Section, seen: set[Path]) -> Found:
        """What one section delivers: this is where databases and joined files come in."""
        if self.now is not None and section.of_app_database:
            return self._own(section, self.now)
        if section.source.database is not None:
            return self._rows(section)
        if section.source.join is not None:
            return joined(section, self.folder, self.stage, progress=self.progress, seen=seen)
        return self._files(section, seen)

    def _rows(self, section: Section) -> Found:
        """What a database has that is new, read into the stage."""
        from clientela.capture.database.mark import last_mark
        from clientela.capture.database.rows import fetch

        self.progress(f"Reading {section.source.place}")
        self.stage.mkdir(parents=True, exist_ok=True)
        into = self.stage / f"{section.source.name}-{section.contract.name}-{len(list(self.stage.iterdir()))}.rows"
        try:
            arriving = fetch(section, self.folder, into, last_mark(self.landing, section))
        except SourceError as error:
            return Found(refused=[(section.source.place, str(error))])
        return Found(arriving=[arriving] if arriving is not None else [])

    def _own(self, section: Section, now: datetime) -> Found:
        """What people changed in the app database."""
        from clientela.capture.database.own import own_rows

        self.stage.mkdir(parents=True, exist_ok=True)
        return Found(arriving=[own_rows(section, self.folder, self.stage / f"{section.contract.name}.own", now)])

    def _files(self, section: Section, seen: set[Path]) -> Found:
        return files_of(section, self.folder, self.stage, progress=self.progress, seen=seen)


@contextmanager
def _stage(landing: Landing) -> Iterator[Path]:
    """A folder for what has to be unpacked: empty, and gone afterwards; what a crash left of the last is gone too."""
    folder = landing.folder / "unpacked"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _manifest_journal(landing: Landing) -> JsonLines:
    return JsonLines(landing.folder / "deliveries.jsonl")


def _utc(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat()


def _delivery(arriving: Arriving, state: State, batch: Batch | None, note: str = "") -> Delivery:
    return Delivery(
        source=arriving.section.source.name,
        table=arriving.section.contract.name,
        path=arriving.shown,
        state=state,
        batch=batch,
        note=note,
    )


def _refused(section: Section, path: str, note: str) -> Delivery:
    return Delivery(source=section.source.name, table=section.contract.name, path=path, state=State.REFUSED, note=note)


def _nothing_new(section: Section, landing: Landing) -> Delivery:
    """A database that was read and had nothing new."""
    source, table, place = section.source.name, section.contract.name, section.source.place
    last = landing.last_of(source, place, table=table)
    return Delivery(source=source, table=table, path=place, state=State.UNCHANGED, batch=last)


def _missing(section: Section, landing: Landing) -> Delivery:
    """What to say when no file fits a pattern."""
    source, table, pattern = section.source.name, section.contract.name, section.source.place
    before = [each for each in landing.arrivals() if (each.source, each.table) == (source, table)]
    said = f"source '{source}': no file fits path = '{pattern}'"
    said += f"; what it delivered up to {before[-1].arrived_at:%Y-%m-%d} is kept." if before else "."
    return replace(_refused(section, pattern, said), state=State.MISSING)
