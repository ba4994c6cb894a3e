"""Whether what is kept is what was written: sums of chunks, seals of documents, the version of the contracts."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from pathlib import Path
from time import time_ns
from typing import Any

from clientela.contracts.derived import DERIVED
from clientela.contracts.tables import CONTRACTS
from clientela.errors import NewerError

FORMAT = 1  # of a workspace; raise it when an older clientela could no longer read what this one writes
CHUNK = 1 << 20
WHOLE = 1 << 30  # files up to this size are read to their end when they are opened; of larger ones as much
SEAL = "seal"
_ALONE = 16  # chunks that are sooner read by one than by two
_JUST_NOW = 2_000_000_000  # nanoseconds: what is written to so soon again may bear the same time


def sums(path: Path) -> tuple[str, tuple[str, ...]]:
    """The hash of a file's content, and the sum of each of its chunks, in hex."""
    whole = hashlib.sha256()
    parts = []
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            whole.update(chunk)
            parts.append(f"{zlib.crc32(chunk):08x}")
    return whole.hexdigest(), tuple(parts)


def chunk_sums(path: Path) -> tuple[str, ...]:
    """The sum of each of a file's chunks, in hex, as `sums` has them: a quarter of its work, done by two at once."""
    numbers = range(-(-path.stat().st_size // CHUNK))
    if len(numbers) <= _ALONE:
        return tuple(_chunk_sums(path, numbers))
    with ThreadPoolExecutor(max_workers=2) as pool:
        halves = pool.map(lambda half: _chunk_sums(path, half), _halves(numbers))
        return tuple(each for half in halves for each in half)


def _chunk_sums(path: Path, numbers: Sequence[int]) -> list[str]:
    parts = []
    with path.open("rb", buffering=0) as file:
        buffer = bytearray(CHUNK)
        for number in numbers:
            file.seek(number * CHUNK)
            read = file.readinto(buffer) or 0
            parts.append(f"{zlib.crc32(memoryview(buffer)[:read]):08x}")
    return parts


def _halves(numbers: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
    return numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]


def changed(path: Path, parts: Sequence[str], *, most: int = WHOLE) -> bool:
    """Whether a file's chunks are no longer those that were written.

    Parameters
    ----------
    most : bytes to read; of a larger file every so-many-th chunk is read, its first and its last among them.
    """
    told = path.stat()
    if time_ns() - told.st_ctime_ns < _JUST_NOW:
        return _read_and_differ(path, parts, most)
    stands = (told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns)
    return _remembered(path, tuple(parts), most, stands)


@lru_cache(maxsize=64)
def _remembered(path: Path, parts: tuple[str, ...], most: int, stands: tuple[int, ...]) -> bool:
    """The same, read once in a process while the file ``stands`` as it did.

    Who writes to a file changes its times; what a disk spoils without that, the engine finds as it reads a block.
    """
    return _read_and_differ(path, parts, most)


def _read_and_differ(path: Path, parts: Sequence[str], most: int) -> bool:
    numbers = range(len(parts))
    stride = -(-len(parts) * CHUNK // most) if parts else 1
    chosen = sorted({*numbers[::stride], *numbers[-1:]})
    if len(chosen) <= _ALONE:
        return _differ(path, parts, chosen)
    with ThreadPoolExecutor(max_workers=2) as pool:
        return any(pool.map(lambda half: _differ(path, parts, half), _halves(chosen)))


def _differ(path: Path, parts: Sequence[str], chosen: Sequence[int]) -> bool:
    with path.open("rb", buffering=0) as file:
        buffer = bytearray(CHUNK)
        for number in chosen:
            file.seek(number * CHUNK)
            read = file.readinto(buffer) or 0
            if f"{zlib.crc32(memoryview(buffer)[:read]):08x}" != parts[number]:
                return True
    return False


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document with the hash of what it says.

    Examples
    --------
    >>> unsealed(sealed({"as_of": "2017-10-01"}))
    {'as_of': '2017-10-01'}
    """
    return {**document, SEAL: _seal(document)}


def unsealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a sealed document says; ``ValueError`` when that is no longer what was written."""
    said = {name: value for name, value in document.items() if name != SEAL}
    if document.get(SEAL) != _seal(said):
        raise ValueError("the seal is broken")
    return said


def _seal(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@cache
def contracts_version() -> str:
    """What all tables promise, as a short hash: a snapshot of another one is not read but built anew."""
    return hashlib.sha256("\n".join(_promises()).encode()).hexdigest()[:12]


def _promises() -> Iterator[str]:
    for contract in (*CONTRACTS.values(), *DERIVED.values()):
        yield repr((contract.name, contract.key, contract.kind.value, contract.event_time))
        for each in contract.columns:
            rules = (each.required, each.choices, each.minimum, each.maximum, each.scaled_by, each.scales)
            yield repr((each.name, each.type.value, each.unit, each.personal, each.person, each.known_with, rules))


def refuse_newer(told: Mapping[str, Any]) -> None:
    """Refuse what a newer clientela keeps in a way that this one does not know.

    Raises
    ------
    NewerError
        ``told`` is the manifest of such a snapshot, or the record of such a run.
    """
    if int(told.get("format", 0)) > FORMAT:
        raise NewerError(str(told.get("version", "unknown")))
