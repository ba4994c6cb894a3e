"""An open workspace: run it, ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from clientela import config
from clientela.cube.explore import Wanted
from clientela.errors import UsageError
from clientela.pipeline import answer, report, run, serving
from clientela.pipeline.asking import figures, peers, replicate, typed, watched, why_seen
from clientela.pipeline.asking.replica import Replica, refuse_replica, replica_of
from clientela.pipeline.asking.rows import RowsOf
from clientela.pipeline.asking.scope import asker_of, read_policy
from clientela.pipeline.care import backup, dry_run, plan, rollback, schedule, scheduled, status
from clientela.pipeline.customers.door import Customers
from clientela.pipeline.identities import resolve
from clientela.pipeline.quality import quarantine
from clientela.pipeline.segments.door import Segments
from clientela.workspace.data import Data
from clientela.workspace.exploring import Exploring
from clientela.workspace.identity import Identity
from clientela.workspace.insight import Insight
from clientela.workspace.languages import language
from clientela.workspace.persons import Persons
from clientela.workspace.staffing import Staffing
from clientela.workspace.telling import Telling
from clientela.workspace.watching import Progress, silent

if TYPE_CHECKING:
    from clientela.access.policy import Policy
    from clientela.contracts.identity import Found


@dataclass(frozen=True, slots=True)
class Workspace:
    """One company's folder. ``purpose``: what for one looks, a code that the audit log keeps with each look."""

    folder: Path
    purpose: str = ""

    def run(
        self,
        *,
        as_of: date | None = None,
        now: datetime | None = None,
        strict: bool = False,
        progress: Progress = silent,
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
        refuse_replica(self.folder, "a run")
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
        asker, look = watched.asker(self.folder, user, now), watched.look(self.purpose, now)
        told = answer.ask(self.folder, config.load(self.folder), name, as_of, parameters or {}, asker, look)
        return Insight(told, lang)

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
        look, asker = watched.look(purpose or self.purpose, now), watched.asker(self.folder, user, now)
        return typed.run_sql(self.folder, said, look=look, as_of=as_of, asker=asker)

    def exported(self, told: figures.Figures, *, purpose: str = "", now: datetime | None = None) -> None:
        """Enter in the audit log that figures leave the workspace as a file."""
        names, looking = [each.name for each in told.table.columns], watched.look(purpose or self.purpose, now)
        watched.exported(self.folder, names, len(told.table.rows), looking, snapshot=told.snapshot)

    def refuse_unknown(self, user: str, *, now: datetime | None = None) -> None:
        """Refuse a name that is neither a user nor a role that shows anything by itself, before a long work begins."""
        watched.asker(self.folder, user, now)

    def policy(self) -> Policy:
        """The roles there are: the ready-made ones, and those of ``policy.toml``."""
        return read_policy(self.folder)

    def why_seen(self, user: str, customer: str, *, now: datetime | None = None) -> why_seen.Explained:
        """Which grants of a user let them see a customer, and by what."""
        refuse_replica(self.folder, "what grants show")
        looking = watched.look("", now)
        return why_seen.explained(self.folder, asker_of(self.folder, user, now=looking.now, by=looking.actor), customer)

    def replicate(
        self,
        target: Path | str,
        *,
        user: str,
        purpose: str = "",
        now: datetime | None = None,
        progress: Progress = silent,
    ) -> replicate.Replicated:
        """Make a new folder that holds only what a user, or a role, sees, and answers by itself; it is an export.

        Parameters
        ----------
        target : a folder that is not there yet, or empty
        purpose : a code, such as ``field-sales``, for the audit log
        """
        looking = watched.look(purpose or self.purpose, now)
        asker = watched.asker(self.folder, user, now)
        if asker is None:
            raise UsageError("say for whom the replica is made.")
        return replicate.replicate(
            self.folder, config.load(self.folder), Path(target), asker, looking, progress=progress
        )

    def replica(self) -> Replica | None:
        """What this folder says of itself when it is a replica; None where it is a workspace of its own."""
        return replica_of(self.folder)

    def query(
        self,
        *names: str,
        by: Sequence[str] = (),
        where: str | None = None,
        order: Sequence[str] = (),
        limit: int | None = None,
        wanted: Wanted | None = None,
        drill: Sequence[str] = (),
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
        drill : members to take apart one level finer, such as ``year=2017``
        user : within whose rights; None: of whoever may read the workspace's folder
        """
        asked = figures.Asked(
            names=names, by=by, where=where, order=order, limit=limit, wanted=wanted or Wanted(), drill=drill
        )
        return figures.figures(
            self.folder, asked, as_of=as_of, known_at=known_at, asker=watched.asker(self.folder, user, now)
        )

    @property
    def segments(self) -> Segments:
        """Customers who fit a condition, by name: which there are, who is in them, why, how many would be."""
        return Segments(self.folder)

    @property
    def telling(self) -> Telling:
        """What pages tell beside single answers."""
        return Telling(self.folder)

    @property
    def staffing(self) -> Staffing:
        """Who sees what, and what grants can be limited to."""
        return Staffing(self.folder)

    @property
    def exploring(self) -> Exploring:
        """What can be asked of the cube, and what was sent for it."""
        return Exploring(self.folder)

    @property
    def customers(self) -> Customers:
        """Customers one by one: who is meant by a number or part of a name, and all that is told of one."""
        return Customers(self.folder)

    @property
    def rows(self) -> RowsOf:
        """The rows behind figures, and the members of dimensions: ``rows.page("order_line")``."""
        return RowsOf(self.folder)

    def peers(self, *names: str, by: str, user: str | None, now: datetime | None = None) -> figures.Figures:
        """How a user's own part stands among others like it: one measure (and a time), by a level such as district."""
        return peers.peers(self.folder, names, by, watched.asker(self.folder, user, now))

    def report(
        self,
        *,
        lang: str = "en",
        out: Path | str | None = None,
        as_of: date | None = None,
        progress: Progress = silent,
    ) -> Path:
        """Write the report to the management as one HTML file; its path."""
        from clientela.present.report import report as html

        language(lang)
        default = self.folder / ("report.html" if lang == "en" else f"report-{lang}.html")
        path = Path(out) if out is not None else default
        if not path.parent.is_dir():  # said before the work, not after it
            raise UsageError(f"cannot write {path}: there is no such folder. Choose another file with --out.")
        look = watched.look(self.purpose, None)
        page = report.page(self.folder, config.load(self.folder), as_of=as_of, progress=progress, look=look)
        progress("Drawing the report")
        text = html(page, lang)
        unfinished = path.with_name(path.name + ".unfinished")
        try:
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(path)
        except OSError as error:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
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
        progress: Progress = silent,
    ) -> dry_run.Trial:
        """Everything a run does, but nothing is published; what would be, beside what is."""
        refuse_replica(self.folder, "a run")
        moment = datetime.now(UTC) if now is None else now.astimezone(UTC)
        return dry_run.dry_run(
            self.folder, config.load(self.folder), now=moment, as_of=as_of, strict=strict, progress=progress
        )

    def plan(self, *, now: datetime | None = None, as_of: date | None = None, connect: bool = False) -> plan.Plan:
        """What a run would do; nothing is written, and no database is asked unless ``connect``."""
        refuse_replica(self.folder, "a run")
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
        refuse_replica(self.folder, "to go back")
        return rollback.rollback(self.folder, to=to, now=datetime.now(UTC))

    def backup(self, path: Path | str | None = None, *, now: datetime | None = None) -> backup.BackedUp:
        """Write everything this workspace needs to be restored to one file; it holds the key, so keep it safe."""
        refuse_replica(self.folder, "a backup")
        moment = datetime.now(UTC) if now is None else now.astimezone(UTC)
        target = Path(path) if path is not None else None
        self._looked("backup.made")
        return backup.backup(self.folder, config.load(self.folder), target, now=moment)

    def schedule(
        self, *, say: Callable[[schedule.Event], None], sleep: Callable[[float], bool], once: bool = False
    ) -> bool:
        """Run and back up when ``[schedule]`` says so, until ``sleep`` says to stop; whether all went well."""
        refuse_replica(self.folder, "a schedule")
        return scheduled.keep_workspace(self.folder, say=say, sleep=sleep, once=once, now=lambda: datetime.now(UTC))

    @property
    def identity(self) -> Identity:
        """Who is who, and what persons decide about it."""
        return Identity(self.folder, self._looked)

    @property
    def data(self) -> Data:
        """The data themselves: what arrived, what stays out, what is made of what; ``data.of(user)`` as a user sees."""
        return Data(self.folder, self._looked)

    @property
    def persons(self) -> Persons:
        """What a person may ask of the company: what it holds of them, and to be forgotten."""
        return Persons(self.folder, self._looked)

    def find(self, value: str) -> Found:
        """Who is meant: the customer of a number (also an earlier one), a key, an address, a telephone or tax number
        or a name, with how sure that is; else those who may be meant."""
        with self.finding() as resolver:
            found = resolver.find(value)
        self._looked("identity.found", candidates=len(found.candidates), customers=int(found.customer_id is not None))
        return found

    @contextmanager
    def finding(self) -> Iterator[resolve.Resolver]:
        """The same for many values: a resolver on the snapshot that serves now, ``resolver.find(value)``."""
        refuse_replica(self.folder, "to look for persons")
        with resolve.resolver(self.folder) as resolver:
            yield resolver

    def status(self) -> status.Status:
        """What is published: to which day, from which sources, with which quality."""
        return status.status(self.folder, config.load(self.folder))

    def quarantine(
        self, *, source: str | None = None, status: str | None = None, limit: int | None = None
    ) -> quarantine.Listed:
        """The rows that broke a rule, with file, line, column, value and rule, and what became of each."""
        refuse_replica(self.folder, "the quarantine")
        found = quarantine.listed(self.folder, source=source, status=status, limit=limit)
        self._looked("quarantine.read", rows=len(found.rows))
        return found

    def _looked(self, action: str, *customers: int, **counts: int) -> None:
        """Enter in the audit log what is looked at, taken out or changed, before it is shown."""
        objects = [f"customer:{each}" for each in customers]
        watched.entered(self.folder, watched.look(self.purpose, None), action, objects=objects, counts=counts)
