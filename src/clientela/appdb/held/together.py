"""Entries of many requests that are written at the same moment, in one transaction: the disk is waited for once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock

from clientela.appdb.audit.chain import Entry, Head

Write = Callable[[Sequence[tuple[Sequence[Entry], datetime]]], Head]


@dataclass(slots=True)
class _Waiting:
    entries: Sequence[Entry]
    now: datetime
    done: Event = field(default_factory=Event)
    end: Head | None = None
    error: BaseException | None = None


@dataclass(slots=True)
class Together:
    """Whoever comes while another writes waits, and is then written with all who wait; each returns when it is so."""

    write: Write
    _waiting: list[_Waiting] = field(default_factory=list)
    _list: Lock = field(default_factory=Lock)
    _writing: Lock = field(default_factory=Lock)

    def enter(self, entries: Sequence[Entry], now: datetime) -> Head:
        """Enter these; where the log then ends. When it returns they are on the disk."""
        mine = _Waiting(entries, now)
        with self._list:
            self._waiting.append(mine)
        with self._writing:
            if not mine.done.is_set():
                self._write_all()
        if mine.error is not None:
            raise mine.error
        assert mine.end is not None  # noqa: S101 - who wrote it said where it ended
        return mine.end

    def _write_all(self) -> None:
        with self._list:
            batch, self._waiting = self._waiting, []
        try:
            end = self.write([(each.entries, each.now) for each in batch])
        except BaseException as error:  # noqa: BLE001 - whoever waits is told, each in its own thread
            for each in batch:
                each.error = error
        else:
            for each in batch:
                each.end = end
        finally:
            for each in batch:
                each.done.set()
