"""The data themselves: what arrived, what stays out, what each table is made of, what people bring in by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clientela import config
from clientela.config import Settings
from clientela.contracts.report import QualityFinding, QualityRow
from clientela.errors import ClientelaError, NotPermittedError
from clientela.pipeline import answer
from clientela.pipeline.asking import watched
from clientela.pipeline.identities import review
from clientela.pipeline.intake import delivered, proposed, settled, uploads
from clientela.pipeline.overseen.batches import PAGE, BatchPage
from clientela.pipeline.overseen.batches import batches as batches_of
from clientela.pipeline.overseen.lineage import Line, TableTold
from clientela.pipeline.overseen.lineage import line as line_of
from clientela.pipeline.overseen.lineage import tables as tables_of
from clientela.pipeline.overseen.published import Published, published
from clientela.pipeline.overseen.runs import PAGE as RUNS_SHOWN
from clientela.pipeline.overseen.runs import RunTold, Scheduled, holder
from clientela.pipeline.overseen.runs import runs as runs_of
from clientela.pipeline.overseen.runs import scheduled as scheduled_of
from clientela.pipeline.overseen.seen import Sight, sight
from clientela.pipeline.overseen.sources import SourceTold
from clientela.pipeline.overseen.sources import source as source_of
from clientela.pipeline.overseen.sources import sources as sources_of
from clientela.pipeline.quality import told
from clientela.pipeline.quality.gate import owners
from clientela.workspace.insight import Insight
from clientela.workspace.watching import Looked

if TYPE_CHECKING:
    from clientela.capture.propose.proposal import Proposal
    from clientela.pipeline.intake.chosen import Choices
    from clientela.pipeline.intake.uploads import Sent

FIRST_ASKED = ("sales-trend", "customer-base", "customer-value", "churn-risk")
NOT_YOURS = "your roles do not show how the data are; ask an administrator."


@dataclass(frozen=True, slots=True)
class Data:
    """The data of one workspace. ``user``: within whose rights one looks; None: of whoever may read its folder.

    ``looked``: enters in the audit log what is brought in or changed.
    """

    folder: Path
    looked: Looked
    user: str | None = None

    def of(self, user: str | None) -> Data:
        """The same within the rights of a user."""
        return Data(self.folder, self.looked, user)

    @property
    def sight(self) -> Sight:
        """What the user is told of the data."""
        return sight(watched.asker(self.folder, self.user, None))

    @property
    def exists(self) -> bool:
        """Whether the folder is a workspace."""
        return (self.folder / config.FILE).is_file()

    def sources(self, *, now: datetime | None = None) -> tuple[SourceTold, ...]:
        """What each source delivered, and when the next delivery is expected."""
        settings, found = self._seen()
        return sources_of(self.folder, settings, found, now=now or datetime.now(UTC))

    def source(self, name: str, table: str, *, now: datetime | None = None) -> tuple[SourceTold, ...]:
        """The sections of one source for one table."""
        settings, found = self._seen()
        return source_of(self.folder, settings, found, name, table, now=now or datetime.now(UTC))

    def batches(
        self,
        *,
        source: str | None = None,
        table: str | None = None,
        path: str | None = None,
        before: int | None = None,
        after: int = 0,
        limit: int = PAGE,
    ) -> BatchPage:
        """The deliveries, newest first; ``before``: those that arrived before the one of this sequence."""
        settings, found = self._seen()
        return batches_of(
            self.folder,
            settings,
            found,
            source=source,
            table=table,
            path=path,
            before=before,
            after=max(0, after),
            limit=limit,
        )

    def quality(self) -> tuple[tuple[QualityRow, ...], tuple[QualityFinding, ...]]:
        """The six qualities, and everything that was measured, the weakest first."""
        settings, found = self._seen()
        return told.properties(found.measures), told.findings(found.measures, owners(settings))

    def tables(self) -> tuple[TableTold, ...]:
        """Every table that is published."""
        return tables_of(self._seen()[1])

    def line(self, table: str) -> Line:
        """What a table is made of, and what is made of it."""
        return line_of(self._seen()[1], table)

    def runs(self, *, limit: int = RUNS_SHOWN) -> tuple[RunTold, ...]:
        """The runs so far, newest first."""
        return runs_of(self.folder, self._seen()[0], limit=limit)

    def scheduled(self, *, now: datetime | None = None) -> tuple[Scheduled, ...]:
        """What is scheduled, when it is next due and how it went last."""
        return scheduled_of(self.folder, self._seen()[0], now=now or datetime.now(UTC))

    def at_work(self) -> str | None:
        """Who holds the workspace's lock; None when nobody does."""
        return holder(self.folder)

    def pairs_to_decide(self) -> int:
        """How many pairs of customers may be one, else how many pairs alone hold one together: as who is who says."""
        try:
            found = review.review(self.folder, company="", limit=1)
        except ClientelaError:
            return 0
        return found.uncertain or found.bridges or 0

    def first_answer(self, lang: str, *, now: datetime | None = None) -> Insight | None:
        """The first of the questions that the data answer already; None where they answer none yet."""
        for name in FIRST_ASKED:
            try:
                told_ = answer.ask(
                    self.folder,
                    config.load(self.folder),
                    name,
                    None,
                    {},
                    watched.asker(self.folder, self.user, now),
                    watched.look("", now),
                )
            except ClientelaError:
                continue
            if told_.abstained is None:
                return Insight(told_, lang)
        return None

    def keep(self, sent: Sequence[Sent], *, now: datetime, chance: Callable[[int], bytes]) -> str:
        """The name under which uploaded files are kept, all or none, until it is decided what they are."""
        self.looked("data.uploaded", files=len(sent))
        return uploads.keep(self.folder, sent, now=now, chance=chance)

    def takes(self, source: str, table: str | None, file: str) -> str:
        """The path of the source that takes an uploaded file of this name, which `deliver` wants."""
        return delivered.place_for(self.folder, config.load(self.folder), source, table, file)

    def deliver(self, place: str, sent: Sent, *, now: datetime, chance: Callable[[int], bytes]) -> str:
        """Put an uploaded file where the source with this path finds it; its own path."""
        self.looked("data.delivered", files=1)
        return delivered.deliver(self.folder, config.load(self.folder), place, sent, now=now, chance=chance)

    def proposal(self, upload: str) -> Proposal:
        """What was proposed for uploaded files."""
        return proposed.proposal(self.folder, upload)

    def said(self, upload: str) -> Mapping[str, Any]:
        """What somebody said of uploaded files."""
        return proposed.said(self.folder, upload)

    def say(self, upload: str, told_: Mapping[str, Any]) -> None:
        """Say something of uploaded files, for the next look at them."""
        proposed.say(self.folder, upload, told_)

    def confirm(self, upload: str, choices: Choices) -> None:
        """Make the workspace read uploaded files as chosen; a folder that is none yet becomes one."""
        settled.confirm(self.folder, upload, choices)
        self.looked("data.confirmed", sources=sum(each.use for each in choices.sources))

    def forget(self, upload: str) -> None:
        """Throw uploaded files away."""
        uploads.forget(self.folder, upload)

    def _seen(self) -> tuple[Settings, Published]:
        if not self.sight.data:
            raise NotPermittedError(NOT_YOURS)
        return config.load(self.folder), published(self.folder)
