"""What a command writes: data to stdout, progress and errors to stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(line: str = "") -> None:
    """One line of the answer, to stdout."""
    sys.stdout.write(line + "\n")


def say_json(document: object) -> None:
    """One JSON document, to stdout."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n")


def say_now(line: str) -> None:
    """One line of the answer, seen at once: of a command that goes on."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def say_line(document: object) -> None:
    """One JSON document in one line, seen at once."""
    say_now(json.dumps(document, ensure_ascii=False, default=str))


def tell(line: str) -> None:
    """One line about the work, to stderr."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


class Progress:
    """The steps of a longer work, one line each on stderr; silent until a second has passed.

    On a terminal the line of the running step is rewritten; elsewhere each step is a line of its own.
    """

    QUIET_SECONDS = 1.0

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._terminal = sys.stderr.isatty()
        self._open = False

    def __call__(self, step: str) -> None:
        """Say that ``step`` begins."""
        seconds = time.monotonic() - self._begun
        if seconds < self.QUIET_SECONDS:
            return
        if self._terminal:
            sys.stderr.write(f"\r\x1b[2K{seconds:5.1f} s  {step}")
            self._open = True
        else:
            sys.stderr.write(f"{seconds:5.1f} s  {step}\n")
        sys.stderr.flush()

    def end(self) -> None:
        """Clear the running line."""
        if self._open:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
            self._open = False


@contextmanager
def progress() -> Iterator[Progress]:
    """Progress that is cleared when the work ends, well or badly."""
    shown = Progress()
    try:
        yield shown
    finally:
        shown.end()
