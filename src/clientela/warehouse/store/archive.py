"""A backup's file: a compressed tar that begins with the list of what it holds, each with its hash."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

import pyarrow as pa

from clientela.errors import BackupError
from clientela.warehouse.journal import fsync_file, fsync_folder
from clientela.warehouse.store.check import CHUNK, refuse_newer, sealed, unsealed

LIST = "clientela-backup.json"
_LIST_SIZE = 64 << 20
_SLACK = 4096  # of a member in a tar: its headers and its padding


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file to keep: what is read from it must have this size and this hash."""

    name: str
    size: int
    sha256: str
    opened: Callable[[], IO[bytes]]

    @classmethod
    def of(cls, name: str, content: bytes) -> Member:
        """A member whose content is at hand."""
        digest = hashlib.sha256(content).hexdigest()
        return cls(name=name, size=len(content), sha256=digest, opened=lambda: io.BytesIO(content))


def write(part: Path, members: Sequence[Member], told: Mapping[str, Any]) -> None:
    """Write the members to ``part``, which is there, empty; when this returns, they are on the disk.

    Raises
    ------
    BackupError
        A member is no longer what it should be; it is named.
    """
    listed = [{"name": each.name, "size": each.size, "sha256": each.sha256} for each in members]
    head = Member.of(LIST, json.dumps(sealed({**told, "members": listed}), ensure_ascii=False, indent=1).encode())
    with (
        pa.OSFile(str(part), "wb") as file,
        pa.CompressedOutputStream(file, "zstd") as stream,
        tarfile.open(fileobj=stream, mode="w|") as tar,
    ):
        for each in (head, *members):
            _add(tar, each)
    fsync_file(part)


def unpack(path: Path, into: Path, *, allowed: Callable[[str], bool]) -> dict[str, Any]:
    """What a backup says of itself, its members written to the empty folder ``into``, each as it was.

    Parameters
    ----------
    allowed : whether a workspace has a file of this name; a backup with any other is refused.

    Raises
    ------
    BackupError
        The file is none of ours, is damaged, or holds more than the disk has room for.
    NewerError
        A newer version of clientela wrote it.
    """
    try:
        with pa.OSFile(str(path), "rb") as file, pa.CompressedInputStream(file, "zstd") as stream:
            bounded = _Bounded(stream, _LIST_SIZE + (1 << 20))
            with tarfile.open(fileobj=cast(IO[bytes], bounded), mode="r|") as tar:  # it is only read
                told = _listed(tar, path)
                _check(told["members"], into, path, allowed)
                bounded.left += sum(each["size"] + _SLACK for each in told["members"])
                for each in told["members"]:
                    _extract(tar, each, into, path)
                if tar.next() is not None:
                    raise BackupError(f"{path} holds more than its list says; it was not made by clientela.")
            bounded.to_the_end()
    except (tarfile.TarError, pa.ArrowInvalid, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's trouble, not the file's
        raise _foreign(path) from None
    for folder in (*(each for each in into.rglob("*") if each.is_dir()), into):
        fsync_folder(folder)
    return told


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A part to write, which becomes ``path`` when the block ends well and is gone otherwise; its owner's alone."""
    import fcntl

    part = path.with_name(path.name + ".part")
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"another backup is being written to {path}; wait for it to end.") from None
        os.fchmod(descriptor, 0o600)
        try:
            yield part
            if path.exists():
                raise BackupError(f"{path} exists already; nothing was overwritten.")
            part.replace(path)
            fsync_folder(path.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    finally:
        os.close(descriptor)


def _add(tar: tarfile.TarFile, member: Member) -> None:
    about = tarfile.TarInfo(member.name)
    about.size, about.mode = member.size, 0o600
    other = BackupError(
        f"{member.name} is missing, damaged or was erased a moment ago, so no backup was written; "
        "run `clientela doctor`, then try again."
    )
    try:
        with member.opened() as content:
            hashed = _Hashed(content)
            tar.addfile(about, cast(IO[bytes], hashed))  # all it asks of a file is to be read
    except FileNotFoundError:
        raise other from None
    except OSError as error:
        if error.errno is not None:
            raise
        raise other from None  # it ended too early
    if hashed.digest.hexdigest() != member.sha256:
        raise other


def _listed(tar: tarfile.TarFile, path: Path) -> dict[str, Any]:
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.isreg() and first.name == LIST else None
    if first is None or content is None or first.size > _LIST_SIZE:
        raise _foreign(path)
    try:
        told = unsealed(json.loads(content.read()))
        members = told["members"]
        shapes = [(each["name"], each["size"], each["sha256"]) for each in members]
        sound = all(isinstance(n, str) and isinstance(s, int) and s >= 0 and isinstance(h, str) for n, s, h in shapes)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _foreign(path) from None
    if not sound:
        raise _foreign(path)
    refuse_newer(told)
    return told


def _check(members: Sequence[Mapping[str, Any]], into: Path, path: Path, allowed: Callable[[str], bool]) -> None:
    names = [each["name"] for each in members]
    strange = [name for name in names if not _plain(name) or not allowed(name)]
    if strange or len(set(names)) < len(names):
        named = f"'{strange[0]}'" if strange else "a name twice"
        raise BackupError(f"{path} holds {named}, which no workspace has; it was not made by clientela.")
    needed, free = sum(each["size"] for each in members), shutil.disk_usage(into).free
    if needed > free:
        raise BackupError(f"{path} needs {needed / 1e9:,.1f} GB, and {into} has {free / 1e9:,.1f} GB free.")


def _plain(name: str) -> bool:
    """Whether a name stays in the folder it is unpacked to."""
    parts = PurePosixPath(name).parts
    clean = not any(ord(sign) < 32 or sign == "\\" for sign in name) and "/".join(parts) == name
    return clean and bool(parts) and not name.startswith("/") and ".." not in parts


def _extract(tar: tarfile.TarFile, listed: Mapping[str, Any], into: Path, path: Path) -> None:
    member = tar.next()
    if member is None or not member.isreg() or (member.name, member.size) != (listed["name"], listed["size"]):
        raise _foreign(path)
    content = tar.extractfile(member)
    if content is None:
        raise _foreign(path)
    target = into / listed["name"]
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    digest = hashlib.sha256()
    with os.fdopen(descriptor, "wb") as written:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
            written.write(chunk)
        written.flush()
        os.fsync(written.fileno())
    if digest.hexdigest() != listed["sha256"]:
        raise BackupError(f"{path} is damaged: {listed['name']} is not what was backed up. Take an earlier backup.")


def _foreign(path: Path) -> BackupError:
    return BackupError(f"{path} is no backup of clientela, or was damaged or cut short; take another backup.")


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int) -> bytes:
        content = self._file.read(size)
        self.digest.update(content)
        return content


class _Bounded:
    """A stream of which no more is read than was announced."""

    def __init__(self, stream: pa.NativeFile, left: int) -> None:
        self._stream, self.left = stream, left
        self._last = b""

    def read(self, size: int) -> bytes:
        content: bytes = self._stream.read(size)
        self.left -= len(content)
        if self.left < 0:
            raise tarfile.ReadError("more than was announced")
        if content:
            self._last = (self._last + content)[-1024:]
        return content

    def to_the_end(self) -> None:
        """Read what is left; a tar ends in two empty blocks."""
        while self.read(CHUNK):
            pass
        if self._last != bytes(1024):
            raise EOFError
