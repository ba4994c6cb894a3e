"""Which files of the sources are new, and into the landing with them.

A file arrives when its content differs from what last arrived from its path; content already landed
from this source under another path is a replay. A ``full`` source arrives whole: when any of its files
changed, all that are there now are journalled under this run, which is the list of what the delivery holds.
"""

from __future__ import annotations

import glob
import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from clientela.capture.files.csv_reader import Dialect, header_of, read_csv
from clientela.capture.mapping import Section, understand
from clientela.config import Settings
from clientela.errors import ConfigurationError, SourceError
from clientela.warehouse.journal import JsonLines
from clientela.warehouse.store.landing import Batch, Landing

PARQUET_MARK = b"PAR1"
_OTHER_KINDS = (
    (b"PK\x03\x04", "is an Excel or zip file; save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel file; save it as CSV"),
    (b"\x1f\x8b", "is compressed with gzip; unpack it first"),
    (b"SQLite format 3", "is a SQLite database; export the table as CSV"),
)
Progress = Callable[[str], None]


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


@dataclass(frozen=True, slots=True)
class _File:
    section: Section
    path: Path
    shown: str  # relative to the workspace
    content: str  # hash of its bytes
    parquet: bool

    @property
    def batch_hash(self) -> str:
        """The name of its batch: the content, and of a text how it is to be split."""
        return self.content if self.parquet else f"{self.content}.{dialect_tag(self.section.dialect)}"


