"""A run that publishes nothing: everything is read, typed and built beside the workspace, compared, and removed."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import cast

from clientela.config import Settings
from clientela.errors import SnapshotError, machine_trouble
from clientela.pipeline import serving
from clientela.pipeline.answer import OF_RUNS
from clientela.pipeline.asking.seen import knowledge_in
from clientela.pipeline.clock import refuse_future
from clientela.pipeline.run import Done, Progress, check_settings, next_number, publish_next
from clientela.warehouse.store import orphans
from clientela.warehouse.store.journals import journals
from clientela.warehouse.store.landing import Landing
from clientela.warehouse.store.snapshot import Reader, Snapshot, current, snapshots_folder

FIGURES = ("revenue", "orders", "customers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is published of a table or a figure (None: nothing), and what would be."""

    name: str
    published: int | Decimal | None
    would_be: int | Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a run would have published: ``done`` is what it would have said of itself."""

    done: Done
    published: str | None
    tables: tuple[Difference, ...]
    figures: tuple[Difference, ...]


def dry_run(
    folder: Path, settings: Settings, *, now: datetime, as_of: date | None, strict: bool, progress: Progress
) -> Trial:
    """Do everything a run does and publish nothing; afterwards the workspace is what it was, byte for byte.

    It needs no lock: a run may be at work meanwhile.

    Raises
    ------
    ClientelaError
        What the run itself would raise.
    """
    check_settings(settings)
    refuse_future(as_of, now=now, timezone=settings.company.timezone)
    with machine_trouble(folder), _copy_of(folder) as store:
        number = next_number(store)
        done = publish_next(
            folder, settings, number, store=store, now=now, as_of=as_of, strict=strict, progress=progress
        )
        progress("Comparing with what is published")
        before, served = _published(folder)
        made = current(store)
        with Reader(made) if made is not None else _nothing() as reader:
            after = _figures(reader, made) if reader is not None and made is not None else {}
    counted: Mapping[str, int] = served.manifest["tables"] if served is not None else {}
    return Trial(
        done=done,
        published=served.name if served is not None else None,
        tables=tuple(
            Difference(name=name, published=counted.get(name), would_be=done.tables.get(name))
            for name in sorted({*counted, *done.tables} - OF_RUNS)
        ),
        figures=tuple(Difference(name=name, published=before.get(name), would_be=after.get(name)) for name in FIGURES),
    )


def _published(folder: Path) -> tuple[Mapping[str, Decimal | int | None], Snapshot | None]:
    """The figures that are published now; none when there are none that this version can read."""
    try:
        served = serving.serving(folder)
        if served is None:
            return {}, None
        with Reader(served.snapshot, looked=True) as reader:
            return _figures(reader, served.snapshot), served.snapshot
    except SnapshotError:
        return {}, None


def _figures(reader: Reader, snapshot: Snapshot) -> dict[str, Decimal | int | None]:
    told = knowledge_in(reader, snapshot, None).query(FIGURES)
    values = cast(tuple[Decimal | int | None, ...], told.rows[0]) if told.rows else ()
    return dict(zip(FIGURES, values, strict=False))


@contextmanager
def _nothing() -> Iterator[None]:
    yield None


@contextmanager
def _copy_of(folder: Path) -> Iterator[Path]:
    """A folder that looks like the workspace; its files are those of the workspace under second names.

    Nothing writes into a file that has its name for good, so a second name is as good as a copy; journals, which
    grow, are copied. It lies in the workspace, as a second name must be on the same disk.
    """
    store = Path(tempfile.mkdtemp(prefix=orphans.TRIAL, dir=folder))
    try:
        with orphans.in_use(store):
            (store / "landing").mkdir()
            for path in [*(folder / "secrets").glob("*"), *_snapshots(folder)]:
                _second_name(path, store / path.relative_to(folder))
            for path in journals(folder):
                whole, newline, _ = path.read_bytes().rpartition(b"\n")
                (store / path.relative_to(folder)).write_bytes(whole + newline)
            landing = Landing(store)
            for file in {batch.file for batch in landing.arrivals()}:
                _second_name(folder / "landing" / file, landing.folder / file)
            for kept in landing.events.kept():
                _second_name(folder / "landing" / kept.file, landing.events.path_of(kept))
            for path in _made(folder / "landing"):
                _second_name(path, store / path.relative_to(folder))
            if not (store / "secrets").exists() and not any((store / "landing").iterdir()):
                (store / "landing").rmdir()  # the key of a workspace is made before anything lands
            yield store
    finally:
        shutil.rmtree(store, ignore_errors=True)


def _made(landing: Path) -> Iterator[Path]:
    """What runs made and keep in the landing: typed batches, records and their pairs, models."""
    for name in ("conformed", "linked", "models"):
        for path in (landing / name).rglob("*"):
            if path.is_file() and orphans.PART not in (path.suffix, path.parent.suffix):
                yield path


def _snapshots(folder: Path) -> Iterator[Path]:
    for path in snapshots_folder(folder).glob("*"):
        if path.name == "CURRENT" or path.suffix in (".json", ".duckdb"):
            yield path


def _second_name(path: Path, name: Path) -> None:
    """Give a file another name; on a disk that knows no second names, a copy. What a run removes meanwhile is gone."""
    name.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.link(path, name)
    except FileNotFoundError:
        return
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EXDEV, errno.EMLINK):
            raise
        shutil.copy2(path, name)
