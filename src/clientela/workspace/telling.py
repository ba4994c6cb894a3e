"""What pages tell beside single answers: ``ws.telling.bar(user=…)``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from clientela import config
from clientela.pipeline.asking import watched
from clientela.pipeline.telling.answers import Answers, answers
from clientela.pipeline.telling.bar import Bar, bar
from clientela.pipeline.telling.overview import Overview, overview


@dataclass(frozen=True, slots=True)
class Telling:
    """What pages tell of one workspace."""

    folder: Path

    def bar(self, *, user: str | None, now: datetime | None = None) -> Bar:
        """What stands above every page: what a user sees (None: the whole), to which day, of which run and quality."""
        return bar(self.folder, config.load(self.folder), watched.asker(self.folder, user, now))

    def overview(self, *, user: str | None, now: datetime | None = None) -> Overview:
        """What the overview of a user tells: four figures that fit their roles, and what the analyses say to them."""
        asker = watched.asker(self.folder, user, now)
        return overview(self.folder, config.load(self.folder), asker, watched.look("", now))

    def answers(self, *, user: str | None, now: datetime | None = None) -> Answers:
        """What every analysis says to a user, also those that they may not see, or that say nothing yet."""
        asker = watched.asker(self.folder, user, now)
        return answers(self.folder, config.load(self.folder), asker, watched.look("", now))

    def scope(self, *, user: str | None, now: datetime | None = None) -> tuple[object, ...]:
        """What tells one scope from another: two users whose scopes are equal see the same figures that day."""
        asker = watched.asker(self.folder, user, now)
        if asker is None:
            return ("the company",)
        held = {(each.role, tuple(sorted(each.within.items())), each.since, each.until) for each in asker.held}
        return (asker.policy.mark, tuple(sorted(held, key=repr)), asker.now.date())