def land(
    settings: Settings,
    folder: Path,
    landing: Landing,
    *,
    run: int,
    now: datetime,
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
    progress
        Is told each step that may take a while.

    Raises
    ------
    ConfigurationError
        Unknown tables or columns, or files without the columns that are needed; all at once, and
        nothing has been landed.
    """
    groups: dict[tuple[str, str], list[Section]] = {}
    for section in understand(settings):
        groups.setdefault((section.source.name, section.contract.name), []).append(section)
    looked = [_look(group, folder, landing, progress) for group in groups.values()]
    problems = [problem for each in looked for problem in each.problems]
    if problems:
        raise ConfigurationError("the files do not fit clientela.toml: " + "; ".join(problems), problems=problems)
    outcome: list[Delivery] = []
    for group, each in zip(groups.values(), looked, strict=True):
        lander = _Lander(landing, run, now, progress)
        outcome += each.left_out
        if group[0].source.delivery != "full":
            outcome += [lander.one(file) for file in each.files]
        elif each.files and not each.left_out:  # a part of a full delivery would delete the rest
            outcome += lander.whole(each.files)
    return tuple(outcome)


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


def dialect_tag(dialect: Dialect) -> str:
    """A short name for the way a text is split into cells."""
    said = repr((dialect.delimiter, dialect.quote, dialect.encoding, dialect.header))
    return hashlib.sha256(said.encode()).hexdigest()[:8]


def content_of(batch: Batch) -> str:
    """The hash of the bytes that were delivered."""
    return batch.hash.partition(".")[0]


@dataclass(frozen=True, slots=True)
class _Lander:
    landing: Landing
    run: int
    now: datetime
    progress: Progress

    def one(self, file: _File) -> Delivery:
        """Land a file of an ``append`` or ``upsert`` source if it is new."""
        source, table = file.section.source.name, file.section.contract.name
        last = self.landing.last_of(source, file.shown, table=table)
        if last is not None and last.hash == file.batch_hash:
            return _delivery(file, State.UNCHANGED, last)
        elsewhere = [
            each
            for each in self.landing.arrivals()
            if (each.source, each.table) == (source, table) and content_of(each) == file.content
        ]
        same = [each for each in elsewhere if each.hash == file.batch_hash]
        if same and all(each.path != file.shown for each in elsewhere):
            note = f"{file.shown} holds what came as {elsewhere[-1].path} before; nothing was added."
            return _delivery(file, State.REPLAYED, elsewhere[-1], note)
        return self.land(file)

    def whole(self, files: Sequence[_File]) -> list[Delivery]:
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
        return outcome

    def _batch(self, file: _File) -> Batch | None:
        """The batch of this content, if it is in the landing."""
        wanted = (file.section.source.name, file.section.contract.name, file.batch_hash)
        return next((each for each in self.landing.arrivals() if (each.source, each.table, each.hash) == wanted), None)

    def land(self, file: _File) -> Delivery:
        """Put a file into the landing."""
        self.progress(f"Landing {file.shown}")

        def write(into: Path) -> int:
            before = _stamp(file.path)
            rows = _copied(file.path, into) if file.parquet else _read(file, into)
            if _stamp(file.path) != before:
                raise SourceError(file.section.source.name, f"{file.shown} changed while it was read.")
            return rows

        try:
            batch = self.landing.add(
                source=file.section.source.name,
                table=file.section.contract.name,
                path=file.shown,
                hash=file.batch_hash,
                run=self.run,
                now=self.now,
                format="parquet" if file.parquet else "text",
                write=write,
            )
        except SourceError as error:
            return _delivery(file, State.REFUSED, None, str(error))
        return _delivery(file, State.LANDED, batch)


@dataclass(slots=True)
class _Looked:
    """The files of one source and table in the order of names, what cannot be taken, what is wrong with the columns."""

    files: list[_File] = field(default_factory=list)
    left_out: list[Delivery] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def _look(group: Sequence[Section], folder: Path, landing: Landing, progress: Progress) -> _Looked:
    looked = _Looked()
    seen: set[Path] = set()
    for section in group:
        # pathlib's own glob takes no absolute pattern
        paths = [folder / name for name in glob.glob(section.source.place, root_dir=folder, recursive=True)]  # noqa: PTH207
        paths = sorted(path for path in paths if path.is_file() and path not in seen)
        seen.update(paths)
        if not paths:
            looked.left_out.append(_missing(section, landing))
        for path in paths:
            shown = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
            progress(f"Looking at {shown}")
            try:
                parquet = _is_parquet(path, shown, section.source.name)
                header = header_of_file(path, section, parquet=parquet)
                file = _File(section, path, shown, _hash(path), parquet)
            except SourceError as error:
                looked.left_out.append(_refused(section, shown, str(error)))
                continue
            looked.files.append(file)
            looked.problems += section.problems_with(header, shown)
    looked.files.sort(key=lambda each: each.shown)
    return looked


def _is_parquet(path: Path, shown: str, source: str) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise SourceError(source, f"{shown} cannot be opened: {error.strerror}.") from None
    for mark, said in _OTHER_KINDS:
        if start.startswith(mark):
            raise SourceError(source, f"{shown} {said}.")
    return start.startswith(PARQUET_MARK)


def _manifest_journal(landing: Landing) -> JsonLines:
    return JsonLines(landing.folder / "deliveries.jsonl")


def _utc(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat()


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def header_of_file(path: Path, section: Section, *, parquet: bool) -> tuple[str, ...]:
    """The columns of a delivered file.

    Raises
    ------
    SourceError
        It cannot be read.
    """
    if not parquet:
        return header_of(path, section.dialect, source=section.source.name)
    return tuple(_schema(path, section.source.name).names)


def _schema(path: Path, source: str) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except (pa.ArrowInvalid, OSError):
        raise SourceError(source, f"{path.name} is a damaged Parquet file; have it delivered again.") from None


def _copied(path: Path, into: Path) -> int:
    shutil.copyfile(path, into)
    return int(pq.read_metadata(into).num_rows)


def _read(file: _File, into: Path) -> int:
    count = read_csv(file.path, file.section.dialect, source=file.section.source.name, into=into)
    return count.accepted + count.quarantined


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _delivery(file: _File, state: State, batch: Batch | None, note: str = "") -> Delivery:
    return Delivery(
        source=file.section.source.name,
        table=file.section.contract.name,
        path=file.shown,
        state=state,
        batch=batch,
        note=note,
    )


def _refused(section: Section, path: str, note: str) -> Delivery:
    return Delivery(source=section.source.name, table=section.contract.name, path=path, state=State.REFUSED, note=note)


def _missing(section: Section, landing: Landing) -> Delivery:
    """What to say when no file fits a pattern."""
    source, table, pattern = section.source.name, section.contract.name, section.source.place
    before = [each for each in landing.arrivals() if (each.source, each.table) == (source, table)]
    said = f"source '{source}': no file fits path = '{pattern}'"
    said += f"; what it delivered up to {before[-1].arrived_at:%Y-%m-%d} is kept." if before else "."
    return replace(_refused(section, pattern, said), state=State.MISSING)
