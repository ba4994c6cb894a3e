"""The erasure of a person: put on the list, taken out of the landing, published without, and a receipt of it all.

Only what stands first is done here; the run does the rest, and so does the next run after a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from mmap import ACCESS_READ, mmap
from pathlib import Path
from secrets import token_hex
from typing import Any

from clientela.capture.suppression import Suppressed, suppress
from clientela.capture.suppression.applied import batches
from clientela.capture.suppression.identifiers import Kind, keyed
from clientela.capture.suppression.matching import ABOUT_A_PERSON, BatchFile, Matches, matches
from clientela.config import Settings
from clientela.errors import ClientelaError, PersonError
from clientela.pipeline import erasures
from clientela.pipeline.create import read_secret
from clientela.pipeline.persons.find import Known, known
from clientela.pipeline.persons.reapplied import leave_beside
from clientela.pipeline.run import run
from clientela.warehouse.engine import Engine
from clientela.warehouse.store.landing import Landing
from clientela.warehouse.store.snapshot import retained

_LONG_ENOUGH = 6
_COUNTED = ("removed", "anonymised", "mentions", "broken")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What an erasure did, or (``dry_run``) would do; it names the person by keyed hashes only.

    ``tables``: of each table the rows removed, made anonymous, of others that mentioned the person, and lines
    that could not be read. ``still_held``: delivered files and backups, which only their keeper can change.
    """

    erasure: str
    at: str
    reason: str
    asked: tuple[str, ...]
    records: int
    shared: int
    tables: dict[str, dict[str, int]]
    batches: tuple[dict[str, Any], ...]
    snapshots_dropped: tuple[str, ...]
    snapshot: str | None
    reports_removed: tuple[str, ...]
    still_held: dict[str, Any]
    dry_run: bool = False


def erase(
    folder: Path,
    settings: Settings,
    identifiers: Sequence[str],
    *,
    reason: str,
    now: datetime,
    progress: Callable[[str], None],
) -> Receipt:
    """Erase the persons these identifiers mean from everything the workspace keeps.

    Raises
    ------
    PersonError
        An identifier means nobody or several; nothing was changed.
    LockedError
        A run is at work.
    """
    erasure = f"{now:%Y%m%dT%H%M%S}-{token_hex(3)}"
    words: set[bytes] = set()

    def prepare() -> None:
        progress("Looking for the person")
        secret, landing = read_secret(folder), Landing(folder)
        found = known(folder, settings, identifiers)
        told = _asked(secret, found)
        words.update(_words(found))
        suppress(landing, secret, found.identifiers, erasure=erasure, now=now)
        leave_beside(folder / settings.backup.folder, landing)
        erasures.begin(folder, erasure, now=now, reason=reason, **told)

    try:
        run(folder, settings, now=now, as_of=None, strict=False, progress=progress, prepare=prepare)
    except ClientelaError as error:
        if erasure in erasures.unfinished(folder):
            error.args = (f"{error} The erasure has begun; `clientela run` finishes it.",)
        raise
    progress("Looking for the person in other files")
    erasures.found(folder, erasure, tuple(_elsewhere(folder, settings, words)), now=now)
    return receipt(folder, erasure)


def foreseen(folder: Path, settings: Settings, identifiers: Sequence[str], *, now: datetime) -> Receipt:
    """What an erasure would do; nothing is changed."""
    secret, landing = read_secret(folder), Landing(folder)
    found = known(folder, settings, identifiers)
    listed = Suppressed.of(secret, found.identifiers)
    tables: dict[str, dict[str, int]] = {}
    rewritten: list[dict[str, Any]] = []
    with Engine.in_memory(threads=settings.run.threads, memory_limit=settings.run.memory_limit) as engine:
        for batch, section in batches(settings, landing):
            hits = matches(BatchFile(landing.path_of(batch), section), listed, engine)
            if hits:
                told = {"source": batch.source, "table": batch.table, "file": batch.file, "was": batch.sha256}
                rewritten.append({**told, **_counted(batch.table, hits)})
                _add(tables, rewritten[-1])
    return Receipt(
        erasure="",
        at=now.isoformat(),
        reason="",
        **_told(_asked(secret, found)),
        tables=tables,
        batches=tuple(rewritten),
        snapshots_dropped=tuple(each.name for each in retained(folder)),
        snapshot=None,
        reports_removed=(),
        still_held={},
        dry_run=True,
    )


