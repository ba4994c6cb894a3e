"""Functions that go wrong in each of the ways a sandbox must survive."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from pathlib import Path

from clientela.errors import SourceError


def greeting(name: str) -> dict[str, object]:
    os.write(1, b"this is no answer")
    return {"said": f"hello {name}", "environment": sorted(set(os.environ) & {"HOME", "CLIENTELA_SECRET"})}


def much_memory(megabytes: int) -> int:
    return len(bytearray(megabytes << 20))


def endless() -> None:
    while True:
        pass


def asleep() -> None:
    time.sleep(60)


def abort() -> None:
    os.abort()


def crash() -> None:
    ctypes.string_at(0)


def ended() -> None:
    os._exit(7)


def killed() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def refuse() -> None:
    raise SourceError("shop", "orders.xlsx holds no sheet.")


def fail() -> None:
    raise ValueError("ana@example.com is no number")


def no_json() -> object:
    return {1, 2}


def long_answer() -> str:
    return "x" * (5 << 20)


def large_file(path: str) -> None:
    with Path(path).open("wb") as file:
        for _ in range(100):
            file.write(bytes(1 << 20))
