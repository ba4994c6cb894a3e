"""Who sees what, for whoever administers: ``ws.staffing.who_sees("4711", "ana")``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from clientela.pipeline.asking import watched, why_seen
from clientela.pipeline.asking.replica import refuse_replica
from clientela.pipeline.asking.scope import asker_of
from clientela.pipeline.staffing import limits


@dataclass(frozen=True, slots=True)
class Staffing:
    """The users of one workspace and what they see."""

    folder: Path

    def who_sees(self, customer: str, *users: str, now: datetime | None = None) -> tuple[why_seen.Explained, ...]:
        """Of each user, which of their grants let them see a customer, and by what."""
        refuse_replica(self.folder, "what grants show")
        looking = watched.look("", now)
        askers = [asker_of(self.folder, user, now=looking.now, by=looking.actor) for user in users]
        return why_seen.explained_of(self.folder, askers, customer)

    def limits(self) -> limits.Limits:
        """The territories, campaigns and product lines that a grant can be limited to."""
        return limits.limits(self.folder)
