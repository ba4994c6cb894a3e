"""Customers one by one in Python: ``clientela.open("my-company").customers``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from clientela.pipeline.asking import watched
from clientela.pipeline.customers import one, search
from clientela.pipeline.customers.told import CustomerSeen, Listing, Moved


@dataclass(frozen=True, slots=True)
class Customers:
    """The customers of one workspace. ``user``: within whose rights; None: of whoever may read its folder."""

    folder: Path

    def one(
        self,
        number: str,
        *,
        user: str | None = None,
        purpose: str = "",
        reveal: bool = False,
        only: str = "",
        before: str | None = None,
        now: datetime | None = None,
    ) -> CustomerSeen | Moved:
        """One customer; where the number is an earlier one, the number they bear now.

        Parameters
        ----------
        reveal : what names the person without covering it; then a purpose is needed, and the audit log keeps both
        only : of what happened: orders, contacts, cases or changes; '' for all
        before : ``timeline.older`` of the page before
        """
        return one.one(
            self.folder,
            number,
            look=watched.look(purpose, now),
            asker=watched.asker(self.folder, user, now),
            reveal=reveal,
            only=only,
            before=before,
        )

    def find(self, said: str, *, user: str | None = None, purpose: str = "", now: datetime | None = None) -> Listing:
        """Whom a number, a key, an address, a telephone or tax number or part of a name may mean."""
        asker = watched.asker(self.folder, user, now)
        return search.search(self.folder, said, look=watched.look(purpose, now), asker=asker)

    def listed(
        self, which: str, *, most: int = 10, user: str | None = None, purpose: str = "", now: datetime | None = None
    ) -> Listing:
        """Customers to begin with: ``recent``, ``valuable`` or ``risk``."""
        asker = watched.asker(self.folder, user, now)
        return search.listed(self.folder, which, look=watched.look(purpose, now), asker=asker, most=most)
