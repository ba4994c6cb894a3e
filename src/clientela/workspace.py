"""The Python interface: open a workspace, run it, ask it.

>>> import clientela
>>> ws = clientela.open("my-company")            # doctest: +SKIP
>>> insight = ws.ask("churn-risk")               # doctest: +SKIP
>>> insight.table                                # a pyarrow table, any frame library takes it  # doctest: +SKIP
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clientela import config
from clientela.contracts.analysis import Analysis
from clientela.contracts.insight import Insight as Answered
from clientela.cube.explore import Wanted
from clientela.errors import UsageError
from clientela.pipeline import answer, questions, report, run, serving
from clientela.pipeline.asking import figures, typed, watched, why_seen
from clientela.pipeline.asking.scope import Asker, read_policy
from clientela.pipeline.care import backup, doctor, dry_run, plan, restore, rollback, schedule, scheduled, status
from clientela.pipeline.create import create as _create
from clientela.pipeline.identities import decide, history, resolve, review, why
from clientela.pipeline.joining import learning
from clientela.pipeline.persons import erase, export, find
from clientela.pipeline.quality import quarantine

if TYPE_CHECKING:
    import pyarrow as pa

    from clientela.access.policy import Policy
    from clientela.contracts.identity import Found, History, RecordSeen, Review, Why
    from clientela.pipeline.care.checks import Finding
    from clientela.pipeline.propose import Proposal, Question

LANGUAGES = ("en", "es")

Progress = Callable[[str], None]


def _silent(step: str) -> None:
    """No progress is shown."""


@dataclass(frozen=True, slots=True)
class Insight:
    """One answer, that shows itself in a notebook."""

    said: Answered
    lang: str = "en"

    @property
    def headline(self) -> str | None:
        """The answer in one sentence; None when it abstained."""
        from clientela.present.say import say

        return None if self.said.headline is None else say(self.said.headline, self.lang)

    @property
    def abstained(self) -> str | None:
        """Why there is no answer; None when there is one."""
        from clientela.present.say import say

        return None if self.said.abstained is None else say(self.said.abstained, self.lang)

    @property
    def table(self) -> pa.Table:
        """The rows of the answer as an Arrow table (an Arrow PyCapsule: any frame library takes it)."""
        from clientela.present.arrow import arrow_table

        return arrow_table(self.said.table, self.lang)

    def to_dict(self, lang: str | None = None) -> dict[str, Any]:
        """The answer as plain data for JSON; decimals are strings."""
        from clientela.present.document import insight_json

        return insight_json(self.said, language(lang or self.lang))

    def to_text(self, lang: str | None = None) -> str:
        """The answer as plain text for a terminal."""
        from clientela.present.plain import plain

        return plain(self.said, language(lang or self.lang))

    def save_chart(self, path: Path | str, lang: str | None = None) -> None:
        """Write the picture of the answer as SVG or PNG, by the ending of ``path``."""
        from clientela.present.picture import save

        save(self.said, Path(path), language(lang or self.lang))

    def _repr_html_(self) -> str:
        from clientela.present.notebook import insight_html

        return insight_html(self.said, self.lang)

    def __repr__(self) -> str:
        return self.to_text()


@dataclass(frozen=True, slots=True)
class Workspace:
    """One company's folder: its settings, what was delivered, what is published."""

    folder: Path

    def run(
        self,
        *,
        as_of: date | None = None,
        now: datetime | None = None,
        strict: bool = False,
        progress: Progress = _silent,
    ) -> run.Done:
        """Read what the sources delivered and publish a new snapshot.

        Parameters
        ----------
        as_of :
            The day to build for; default the day after the last thing that happened.
        now :
            The moment of the run (default: this one); must know its zone.
        strict :
            Publish nothing when a file had to stay out.

        Raises
        ------
        ClientelaError
            What went wrong, in one sentence; what was published before stays.
        """
        moment = datetime.now(UTC) if now is None else now.astimezone(UTC)
        return run.run(self.folder, config.load(self.folder), now=moment, as_of=as_of, strict=strict, progress=progress)

    def ask(
        self,
        name: str,
        *,
        as_of: date | None = None,
        parameters: Mapping[str, str | int | float | bool] | None = None,
        lang: str = "en",
        user: str | None = None,
        now: datetime | None = None,
    ) -> Insight:
        """The answer of one analysis, as of the run's own date or an earlier one, as a user sees it (None: whole)."""
        language(lang)
        asker = watched.asker(self.folder, user, now)
        return Insight(answer.ask(self.folder, config.load(self.folder), name, as_of, parameters or {}, asker), lang)

    def sql(
        self,
        said: str,
        *,
        as_of: date | None = None,
        user: str | None = None,
        purpose: str = "",
        now: datetime | None = None,
    ) -> typed.Rows:
        """What one ``select`` over the published tables gives, within what a user may see (None: all).

        A look at personal data is entered in the audit log, with its purpose.
        """
        look, asker = watched.look(purpose, now), watched.asker(self.folder, user, now)
        return typed.run_sql(self.folder, said, look=look, as_of=as_of, asker=asker)

    def exported(self, told: figures.Figures, *, purpose: str = "", now: datetime | None = None) -> None:
        """Enter in the audit log that figures leave the workspace as a file."""
        names, looking = [each.name for each in told.table.columns], watched.look(purpose, now)
        watched.exported(self.folder, names, len(told.table.rows), looking, snapshot=told.snapshot)

    def policy(self) -> Policy:
        """The roles there are: the ready-made ones, and those of ``policy.toml``."""
        return read_policy(self.folder)

    def why_seen(self, user: str, customer: str, *, now: datetime | None = None) -> why_seen.Explained:
        """Which grants of a user let them see a customer, and by what."""
        moment = datetime.now(UTC) if now is None else now.astimezone(UTC)
        return why_seen.explained(self.folder, Asker(user, moment), customer)

    def query(
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
    ) -> figures.Figures:
        """Figures of the cube: measures, by what they are seen, under a filter as one types it.

        Parameters
        ----------
        names : measures; names of dimensions among them are what the figures are seen by
        where : such as ``channel = 'web' and month >= '2017-03'``
        order : names of columns, each with a ``-`` before it to put the largest first
        user : within whose rights; None: of whoever may read the workspace's folder
        """
        asked = figures.Asked(names=names, by=by, where=where, order=order, limit=limit, wanted=wanted or Wanted())
        return figures.figures(
            self.folder, asked, as_of=as_of, known_at=known_at, asker=watched.asker(self.folder, user, now)
        )

    def report(
        self,
        *,
        lang: str = "en",
        out: Path | str | None = None,
        as_of: date | None = None,
        progress: Progress = _silent,
    ) -> Path:
        """Write the report to the management as one HTML file; its path."""
        from clientela.present.report import report as html

        language(lang)
        default = self.folder / ("report.html" if lang == "en" else f"report-{lang}.html")
        path = Path(out) if out is not None else default
        page = report.page(self.folder, config.load(self.folder), as_of=as_of, progress=progress)
        progress("Drawing the report")
        text = html(page, lang)
        unfinished = path.with_name(path.name + ".unfinished")
        try:
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(path)
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}. Choose another file with --out.") from None
        return path

    def fingerprints(self) -> Mapping[str, tuple[int, int]]:
        """Rows and digest of every published table: equal for equal rows, whatever their order, engine or threads."""
        return answer.fingerprints(self.folder)

    def dry_run(
        self,
        *,
        as_of: date | None = None,
        now: datetime | None = None,
        strict: bool = False,
        progress: Progress = _silent,
    ) -> dry_run.Trial:
        """Everything a run does, but nothing is published; what would be, beside what is."""
        moment = datetime.now(UTC) if now is None else now.astimezone(UTC)
        return dry_run.dry_run(
            self.folder, config.load(self.folder), now=moment, as_of=as_of, strict=strict, progress=progress
        )

    def plan(self, *, now: datetime | None = None, as_of: date | None = None, connect: bool = False) -> plan.Plan:
        """What a run would do; nothing is written, and no database is asked unless ``connect``."""
        moment = datetime.now(UTC) if now is None else now.astimezone(UTC)
        return plan.plan(self.folder, config.load(self.folder), now=moment, as_of=as_of, connect=connect)

    def damage(self) -> str:
        """What is wrong with the published snapshot while an earlier one stands in for it; '' when it is sound."""
        served = serving.serving(self.folder)
        return served.damage if served else ""

    def snapshots(self) -> tuple[rollback.Kept, ...]:
        """The snapshots one can go back to, newest first."""
        return rollback.snapshots(self.folder)

    def rollback(self, to: str | None = None) -> rollback.WentBack:
        """Let an earlier snapshot serve: that named, else the one before; the next run publishes a new one."""
        return rollback.rollback(self.folder, to=to, now=datetime.now(UTC))

    def backup(self, path: Path | str | None = None, *, now: datetime | None = None) -> backup.BackedUp:
        """Write everything this workspace needs to be restored to one file; it holds the key, so keep it safe."""
        moment = datetime.now(UTC) if now is None else now.astimezone(UTC)
        target = Path(path) if path is not None else None
        return backup.backup(self.folder, config.load(self.folder), target, now=moment)

    def schedule(
        self, *, say: Callable[[schedule.Event], None], sleep: Callable[[float], bool], once: bool = False
    ) -> bool:
        """Run and back up when ``[schedule]`` says so, until ``sleep`` says to stop; whether all went well."""
        return scheduled.keep_workspace(self.folder, say=say, sleep=sleep, once=once, now=lambda: datetime.now(UTC))

    def find_persons(self, *identifiers: str) -> tuple[str, ...]:
        """Whom each identifier means, masked: customer number, key, e-mail address, telephone or tax number."""
        settings = config.load(self.folder)
        return tuple(each.masked for each in find.known(self.folder, settings, identifiers=identifiers).persons)

    def erase(
        self,
        *identifiers: str,
        reason: str = "",
        dry_run: bool = False,
        now: datetime | None = None,
        progress: Progress = _silent,
    ) -> erase.Receipt:
        """Erase a person from everything kept here, publish without them, keep them out for ever; the receipt.

        Parameters
        ----------
        identifiers :
            A customer number, a key (``shop:4711``), an e-mail address, a telephone or tax number; each means one
            customer, and all of them are erased together.
        reason :
            Why, for the receipt; it may not name the person.
        dry_run :
            Only say what would be done.
        """
        settings, moment = config.load(self.folder), datetime.now(UTC) if now is None else now.astimezone(UTC)
        if dry_run:
            return erase.foreseen(self.folder, settings, identifiers, now=moment)
        return erase.erase(self.folder, settings, identifiers, reason=reason, now=moment, progress=progress)

    def export_person(
        self,
        *identifiers: str,
        out: Path | str | None = None,
        html: bool = False,
        lang: str = "en",
        progress: Progress = _silent,
    ) -> dict[str, Any]:
        """Everything held of a person with where it came from; also written to ``out``, for its owner alone."""
        from clientela.present.document import person_json
        from clientela.present.report import person

        language(lang)
        progress("Looking for the person")
        page = export.page(self.folder, config.load(self.folder), identifiers, now=datetime.now(UTC))
        document = person_json(page, lang)
        if out is not None:
            text = person(page, lang) if html else json.dumps(document, ensure_ascii=False, indent=2) + "\n"
            export.write_for_owner(Path(out), text)
        return document

    def find(self, value: str) -> Found:
        """Who is meant: the customer of a number (also an earlier one), a key, an address, a telephone or tax number
        or a name, with how sure that is; else those who may be meant."""
        with self.finding() as resolver:
            return resolver.find(value)

    @contextmanager
    def finding(self) -> Iterator[resolve.Resolver]:
        """The same for many values: a resolver on the snapshot that serves now, ``resolver.find(value)``."""
        with resolve.resolver(self.folder) as resolver:
            yield resolver

    def identity_review(self, *, limit: int | None = review.MOST) -> Review:
        """The pairs of records a person is asked about, most money at stake first."""
        return review.review(self.folder, company=config.load(self.folder).company.name, limit=limit)

    def write_review(self, found: Review, path: Path | str, *, html: bool = True, lang: str = "en") -> None:
        """Write these pairs to a file for its owner alone: as a page to read, else as CSV for a spreadsheet."""
        from clientela.present.identity.document import review_csv
        from clientela.present.identity.page import review_page

        language(lang)
        export.write_for_owner(Path(path), review_page(found, lang) if html else review_csv(found, lang))

    def identity_why(self, one: str, other: str | None = None) -> Why:
        """Why the records of a customer are one, or why two customers or records are, or are not."""
        return why.why(self.folder, one, other)

    def identity_history(self, value: str) -> History:
        """All that happened to a customer, named by any number they ever had or by what else names them."""
        return history.history(self.folder, value)

    def identity_records(self, value: str) -> tuple[RecordSeen, ...]:
        """The records of a customer, the oldest first."""
        return decide.records_of(self.folder, value)

    def identity_join(
        self,
        one: str,
        other: str,
        *,
        reason: str,
        by: str | None = None,
        later: bool = False,
        now: datetime | None = None,
        progress: Progress = _silent,
    ) -> decide.Decided:
        """Let two customers be one from now on, and publish that (``later``: the next run does)."""
        who = self._who(by, now, reason=reason, later=later)
        return decide.join(self.folder, config.load(self.folder), one, other, who, progress=progress)

    def identity_split(
        self,
        whole: str,
        *records: str,
        reason: str,
        by: str | None = None,
        later: bool = False,
        now: datetime | None = None,
        progress: Progress = _silent,
    ) -> decide.Decided:
        """Let records be another customer than ``whole`` from now on, and publish that (``later``: the next run)."""
        who = self._who(by, now, reason=reason, later=later)
        return decide.split(self.folder, config.load(self.folder), whole, records, who, progress=progress)

    def identity_undo(
        self,
        decision: str,
        *,
        by: str | None = None,
        later: bool = False,
        now: datetime | None = None,
        progress: Progress = _silent,
    ) -> decide.Decided:
        """Take a decision back, as if it had never been made, and publish that (``later``: the next run does)."""
        who = self._who(by, now, later=later)
        return decide.undo(self.folder, config.load(self.folder), decision, who, progress=progress)

    def identity_decisions(self) -> tuple[decide.Listed, ...]:
        """What persons decided about who is who, newest first."""
        return decide.listed(self.folder)

    def identity_learn(self, *, now: datetime | None = None, progress: Progress = _silent) -> learning.Learned:
        """Learn anew what each likeness of two records weighs; the next run compares by it."""
        moment = datetime.now(UTC) if now is None else now.astimezone(UTC)
        return learning.learn_again(self.folder, config.load(self.folder), now=moment, progress=progress)

    def _who(self, by: str | None, now: datetime | None, *, reason: str = "", later: bool = False) -> decide.Who:
        moment = datetime.now(UTC) if now is None else now.astimezone(UTC)
        return decide.Who(by=config.user() if by is None else by, now=moment, reason=reason, later=later)

    def status(self) -> status.Status:
        """What is published: to which day, from which sources, with which quality."""
        return status.status(self.folder, config.load(self.folder))

    def quarantine(
        self, *, source: str | None = None, status: str | None = None, limit: int | None = None
    ) -> quarantine.Listed:
        """The rows that broke a rule, with file, line, column, value and rule, and what became of each."""
        return quarantine.listed(self.folder, source=source, status=status, limit=limit)


