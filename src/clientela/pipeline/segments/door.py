"""Segments in Python: ``clientela.open("my-company").segments``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from clientela import config
from clientela.pipeline.asking import watched
from clientela.pipeline.segments import asked
from clientela.pipeline.segments.told import Counted, Listing, Members, Shown, Why


@dataclass(frozen=True, slots=True)
class Segments:
    """The segments of one workspace. ``user``: within whose rights; None: of whoever may read its folder."""

    folder: Path

    def list(self, *, as_of: date | None = None, user: str | None = None, now: datetime | None = None) -> Listing:
        """Which there are, and how many customers are in each."""
        asker = watched.asker(self.folder, user, now)
        return asked.listed(self.folder, config.load(self.folder), as_of=as_of, asker=asker)

    def show(
        self, name: str, *, as_of: date | None = None, user: str | None = None, now: datetime | None = None
    ) -> Shown:
        """One of them with its conditions, and the versions of its definition."""
        asker = watched.asker(self.folder, user, now)
        return asked.shown_one(self.folder, config.load(self.folder), name, as_of=as_of, asker=asker)

    def members(
        self,
        name: str,
        *,
        columns: Sequence[str] = (),
        as_of: date | None = None,
        user: str | None = None,
        purpose: str = "",
        limit: int = 100,
        cursor: str | None = None,
        now: datetime | None = None,
    ) -> Members:
        """A page of who is in one on a date, since when and by what, with columns of the customers beside it."""
        return asked.members(
            self.folder,
            config.load(self.folder),
            name,
            columns=columns,
            as_of=as_of,
            asker=watched.asker(self.folder, user, now),
            look=watched.look(purpose, now),
            limit=limit,
            cursor=cursor,
        )

    def why(
        self,
        name: str,
        customer: str,
        *,
        as_of: date | None = None,
        user: str | None = None,
        purpose: str = "",
        now: datetime | None = None,
    ) -> Why:
        """Why a customer is in one, or is not: every time, the facts that turned it, and how it stands."""
        return asked.why(
            self.folder,
            config.load(self.folder),
            name,
            customer,
            as_of=as_of,
            asker=watched.asker(self.folder, user, now),
            look=watched.look(purpose, now),
        )

    def count(
        self, where: str, *, as_of: date | None = None, user: str | None = None, now: datetime | None = None
    ) -> Counted:
        """How many customers a condition fits, before it is given a name."""
        return asked.counted(self.folder, where, as_of=as_of, asker=watched.asker(self.folder, user, now))
