"""What was made for one scope and is shown again: bounded, counted, never shared with another scope."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Condition
from time import monotonic
from typing import Generic, TypeVar

Made = TypeVar("Made")


@dataclass(slots=True)
class _Entry(Generic[Made]):
    made: Made
    size: int
    until: float


@dataclass(slots=True)
class Kept(Generic[Made]):
    """Things made once and shown many times; the one least lately shown goes first.

    A key holds all that decides what is shown: the snapshot, the scope of who asks (grants, policy, day), the language,
    what the address says. Whoever makes one is waited for by those who want the same meanwhile.

    Parameters
    ----------
    most : how much is kept in all, in the unit of ``size``
    lasting : seconds after which an entry is made anew
    size : of one thing made
    fit : whether a thing made may be kept at all
    """

    most: int
    lasting: float = 900.0
    size: Callable[[Made], int] = lambda _: 1
    fit: Callable[[Made], bool] = lambda _: True
    clock: Callable[[], float] = monotonic
    hits: int = 0
    misses: int = 0
    _entries: OrderedDict[Hashable, _Entry[Made]] = field(default_factory=OrderedDict)
    _making: set[Hashable] = field(default_factory=set)
    _held: int = 0
    _changed: Condition = field(default_factory=Condition)

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What is kept under a key, else what ``make`` makes; an error of it is raised and not kept."""
        with self._changed:
            while True:
                entry = self._entries.get(key)
                if entry is not None and entry.until > self.clock():
                    self.hits += 1
                    self._entries.move_to_end(key)
                    return entry.made
                if key not in self._making:
                    break
                self._changed.wait()
            self.misses += 1
            self._making.add(key)
        try:
            made = make()
            if self.fit(made):
                with self._changed:
                    self._put(key, made)
            return made
        finally:
            with self._changed:
                self._making.discard(key)
                self._changed.notify_all()

    def forget(self) -> None:
        """Make everything anew when it is next asked for."""
        with self._changed:
            self._entries.clear()
            self._held = 0

    @property
    def held(self) -> int:
        """How much is kept, in the unit of ``size``."""
        return self._held

    def _put(self, key: Hashable, made: Made) -> None:
        size = self.size(made)
        old = self._entries.pop(key, None)
        self._held -= old.size if old is not None else 0
        if size > self.most:
            return
        self._entries[key] = _Entry(made, size, self.clock() + self.lasting)
        self._held += size
        while self._held > self.most:
            _, gone = self._entries.popitem(last=False)
            self._held -= gone.size