def open(folder: Path | str | None = None) -> Workspace:
    """The workspace in ``folder``, else in CLIENTELA_WORKSPACE, else in the current folder.

    Raises
    ------
    WorkspaceError
        There is no clientela.toml.
    """
    return Workspace(config.workspace_folder(Path(folder) if folder is not None else None))


def create(folder: Path | str, *, name: str, currency: str, timezone: str) -> tuple[Path, ...]:
    """Make a new workspace; the files written. Nothing is ever overwritten."""
    config.check_company(name=name, currency=currency, timezone=timezone)
    return _create(Path(folder), name=name, currency=currency, timezone=timezone)


def create_from(
    folder: Path | str,
    exports: Path | str,
    *,
    name: str | None = None,
    currency: str | None = None,
    timezone: str | None = None,
    ask: Callable[[Question], str | None] | None = None,
    progress: Progress = _silent,
) -> tuple[Proposal, tuple[Path, ...]]:
    """Make a new workspace for a folder of exports; what is proposed for it, and the files written."""
    from clientela.pipeline.propose import create_from as _create_from

    return _create_from(
        Path(folder), Path(exports), name=name, currency=currency, timezone=timezone, ask=ask, progress=progress
    )


def restore_backup(path: Path | str, folder: Path | str, *, suppressed: Path | str | None = None) -> restore.Restored:
    """A workspace from its backup, in a new folder; whom the list ``suppressed`` names does not come back."""
    listed = Path(suppressed) if suppressed is not None else None
    return restore.restore(Path(path), Path(folder), suppressed=listed, now=datetime.now(UTC))


def analyses() -> tuple[Analysis, ...]:
    """The questions there are."""
    return questions.questions().all()


def examine(folder: Path | None) -> tuple[Finding, ...]:
    """What the doctor finds in this installation and in the workspace, when there is one."""
    return doctor.examine(folder, now=datetime.now(UTC))


def language(lang: str) -> str:
    """The language, when it is offered."""
    if lang not in LANGUAGES:
        raise UsageError(f"language '{lang}' is not offered; known: 'en', 'es'.")
    return lang
