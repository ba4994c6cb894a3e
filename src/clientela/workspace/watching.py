"""Who is told what goes on: how far a long work is, and the audit log of what is looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Progress = Callable[[str], None]


def silent(step: str) -> None:
    """No progress is shown."""


class Looked(Protocol):
    """Enters in the audit log what is looked at, taken out or changed, before it is shown."""

    def __call__(self, action: str, *customers: int, **counts: int) -> None:
        """Enter it."""
