"""The company's own year."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """When a fiscal year starts, and by which year it is named: that in which it ends, or that in which it starts.

    ``day`` is 27 at most, so every month of the year starts on the same day.
    """

    month: int = 1
    day: int = 1
    named_by_end: bool = True


CALENDAR = FiscalYear()
