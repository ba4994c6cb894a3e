"""The schedule: what is due when, by the clock of the company, and the loop that waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from clientela.config import Settings
from clientela.errors import ClientelaError, ConfigurationError, LockedError

NAP_SECONDS = 60.0  # at most so long it sleeps: changed settings and a changed clock are noticed
_BACK = timedelta(days=1)  # a clock set back further than this was wrong before

Moment = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing the schedule did or could not do; ``ok`` when it did it."""

    at: datetime
    job: str
    ok: bool
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """What may be scheduled: by name, what does it and says so in a sentence, and when it was last begun (or None)."""

    work: Mapping[str, Callable[[], str]]
    last: Mapping[str, datetime | None]


def lines(settings: Settings) -> dict[str, str]:
    """The cron line of each job that is scheduled."""
    said = {"backup": settings.schedule.backup, "run": settings.schedule.run}
    return {job: line for job, line in said.items() if line is not None}


def due_after(line: str, moment: datetime, zone: ZoneInfo) -> datetime:
    """The first moment (UTC) after ``moment`` at which a cron line is due by the clocks of a zone.

    A time that the clocks leave out in spring is due once, right after; one that they show twice in autumn is
    due once, the first time. A job of every hour (``*``) is due every hour that passes.

    Examples
    --------
    >>> due_after("30 2 * * *", datetime(2026, 3, 28, 12, tzinfo=UTC), ZoneInfo("Europe/Madrid")).isoformat()
    '2026-03-29T01:00:00+00:00'
    """
    for each in CronSim(_by_the_clock(line), moment.astimezone(zone)):
        found = each.astimezone(UTC)
        if found > moment:  # in the doubled hour the clock shows again what is past
            return found
    raise ConfigurationError(f"'{line}' is never due.")


def keep(
    load: Callable[[], Settings],
    jobs: Jobs,
    *,
    now: Moment,
    sleep: Callable[[float], bool],
    say: Callable[[Event], None],
    once: bool = False,
    nap: float = NAP_SECONDS,
) -> bool:
    """Do what is due when it is due, until told to stop; whether everything went well.

    Whatever is missed, because the machine slept or the process was down, is done once. What fails is said and
    does not end it; neither do settings that cannot be read: the last that could be count.

    Parameters
    ----------
    load : reads the settings; asked before everything that is done.
    now : the moment, with its zone.
    sleep : waits so many seconds; True when it was told to stop.
    say : is told everything that happens.
    once : do what is due and return.

    Raises
    ------
    ConfigurationError
        The settings cannot be read at the start, or nothing is scheduled.
    """
    keeper = _Keeper(load, jobs, now, say)
    keeper.start(once=once)
    while True:
        keeper.work()
        if once or sleep(min(nap, keeper.seconds())):
            return keeper.well


@dataclass(slots=True)
class _Keeper:
    load: Callable[[], Settings]
    jobs: Jobs
    now: Moment
    say: Callable[[Event], None]
    lines: dict[str, str] = field(default_factory=dict)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    done: dict[str, datetime] = field(default_factory=dict)  # up to which moment each job is settled
    due: dict[str, datetime] = field(default_factory=dict)  # and when it is due next
    trouble: str = ""
    well: bool = True

    def start(self, *, once: bool) -> None:
        """Read the settings; what was never begun is due now or, when waiting, at its next time."""
        self._take(self.load())
        if not self.lines:
            raise ConfigurationError(
                'nothing is scheduled; write when under [schedule] in clientela.toml, for example: run = "0 5 * * *"'
            )
        moment = self.now()
        for job in self.jobs.work:
            last = self.jobs.last.get(job)
            never = datetime.min.replace(tzinfo=UTC) + timedelta(days=2) if once else moment
            self._settle(job, min(last, moment) if last is not None else never)

    def work(self) -> None:
        """Do what is due, each job at most once."""
        self._reload()
        for job in list(self.lines):
            moment = self.now()
            if moment < self.done[job] - _BACK:
                self._settle(job, moment)
            if self.due[job] > moment:
                continue
            self._settle(job, moment)
            self._do(job)
            self._reload()

    def seconds(self) -> float:
        """How long until something is due."""
        moment = self.now()
        waits = [(self.due[job] - moment).total_seconds() for job in self.lines]
        return max(0.0, min(waits, default=NAP_SECONDS))

    def _settle(self, job: str, moment: datetime) -> None:
        self.done[job] = moment
        if job in self.lines:
            self.due[job] = due_after(self.lines[job], moment, self.zone)

    def _do(self, job: str) -> None:
        try:
            said, ok = self.jobs.work[job](), True
        except LockedError as error:
            said, ok = f"skipped: {error}", False
        except ClientelaError as error:
            said, ok = f"failed: {error}", False
        except Exception as error:  # noqa: BLE001 - one bad night does not end the schedule
            said, ok = f"failed: internal error ({type(error).__name__}); please report it.", False
        self.well = self.well and ok
        self.say(Event(at=self.now().astimezone(self.zone), job=job, ok=ok, says=said))

    def _reload(self) -> None:
        try:
            self._take(self.load())
            self.trouble = ""
        except ClientelaError as error:
            if str(error) != self.trouble:  # once, not every minute
                self.trouble = str(error)
                at = self.now().astimezone(self.zone)
                self.say(Event(at=at, job="settings", ok=False, says=f"not read, the last ones count: {error}"))

    def _take(self, settings: Settings) -> None:
        before, zone = dict(self.lines), self.zone
        self.lines, self.zone = lines(settings), ZoneInfo(settings.company.timezone)
        for job, line in self.lines.items():
            if before and (before.get(job), zone) != (line, self.zone):  # a new time counts from now on
                self._settle(job, self.now())


def _by_the_clock(line: str) -> str:
    """A cron line whose hours are those of the clock on the wall, unless it means every hour."""
    minute, hour, *rest = line.split()
    if hour == "*":
        return line
    terms = (",".join(_spelled(each, last) for each in part.split(",")) for part, last in ((minute, 59), (hour, 23)))
    return " ".join([*terms, *rest])


def _spelled(term: str, last: int) -> str:
    return f"0-{last}{term[1:]}" if term.startswith("*") else term


def upcoming(settings: Settings, moment: datetime) -> Iterator[tuple[str, datetime]]:
    """Each scheduled job with the moment it is next due, in the company's zone."""
    zone = ZoneInfo(settings.company.timezone)
    for job, line in lines(settings).items():
        yield job, due_after(line, moment, zone).astimezone(zone)
