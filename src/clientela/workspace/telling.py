"""What pages tell beside single answers: ``ws.telling.bar(user=…)``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from clientela import config
from clientela.contracts.analysis import Parameter
from clientela.contracts.insight import Insight, Table
from clientela.pipeline.answer import ask_noted
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
        return bar(self.folder, watched.asker(self.folder, user, now))

    def overview(self, *, user: str | None, now: datetime | None = None) -> Overview:
        """What the overview of a user tells: four figures that fit their roles, and what the analyses say to them."""
        asker = watched.asker(self.folder, user, now)
        return overview(self.folder, config.load(self.folder), asker, watched.look("", now))

    def answers(self, *, user: str | None, now: datetime | None = None) -> Answers:
        """What every analysis says to a user, also those that they may not see, or that say nothing yet."""
        asker = watched.asker(self.folder, user, now)
        return answers(self.folder, config.load(self.folder), asker, watched.look("", now))

    def answer(
        self,
        name: str,
        *,
        user: str | None,
        as_of: date | None = None,
        parameters: Mapping[str, Parameter] | None = None,
        now: datetime | None = None,
    ) -> tuple[Insight, bool]:
        """What one analysis says to a user, and whether personal data were read for it: then no page may keep it."""
        asker, look = watched.asker(self.folder, user, now), watched.look("", now)
        return ask_noted(self.folder, config.load(self.folder), name, as_of, parameters or {}, asker, look)

    def exported(self, table: Table, *, of: str, snapshot: str, now: datetime | None = None) -> None:
        """Enter in the audit log that a table of an answer leaves the workspace as a file."""
        columns = [f"{of}.{each.name}" for each in table.columns]
        watched.exported(self.folder, columns, len(table.rows), watched.look("", now), snapshot=snapshot)

    def scope(self, *, user: str | None, now: datetime | None = None) -> tuple[object, ...]:
        """What tells one scope from another: two users whose scopes are equal see the same figures that day."""
        asker = watched.asker(self.folder, user, now)
        if asker is None:
            return ("the company",)
        held = {(each.role, tuple(sorted(each.within.items())), each.since, each.until) for each in asker.held}
        return (asker.policy.mark, tuple(sorted(held, key=repr)), asker.now.date())
