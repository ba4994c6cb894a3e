"""One builder at a time: the lock of a workspace, held by a living process or by nobody."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from clientela.errors import LockedError

NAME = "run.lock"


@contextmanager
def builder(workspace: Path, *, now: datetime) -> Iterator[None]:
    """Hold the workspace's lock; the kernel lets go of it when this process ends, however it ends.

    Raises
    ------
    LockedError
        Another process holds it; says which, where and since when.
    """
    descriptor = os.open(workspace / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(descriptor)
        said = {"pid": os.getpid(), "host": socket.gethostname(), "since": now.isoformat(timespec="seconds")}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(said).encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)  # and with it the lock


def holder(workspace: Path) -> str | None:
    """Who is at work in the workspace; None when nobody is."""
    try:
        descriptor = os.open(workspace / NAME, os.O_RDONLY)  # asking must work where one may only read
    except FileNotFoundError:
        return None
    try:
        _take(descriptor, fcntl.LOCK_SH)
    except LockedError as error:
        return error.holder
    finally:
        os.close(descriptor)
    return None


def _take(descriptor: int, kind: int = fcntl.LOCK_EX) -> None:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LockedError(_said(os.pread(descriptor, 4096, 0))) from None


def _said(content: bytes) -> str:
    try:
        told = json.loads(content)
        return f"process {told['pid']} on {told['host']} since {told['since']}"
    except (ValueError, KeyError, TypeError):
        return "a process that has only begun"
