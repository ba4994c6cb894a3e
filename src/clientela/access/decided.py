"""What was decided of a snapshot for figures of many customers, kept by whoever asks several questions of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions by what they rest on; for one snapshot as of one date, and to be dropped with it.

    Examples
    --------
    >>> kept = Decided()
    >>> kept.of("line", lambda: {"few"}), kept.of("line", lambda: {"another"})
    ({'few'}, {'few'})
    """

    told: dict[Hashable, Any] = field(default_factory=dict)

    def of(self, key: Hashable, decide: Callable[[], Any]) -> Any:
        """What was decided for a key before, else what is decided now."""
        if key not in self.told:
            self.told[key] = decide()
        return self.told[key]