def receipt(folder: Path, erasure: str) -> Receipt:
    """The receipt of an erasure that is done, from the journal.

    Raises
    ------
    PersonError
        No erasure has this number.
    """
    told = [each for each in erasures.records(folder) if each["erasure"] == erasure]
    if not told:
        raise PersonError(f"no erasure '{erasure}' is in {erasures.NAME}.")
    started = next((each for each in told if each["state"] == erasures.STARTED), {})
    done = next((each for each in told if each["state"] == erasures.DONE), {})
    found = next((each for each in told if each["state"] == erasures.FOUND), {})
    rewritten = [each for each in told if each["state"] == erasures.REWRITTEN]
    tables: dict[str, dict[str, int]] = {}
    for each in rewritten:
        _add(tables, each)
    hidden = ("erasure", "state", "at")
    return Receipt(
        erasure=erasure,
        at=str(done.get("at", told[-1]["at"])),
        reason=str(started.get("reason", "")),
        **_told(started),
        tables=tables,
        batches=tuple({key: said for key, said in each.items() if key not in hidden} for each in rewritten),
        snapshots_dropped=tuple(done.get("snapshots_dropped", ())),
        snapshot=done.get("snapshot"),
        reports_removed=tuple(done.get("reports_removed", ())),
        still_held={**done.get("still_held", {}), "elsewhere": list(found.get("elsewhere", ()))},
    )


def _words(found: Known) -> set[bytes]:
    """What the person can be searched for byte by byte; a short key stands for many things."""
    said = {key for _, key in found.records}
    said |= {each for person in found.persons for kind in ("email", "tax_id") for each in person.said.get(kind, ())}
    return {each.encode() for each in said if len(each) >= _LONG_ENOUGH}


def _elsewhere(folder: Path, settings: Settings, words: set[bytes]) -> Iterator[str]:
    """The files of the workspace, beside what clientela keeps and what was delivered, that name the person."""
    kept = {"landing", "snapshots", "secrets", erasures.NAME, settings.backup.folder}
    delivered = {each.path for each in Landing(folder).arrivals()}
    for path in sorted(folder.rglob("*")) if words else ():
        name = path.relative_to(folder)
        if name.parts[0] in kept or name.as_posix() in delivered or not path.is_file() or not path.stat().st_size:
            continue
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            if any(content.find(word) >= 0 for word in words):
                yield name.as_posix()


def _asked(secret: bytes, found: Known) -> dict[str, Any]:
    """What the journal says of whom it is about."""
    asked = sorted(keyed(secret, Kind.RECORD, form) for kind, form in found.identifiers if kind is Kind.RECORD)
    return {"asked": asked, "records": len(found.records), "shared": len(found.shared)}


def _told(said: dict[str, Any]) -> dict[str, Any]:
    asked = tuple(said.get("asked", ()))
    return {"asked": asked, "records": int(said.get("records", 0)), "shared": int(said.get("shared", 0))}


def _counted(table: str, hits: Matches) -> dict[str, int]:
    removed = hits.theirs if table in ABOUT_A_PERSON else hits.unread
    mentions = {(each.row, each.column) for each in hits.mentions if each.row not in hits.theirs}
    return {
        "removed": len(removed),
        "anonymised": len(hits.theirs - removed),
        "mentions": len(mentions),
        "broken": len(hits.broken),
    }


def _add(tables: dict[str, dict[str, int]], told: dict[str, Any]) -> None:
    counts = tables.setdefault(told["table"], dict.fromkeys(_COUNTED, 0))
    for name in _COUNTED:
        counts[name] += told[name]
