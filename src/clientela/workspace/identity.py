"""Who is who, and what persons decide about it: ``ws.identity.review()``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from clientela import config
from clientela.pipeline.asking.replica import refuse_replica
from clientela.pipeline.identities import decide, history, review, why
from clientela.pipeline.joining import learning
from clientela.pipeline.persons import export
from clientela.workspace.languages import language
from clientela.workspace.watching import Looked, Progress, silent

if TYPE_CHECKING:
    from clientela.contracts.identity import History, RecordSeen, Review, Why


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is who in one workspace. ``looked``: enters in the audit log what is looked at or changed."""

    folder: Path
    looked: Looked

    def review(self, *, limit: int | None = review.MOST) -> Review:
        """The pairs of records a person is asked about, most money at stake first."""
        refuse_replica(self.folder, "who is who")
        found = review.review(self.folder, company=config.load(self.folder).company.name, limit=limit)
        self.looked("identity.reviewed", pairs=len(found.pairs))
        return found

    def write(self, found: Review, path: Path | str, *, html: bool = True, lang: str = "en") -> None:
        """Write these pairs to a file for its owner alone: as a page to read, else as CSV for a spreadsheet."""
        from clientela.present.identity.document import review_csv
        from clientela.present.identity.page import review_page

        language(lang)
        self.looked("identity.exported", pairs=len(found.pairs))
        export.write_for_owner(Path(path), review_page(found, lang) if html else review_csv(found, lang))

    def why(self, one: str, other: str | None = None) -> Why:
        """Why the records of a customer are one, or why two customers or records are, or are not."""
        refuse_replica(self.folder, "who is who")
        found = why.why(self.folder, one, other)
        self.looked("identity.explained", *found.customers, records=len(found.records))
        return found

    def history(self, value: str) -> History:
        """All that happened to a customer, named by any number they ever had or by what else names them."""
        refuse_replica(self.folder, "who is who")
        found = history.history(self.folder, value)
        self.looked("identity.history", found.customer_id, records=len(found.records))
        return found

    def records(self, value: str) -> tuple[RecordSeen, ...]:
        """The records of a customer, the oldest first."""
        refuse_replica(self.folder, "who is who")
        found = decide.records_of(self.folder, value)
        self.looked("identity.records", records=len(found))
        return found

    def join(
        self,
        one: str,
        other: str,
        *,
        reason: str,
        by: str | None = None,
        later: bool = False,
        now: datetime | None = None,
        progress: Progress = silent,
    ) -> decide.Decided:
        """Let two customers be one from now on, and publish that (``later``: the next run does)."""
        refuse_replica(self.folder, "who is who")
        who = self._who(by, now, reason=reason, later=later)
        self.looked("identity.join")
        return decide.join(self.folder, config.load(self.folder), one, other, who, progress=progress)

    def split(
        self,
        whole: str,
        *records: str,
        reason: str,
        by: str | None = None,
        later: bool = False,
        now: datetime | None = None,
        progress: Progress = silent,
    ) -> decide.Decided:
        """Let records be another customer than ``whole`` from now on, and publish that (``later``: the next run)."""
        refuse_replica(self.folder, "who is who")
        who = self._who(by, now, reason=reason, later=later)
        self.looked("identity.split")
        return decide.split(self.folder, config.load(self.folder), whole, records, who, progress=progress)

    def undo(
        self,
        decision: str,
        *,
        by: str | None = None,
        later: bool = False,
        now: datetime | None = None,
        progress: Progress = silent,
    ) -> decide.Decided:
        """Take a decision back, as if it had never been made, and publish that (``later``: the next run does)."""
        refuse_replica(self.folder, "who is who")
        who = self._who(by, now, later=later)
        self.looked("identity.undo")
        return decide.undo(self.folder, config.load(self.folder), decision, who, progress=progress)

    def decisions(self) -> tuple[decide.Listed, ...]:
        """What persons decided about who is who, newest first."""
        refuse_replica(self.folder, "who is who")
        return decide.listed(self.folder)

    def learn(self, *, now: datetime | None = None, progress: Progress = silent) -> learning.Learned:
        """Learn anew what each likeness of two records weighs; the next run compares by it."""
        refuse_replica(self.folder, "who is who")
        moment = datetime.now(UTC) if now is None else now.astimezone(UTC)
        self.looked("identity.learn")
        return learning.learn_again(self.folder, config.load(self.folder), now=moment, progress=progress)

    def _who(self, by: str | None, now: datetime | None, *, reason: str = "", later: bool = False) -> decide.Who:
        moment = datetime.now(UTC) if now is None else now.astimezone(UTC)
        return decide.Who(by=config.user() if by is None else by, now=moment, reason=reason, later=later)
