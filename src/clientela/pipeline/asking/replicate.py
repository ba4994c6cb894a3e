"""A replica: a workspace of its own that holds what one person may see, and serves by itself."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from clientela.config import FILE, Settings
from clientela.cube.replica.copies import copies, to_keep
from clientela.cube.replica.held import document
from clientela.errors import UsageError, machine_trouble
from clientela.pipeline import serving
from clientela.pipeline.asking.replica import Replica, refuse_replica
from clientela.pipeline.asking.scope import Asker, scope_in
from clientela.pipeline.asking.seen import knowledge_in
from clientela.pipeline.asking.watched import Look, entered
from clientela.pipeline.serving import Serving
from clientela.warehouse.journal import fsync_folder, write_durably
from clientela.warehouse.store.replica import Part, write_replica
from clientela.warehouse.store.snapshot import REPLICA, Reader, snapshots_folder

_SECTIONS = ("company", "measure")  # of clientela.toml: what an answer needs to be the same; sources stay at home
_KEPT = (
    *("version", "company", "currency", "timezone", "now", "as_of", "known_at", "lapse_days"),
    *("quality", "warnings", "without"),
)
_HEAD = "# A replica: what one person could see of another workspace. It answers questions and is never run.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicated:
    """A replica that was made. ``tables``: the rows of each; ``people``: whether it holds personal data."""

    folder: Path
    says: str
    of_snapshot: str
    snapshot: str
    tables: Mapping[str, int]
    people: bool
    size: int


def replicate(
    folder: Path, settings: Settings, target: Path, asker: Asker, look: Look, *, progress: Callable[[str], None]
) -> Replicated:
    """Make a replica of the snapshot that serves, whole or not at all.

    It is entered in the audit log before it is there.

    Raises
    ------
    UsageError
        The target exists and is not empty, or lies in the workspace.
    NotPermittedError
        The person sees nothing, or figures of many customers only.
    """
    refuse_replica(folder, "to replicate")
    _refuse_target(folder, target)
    with machine_trouble(target.parent), _beside(target) as part:

        def made(reader: Reader, served: Serving) -> Replicated:
            progress("Looking for what they may see")
            whole = knowledge_in(reader, served.snapshot, None)
            scope = to_keep(scope_in(whole, asker))
            said = Replica(
                seen_as=asker.name,
                is_role=asker.is_role,
                made_at=look.now.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="minutes"),
                of_snapshot=served.snapshot.name,
                published_at=str(served.snapshot.manifest["now"]),
                company=settings.company.name,
            )
            rights = {**asdict(said), "policy": asker.policy.mark, "rights": document(scope)}
            theirs = knowledge_in(reader, served.snapshot, None, scope=scope)
            days = {"first_day": _day(theirs.first_day), "last_day": _day(theirs.last_day)}
            view = theirs.view
            progress("Writing the replica")
            snapshots = snapshots_folder(part)
            snapshots.mkdir(mode=0o700)
            kept = {name: served.snapshot.manifest[name] for name in _KEPT if name in served.snapshot.manifest}
            snapshot = write_replica(
                served.snapshot,
                snapshots,
                (
                    Part(table=c.table, database=c.database, query=c.query, parameters=c.parameters)
                    for c in copies(view)
                ),
                lambda rows: {**kept, **days, REPLICA: rights, "sources": [], "lineage": [], "tables": dict(rows)},
                people=scope.sees_people,
                threads=settings.run.threads,
                memory_limit=settings.run.memory_limit,
            )
            write_durably(part / FILE, (_HEAD + _settings(folder)).encode())
            shutil.rmtree(snapshots / "spill", ignore_errors=True)
            return Replicated(
                folder=target,
                says=said.says,
                of_snapshot=said.of_snapshot,
                snapshot=snapshot.name,
                tables=snapshot.manifest["tables"],
                people=scope.sees_people,
                size=sum(path.stat().st_size for path in snapshot.paths.values()),
            )

        done = serving.read(folder, made, people=asker.opens_people)
        whose = asker.actor if asker.actor else f"role:{asker.name}"
        counts = {"tables": len(done.tables), "rows": sum(done.tables.values()), "people": int(done.people)}
        entered(folder, look, "replica.made", objects=(whose,), counts=counts, snapshot=done.of_snapshot, always=True)
        part.replace(target)
        fsync_folder(target.parent)
    return done


def _refuse_target(folder: Path, target: Path) -> None:
    if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        raise UsageError(f"{target} exists already and is not empty; name a folder that is not there yet.")
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent} is no folder; make it, or name another place for the replica.")
    if target.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"{target} lies in the workspace itself; name a folder outside of it.")
    if "?" in str(target.absolute()):
        raise UsageError(f"{target} has a '?' in its path, and the engine cannot open a file there; name another.")


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A folder beside the target to make it in; what a killed process left there goes, what a living one does stays."""
    for old in target.parent.glob(f".{target.name}.*.part"):
        _remove_left(old)
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    descriptor = os.open(part, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield part
    finally:
        os.close(descriptor)
        shutil.rmtree(part, ignore_errors=True)


def _remove_left(old: Path) -> None:
    descriptor = os.open(old, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    else:
        shutil.rmtree(old, ignore_errors=True)
    finally:
        os.close(descriptor)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _settings(folder: Path) -> str:
    """The sections of a workspace's settings that its answers depend on."""
    written = tomllib.loads((folder / FILE).read_bytes().decode("utf-8-sig"))
    return "".join(_section((name,), written[name]) for name in _SECTIONS if name in written)


def _section(path: tuple[str, ...], table: Mapping[str, Any]) -> str:
    """A table of TOML, and those in it after its own keys.

    Examples
    --------
    >>> print(_section(("company",), {"name": "Corner Shop", "lapse_days": 90}).strip())
    ["company"]
    "name" = "Corner Shop"
    "lapse_days" = 90
    """
    own = {name: value for name, value in table.items() if not isinstance(value, Mapping)}
    said = ["\n[" + ".".join(map(json.dumps, path)) + "]"]
    said += [f"{json.dumps(name)} = {_value(value)}" for name, value in own.items()]
    inner = [_section((*path, name), value) for name, value in table.items() if isinstance(value, Mapping)]
    return "\n".join(said) + "\n" + "".join(inner)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value)
