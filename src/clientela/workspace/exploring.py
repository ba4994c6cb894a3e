"""Looking around in the cube: what one may ask, and what was sent for it: ``ws.exploring.offered(["revenue"])``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from clientela.cube.explore import Wanted
from clientela.pipeline.asking import watched
from clientela.pipeline.asking.figures import Asked
from clientela.pipeline.exploring import choices
from clientela.pipeline.exploring import sent as statements


@dataclass(frozen=True, slots=True)
class Exploring:
    """What can be asked of one workspace's cube. ``user``: within whose rights; None: whoever may read its folder."""

    folder: Path

    def offered(self, *chosen: str, user: str | None = None, now: datetime | None = None) -> choices.Offered:
        """The measures there are to ask for, and by what those that were chosen can be seen."""
        return choices.offered(self.folder, chosen, watched.asker(self.folder, user, now))

    def sent(
        self,
        *names: str,
        by: Sequence[str] = (),
        where: str | None = None,
        order: Sequence[str] = (),
        limit: int | None = None,
        wanted: Wanted | None = None,
        as_of: date | None = None,
        known_at: datetime | None = None,
        user: str | None = None,
        now: datetime | None = None,
    ) -> statements.Sent:
        """The statement that answers a question, and the tables that do."""
        asked = Asked(names=names, by=by, where=where, order=order, limit=limit, wanted=wanted or Wanted())
        asker = watched.asker(self.folder, user, now)
        return statements.sent(self.folder, asked, as_of=as_of, known_at=known_at, asker=asker)
