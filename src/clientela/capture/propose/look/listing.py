"""Which files lie in a folder, and which of them are one series (orders-2024-01.csv, orders-2024-02.csv)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clientela.errors import ConfigurationError

MOST_FILES = 20_000
MOST_FOLDERS = 2_000
DEEPEST = 6
DATA = tuple(
    f".{ending}"
    for ending in (
        *("csv", "tsv", "tab", "txt", "dat", "json", "jsonl", "ndjson", "parquet", "pq"),
        *("xlsx", "xlsm", "xls", "xlsb", "ods", "gz", "zip"),
    )
)


@dataclass(frozen=True, slots=True)
class Series:
    """Files of one shape of name, in the order of their names. ``pattern`` is relative to the folder looked at."""

    pattern: str
    files: tuple[Path, ...]

    @property
    def stem(self) -> str:
        """The name without folder, endings and the part that changes."""
        name = self.pattern.rsplit("/", 1)[-1]
        for ending in (".gz", ".zip", *DATA):
            if name.lower().endswith(ending):
                name = name[: -len(ending)]
        return re.sub(r"[-_. ]*\*+[-_. ]*", " ", name).strip() or name


@dataclass(frozen=True, slots=True)
class Listing:
    """What was found: series of files, and what was passed over and why."""

    series: tuple[Series, ...]
    passed_over: tuple[tuple[str, str], ...]


def listing(folder: Path, *, without: Path | None = None) -> Listing:
    """The files of a folder, its own folders included.

    Parameters
    ----------
    folder
        To look at.
    without
        A folder in it to leave out: what a workspace keeps.

    Raises
    ------
    ConfigurationError
        It is missing, no folder, cannot be read, holds no file, or far too many.
    """
    if not folder.exists():
        raise ConfigurationError(f"there is no folder {folder}; name the folder that holds your exports.")
    if not folder.is_dir():
        raise ConfigurationError(f"{folder} is a file, not a folder; name the folder that holds it.")
    found: list[Path] = []
    passed: list[tuple[str, str]] = []
    for path in _walk(folder, without):
        if len(found) >= MOST_FILES:
            raise ConfigurationError(
                f"{folder} holds more than {MOST_FILES:,} files; name a folder inside it with one system's exports."
            )
        shown = path.relative_to(folder).as_posix()
        if path.suffix.lower() not in DATA:
            passed.append((shown, "its ending is not that of data"))
        elif not os.access(path, os.R_OK):
            passed.append((shown, "it cannot be read: no permission"))
        elif path.stat().st_size == 0:
            passed.append((shown, "it is empty"))
        else:
            found.append(path)
    if not found and not passed:
        raise ConfigurationError(f"{folder} holds no file; put your exports there, or name another folder.")
    return Listing(tuple(_series(folder, found)), tuple(passed))


def split(series: Series, folder: Path) -> tuple[Series, ...]:
    """Each file of a series by itself."""
    return tuple(Series(_literal(path.relative_to(folder).as_posix()), (path,)) for path in series.files)


def _walk(folder: Path, without: Path | None) -> Iterator[Path]:
    """Every file below a folder in the order of names; hidden ones and links to folders are left out."""
    try:
        with os.scandir(folder) as inside:
            next(inside, None)
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be read: {error.strerror}.") from None
    for seen, (place, folders, names) in enumerate(os.walk(folder, followlinks=False), start=1):
        here = Path(place)
        depth = len(here.relative_to(folder).parts)
        inner = sorted(name for name in folders if not name.startswith((".", "__")) and here / name != without)
        folders[:] = inner if depth < DEEPEST and seen < MOST_FOLDERS else []
        if (here / "clientela.toml").exists():  # what a workspace keeps beside its exports
            folders[:] = [name for name in folders if name not in ("landing", "snapshots", "secrets", "backups")]
        for name in sorted(names):
            path = here / name
            if not name.startswith((".", "~$")) and name != "clientela.toml" and path.is_file():
                yield path


def _series(folder: Path, files: list[Path]) -> Iterator[Series]:
    groups: dict[str, list[Path]] = {}
    for path in files:
        shown = path.relative_to(folder).as_posix()
        parent, slash, name = shown.rpartition("/")
        groups.setdefault(parent + slash + re.sub(r"\d+", "0", name), []).append(path)
    for paths in groups.values():
        if len(paths) == 1:
            yield Series(_literal(paths[0].relative_to(folder).as_posix()), tuple(paths))
        else:
            yield Series(_pattern([path.relative_to(folder).as_posix() for path in paths]), tuple(paths))


def _pattern(names: list[str]) -> str:
    """What all names have in common, ``*`` where they differ.

    Examples
    --------
    >>> _pattern(["orders-2024-01.csv", "orders-2024-02.csv"])
    'orders-*.csv'
    """
    first = names[0]
    same = 0
    while all(name[same : same + 1] == first[same] for name in names) and same < len(first) - 1:
        same += 1
    back = 0
    while back < min(map(len, names)) - same and all(name[-1 - back] == first[-1 - back] for name in names):
        back += 1
    head, tail = first[:same], first[len(first) - back :]
    head = re.sub(r"(\d|\d[-_])+$", "", head)
    tail = re.sub(r"^([-_]?\d)+", "", tail)
    return f"{_literal(head)}*{_literal(tail)}"


def _literal(name: str) -> str:
    """The name as a pattern that only it fits."""
    return re.sub(r"([*?\[])", r"[\1]", name)
