"""Snapshots: published whole or not at all, read safely, kept for a while."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
from sqlglot import exp

from clientela.errors import MachineError, OutdatedError, SnapshotError
from clientela.warehouse.engine import NOTHING, DamagedError, Engine, Statement
from clientela.warehouse.fingerprint import fingerprint
from clientela.warehouse.journal import fsync_file, fsync_folder, sha256_of, write_durably
from clientela.warehouse.moments import PUBLICATION, At, reached
from clientela.warehouse.physical import FACTS, PEOPLE
from clientela.warehouse.store.check import (
    FORMAT,
    SEAL,
    changed,
    contracts_version,
    refuse_newer,
    sealed,
    sums,
    unsealed,
)

POINTS = PUBLICATION  # the moments of a publication between which a crash may fall
CURRENT = "CURRENT"
REPLICA = "replica"  # what a manifest says of a snapshot that holds only what somebody may see
SPILL = "spill-"
_NAMED = re.compile(rb"(snapshot-\d+-[0-9a-f]{8}\.json)\n")
_MEND = "run `clientela run` to build it anew."


def snapshots_folder(workspace: Path) -> Path:
    """Where a workspace keeps its snapshots."""
    return workspace / "snapshots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One published pair of files. ``manifest`` is what the run said of it, with its files' sizes and hashes."""

    number: int
    folder: Path
    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name that no other snapshot of the workspace bears."""
        return f"{self.number}-{self.manifest['files'][FACTS]['sha256'][:8]}"

    @property
    def paths(self) -> Mapping[str, Path]:
        """The files, by database."""
        return {database: self.folder / told["name"] for database, told in self.manifest["files"].items()}

    @property
    def fits(self) -> bool:
        """Whether its tables promise what those of this version do: another cannot serve."""
        return bool(self.manifest.get("contracts") == contracts_version())

    def look(self) -> None:
        """Refuse a snapshot that cannot be read: damaged, or published by another version of clientela.

        Read are the files' chunks, all of them up to 1 GB a file; beyond, the engine finds what is left as it reads.

        Raises
        ------
        SnapshotError
            A file is missing, has another size or other content, or a write-ahead log beside it.
        OutdatedError
            Its tables promise something else than those of this version.
        NewerError
            A newer version keeps the workspace in another way.
        """
        refuse_newer(self.manifest)
        if not self.fits:
            by = f"another version of clientela ({self.manifest.get('version', 'unknown')})"
            raise OutdatedError(f"snapshot {self.name} was published by {by}; {_MEND}")
        for database, path in self.paths.items():
            try:
                self._look_at(path, self.manifest["files"][database])
            except FileNotFoundError:
                raise SnapshotError(f"snapshot {self.name} is damaged: {path.name} is missing; {_MEND}") from None

    def _look_at(self, path: Path, told: Mapping[str, Any]) -> None:
        if path.stat().st_size != told["size"]:
            raise SnapshotError(f"snapshot {self.name} is damaged: {path.name} has another size; {_MEND}")
        if path.with_name(path.name + ".wal").exists():
            raise SnapshotError(f"snapshot {self.name} is damaged: something was written to {path.name}; {_MEND}")
        if changed(path, told["chunks"]):
            raise SnapshotError(f"snapshot {self.name} is damaged: {path.name} was changed; {_MEND}")

    def verify(self) -> None:
        """Read every byte, and refuse a snapshot that is not what was published."""
        self.look()
        for database, path in self.paths.items():
            if sha256_of(path) != self.manifest["files"][database]["sha256"]:
                raise SnapshotError(f"snapshot {self.name} is damaged: {path.name} was changed; {_MEND}")


def current(workspace: Path) -> Snapshot | None:
    """The published snapshot; None when nothing is published yet.

    Raises
    ------
    SnapshotError
        ``CURRENT`` names what cannot be read.
    """
    pointer = snapshots_folder(workspace) / CURRENT
    try:
        named = _NAMED.fullmatch(pointer.read_bytes())
    except FileNotFoundError:
        return None
    if named is None:
        raise SnapshotError(f"{CURRENT} is damaged: it names no snapshot; {_MEND}")
    return _read(snapshots_folder(workspace) / named[1].decode())


def retained(workspace: Path) -> tuple[Snapshot, ...]:
    """The snapshots one can go back to, newest first; damaged manifests are passed over."""
    found = []
    for path in snapshots_folder(workspace).glob("snapshot-*.json"):
        try:
            found.append(_read(path))
        except SnapshotError:
            continue
    return tuple(sorted(found, key=lambda each: each.number, reverse=True))


def point_to(snapshot: Snapshot, *, at: At = reached) -> None:
    """Make a snapshot the published one: a reader sees the one before or this one, never neither."""
    part = snapshot.folder / f"{CURRENT}.part"
    part.write_text(f"snapshot-{snapshot.name}.json\n", "utf-8")
    fsync_file(part)
    at("current prepared")
    part.replace(snapshot.folder / CURRENT)
    at("current replaced")
    fsync_folder(snapshot.folder)


def publish(
    built: Mapping[str, Path], folder: Path, number: int, manifest: Mapping[str, Any], *, at: At = reached
) -> Snapshot:
    """Publish two finished files under unique names; nothing that is published is ever written again.

    Parameters
    ----------
    built : the facts file and the people file, checkpointed and closed, in ``folder``.
    at : called at each of ``POINTS``.
    """
    told: dict[str, dict[str, object]] = {}
    at("checkpointed")
    for database, path in built.items():
        fsync_file(path)
        sha256, chunks = sums(path)
        name = f"{database}-{number}-{sha256[:8]}.duckdb"
        told[database] = {"name": name, "size": path.stat().st_size, "sha256": sha256, "chunks": chunks}
        at(f"{database} synced")
    own = {"format": FORMAT, "contracts": contracts_version(), "number": number, "files": told}
    snapshot = Snapshot(number=number, folder=folder, manifest={**manifest, **own})
    for database, path in built.items():
        path.replace(snapshot.paths[database])
        at(f"{database} renamed")
    fsync_folder(folder)
    at("files named")
    document = sealed(json.loads(json.dumps(snapshot.manifest)))
    content = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    write_durably(folder / f"snapshot-{snapshot.name}.json", content.encode())
    at("manifest written")
    point_to(snapshot, at=at)
    at("published")
    return snapshot


def sweep(workspace: Path, *, keep: int) -> tuple[str, ...]:
    """Remove snapshots older than the last ``keep``, and files no snapshot names; returns the names removed.

    The published snapshot always stays. Only the holder of the lock may sweep.
    """
    folder = snapshots_folder(workspace)
    published = current(workspace)
    stay = list(retained(workspace)[:keep])
    if published is not None:
        stay.append(published)
    names = {CURRENT, *(f"snapshot-{each.name}.json" for each in stay)}
    names |= {path.name for each in stay for path in each.paths.values()}
    removed = sorted(path for path in folder.iterdir() if path.is_file() and path.name not in names and _ours(path))
    for path in removed:
        path.unlink()
    return tuple(path.name for path in removed)


def remove_unfinished(workspace: Path) -> None:
    """Remove what a killed run was building. Only the holder of the lock may."""
    for path in snapshots_folder(workspace).iterdir():
        if path.name.endswith((".build", ".build.wal")):
            path.unlink()
        elif path.name.startswith(SPILL):
            rmtree(path)


LISTED = 64  # files whose tables are kept in mind
_LISTED: dict[tuple[Path, int, int, int], frozenset[str]] = {}  # by the file as it is: what is changed is another


class Reader:
    """One snapshot, open to be read and for nothing else; a context manager.

    No file but the attached ones can be reached through it, and without ``people`` the file of what
    is personal is not attached at all.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        people: bool = True,
        threads: int | None = None,
        memory_limit: str | None = None,
        looked: bool = False,
    ) -> None:
        if not looked:  # else the caller has, a moment ago
            snapshot.look()
        self.snapshot = snapshot
        self._engine = Engine.in_memory(threads=threads, memory_limit=memory_limit)
        try:
            people = people and PEOPLE in snapshot.paths
            self.has_people = people
            for database in (FACTS, PEOPLE) if people else (FACTS,):
                self._engine.attach(snapshot.paths[database], database, read_only=True)
            self._engine.use(FACTS)
            self._engine.protect()
            self.tables = self._listed(FACTS)
            self.people = self._listed(PEOPLE) if people else None
        except DamagedError as error:
            self._engine.close()
            raise self._damaged(error) from None

    def _listed(self, database: str) -> frozenset[str]:
        """The tables of a file; to ask the engine for them takes a quarter of the time of opening, each time."""
        path = self.snapshot.paths[database]
        said = path.stat()
        file = (path, said.st_ino, said.st_size, said.st_mtime_ns)
        found = _LISTED.get(file)
        if found is None:
            if len(_LISTED) >= LISTED:
                _LISTED.clear()
            found = _LISTED[file] = self._engine.tables(database)
        return found

    def fetch(self, query: exp.Expr, parameters: Mapping[str, object] = NOTHING) -> pa.Table:
        """The whole result of a query.

        Raises
        ------
        TooLargeError
            It needs more memory than is allowed.
        SnapshotError
            A file of the snapshot is damaged.
        """
        try:
            return self._engine.fetch(query, parameters)
        except DamagedError as error:
            raise self._damaged(error) from None

    def rows(self, query: Statement, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """The rows of a query as Python values; raises what `fetch` does."""
        try:
            return self._engine.rows(query, parameters)
        except DamagedError as error:
            raise self._damaged(error) from None

    def fingerprint(self, table: str) -> tuple[int, int]:
        """Rows and digest of a table of the facts file: equal for equal rows, whatever made them."""
        place = exp.table_(table, db="main", catalog=FACTS, quoted=True)
        told = self.fetch(fingerprint(place, self._engine.column_types(exp.select("*").from_(place))))
        return int(told["n"][0].as_py()), int(told["digest"][0].as_py() or 0)

    def fingerprints(self, tables: Collection[str]) -> dict[str, tuple[int, int]]:
        """The same of several tables, by name: their columns are asked for once, a table without rows not at all."""
        found = dict.fromkeys(tables, (0, 0))
        try:
            columns, sizes = self._engine.columns(FACTS), self._engine.sizes(FACTS)
            for name in tables:
                if sizes.get(name) != 0:
                    place = exp.table_(name, db="main", catalog=FACTS, quoted=True)
                    told = self._engine.row(fingerprint(place, columns[name]))
                    found[name] = (int(told["n"]), int(told["digest"] or 0))
        except DamagedError as error:
            raise self._damaged(error) from None
        return found

    def close(self) -> None:
        """Let go of the files."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _damaged(self, error: DamagedError) -> SnapshotError:
        return SnapshotError(f"snapshot {self.snapshot.name} is damaged: {error}; {_MEND}", sql=error.sql)


def _read(path: Path) -> Snapshot:
    try:
        manifest = json.loads(path.read_text("utf-8"))
        if "contracts" in manifest or SEAL in manifest:  # earlier versions wrote neither
            manifest = unsealed(manifest)
        snapshot = Snapshot(number=int(manifest["number"]), folder=path.parent, manifest=manifest)
        needed = (FACTS,) if REPLICA in manifest else (FACTS, PEOPLE)  # without a right to it no file of people
        named = {snapshot.paths[each].name for each in {*needed, *({FACTS, PEOPLE} & {*snapshot.paths})}}
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.EIO):  # too many open files: it may be whole all the same
            raise MachineError.of(error, path) from error
        raise _damaged(path) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path) from error
    if (
        not all(told["name"] in named for told in manifest["files"].values())
        or path.name != f"snapshot-{snapshot.name}.json"
    ):
        raise SnapshotError(f"the manifest {path.name} is of another snapshot; {_MEND}")
    return snapshot


def _damaged(manifest: Path) -> SnapshotError:
    return SnapshotError(f"the manifest {manifest.name} is missing or damaged; {_MEND}")


def _ours(path: Path) -> bool:
    made = (".duckdb", ".wal", ".build", ".part", ".tmp")
    return path.name.endswith(made) or (path.name.startswith("snapshot-") and path.suffix == ".json")


def builds(folder: Path, number: int) -> Mapping[str, Path]:
    """The files a build writes before it is published."""
    return {database: folder / f"{database}-{number}.build" for database in (FACTS, PEOPLE)}
