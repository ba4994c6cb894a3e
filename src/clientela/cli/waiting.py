"""Waiting that a signal ends: for a command that runs until it is stopped."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stopped_by_signals(tell: Callable[[str], None]) -> Iterator[Callable[[float], bool]]:
    """A sleep that says whether it was told to stop.

    The first SIGTERM or SIGINT lets the work at hand end; a second one interrupts it, which leaves what is
    published as it is.
    """
    stop = threading.Event()

    def told(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        tell("clientela: stopping when what is at work has ended; once more interrupts it.")

    before = {number: signal.signal(number, told) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop.wait
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
