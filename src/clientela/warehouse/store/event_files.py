"""What runs found of who is who, kept for ever: one immutable file a run, journalled with its hash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from clientela.warehouse.journal import JsonLines, fsync_folder, put_in_place, sha256_of

REWRITTEN = ".rewritten"  # ends the name of a file's new content until it takes the old one's place
NAME = "identities.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFile:
    """The events of one run; ``sha256`` and ``size`` are those of its file."""

    run: int
    rows: int
    sha256: str
    size: int

    @property
    def file(self) -> str:
        """Where it lies, relative to the landing folder."""
        return f"identity/events-{self.run}.parquet"


class EventFiles:
    """The events of all runs of a workspace, in its landing folder. Only the holder of the lock adds to them.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> files = EventFiles(Path(mkdtemp()))
    >>> kept = files.add(7, lambda path: path.write_bytes(b"events") and 2)
    >>> kept.file, kept.rows, files.kept() == (kept,), files.damaged()
    ('identity/events-7.parquet', 2, True, ())
    """

    def __init__(self, workspace: Path) -> None:
        self.folder = workspace / "landing"
        self._journal = JsonLines(self.folder / NAME)

    def kept(self) -> tuple[EventFile, ...]:
        """The files, by run; of each what the journal last said."""
        names = EventFile.__dataclass_fields__
        latest = {each["run"]: EventFile(**{name: each[name] for name in names}) for each in self._journal.read()}
        return tuple(latest[run] for run in sorted(latest))

    def path_of(self, kept: EventFile) -> Path:
        """Where a file lies."""
        return self.folder / kept.file

    def add(self, run: int, write: Callable[[Path], int]) -> EventFile:
        """Keep the events of a run; when this returns, the file and its line in the journal are on the disk.

        Parameters
        ----------
        write : writes the events to the path it is given and returns how many they are.
        """
        place = self.folder / EventFile(run=run, rows=0, sha256="", size=0).file
        self._make_room(place.parent)
        written = place.with_name(place.name + ".part")
        rows = write(written)
        kept = EventFile(run=run, rows=rows, sha256=sha256_of(written), size=written.stat().st_size)
        put_in_place(written, place)
        self._journal.append(asdict(kept))
        return kept

    def rewrite(self, kept: EventFile, write: Callable[[Path], int]) -> EventFile:
        """Put other content in the place of a file. Only an erasure may; after a crash `settle` finishes it."""
        place = self.path_of(kept)
        waiting = place.with_name(place.name + REWRITTEN)
        rows = write(waiting)
        new = EventFile(run=kept.run, rows=rows, sha256=sha256_of(waiting), size=waiting.stat().st_size)
        fsync_folder(place.parent)
        self._journal.append(asdict(new))
        put_in_place(waiting, place)
        return new

    def settle(self) -> tuple[str, ...]:
        """Finish the rewrites that a crash interrupted, drop those never journalled; the files finished."""
        known = {each.file: each.sha256 for each in self.kept()}
        finished = []
        for waiting in sorted(self.folder.glob(f"identity/*{REWRITTEN}")):
            place = waiting.with_name(waiting.name.removesuffix(REWRITTEN))
            name = place.relative_to(self.folder).as_posix()
            if sha256_of(waiting) == known.get(name):
                put_in_place(waiting, place)
                finished.append(name)
            else:
                waiting.unlink()
        return tuple(finished)

    def damaged(self) -> tuple[str, ...]:
        """The files that are missing or no longer what was kept; not those whose rewrite waits."""
        return tuple(each.file for each in self.kept() if not self._sound(each))

    def unnamed(self) -> tuple[Path, ...]:
        """Files that no journal names, left by a run that was killed."""
        named = {self.path_of(each) for each in self.kept()}
        there = sorted(self.folder.glob("identity/*"))
        return tuple(path for path in there if path not in named and not path.name.endswith(REWRITTEN))

    def _sound(self, kept: EventFile) -> bool:
        place = self.path_of(kept)
        waiting = place.with_name(place.name + REWRITTEN)
        return any(path.exists() and sha256_of(path) == kept.sha256 for path in (place, waiting))

    def _make_room(self, folder: Path) -> None:
        if not folder.exists():
            folder.mkdir(parents=True)
            fsync_folder(folder.parent)
