"""Where a workspace is being served: kept beside it by the server at work, and believed only while that one lives."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "serve.lock"
_LONGEST = 4096


@contextmanager
def kept(workspace: Path, place: str) -> Iterator[None]:
    """Let others find the address at which this process serves, until the block, or the process, ends.

    Of several servers of one workspace the first is found. Where nothing can be written, nothing is found.
    """
    try:
        descriptor = os.open(workspace / NAME, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError:
        yield
        return
    try:
        first = _taken(descriptor, fcntl.LOCK_EX)
        if first:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps({"place": place}).encode(), 0)
        yield
        if first:
            (workspace / NAME).unlink(missing_ok=True)
    finally:
        os.close(descriptor)  # and with it the lock, which the kernel also takes from a process that is killed


def found(workspace: Path) -> str | None:
    """The address at which the workspace is being served; None where no living process says that it serves it.

    That something listens at the port would prove nothing: after a server was killed, anybody of this machine may take
    its port, and would be handed the link with which a password is chosen.
    """
    try:
        descriptor = os.open(workspace / NAME, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        if _taken(descriptor, fcntl.LOCK_SH):
            return None
        place = json.loads(os.pread(descriptor, _LONGEST, 0))["place"]
    except (ValueError, KeyError, TypeError):  # it has only begun
        return None
    finally:
        os.close(descriptor)
    return place if isinstance(place, str) else None


def _taken(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
