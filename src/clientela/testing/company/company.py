"""The company: it lives week by week, sends what its systems know, keeps the truth apart, and hears what is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from clientela.errors import UsageError
from clientela.testing.company.buying.latent import Latent, latent
from clientela.testing.company.buying.purchases import Habit
from clientela.testing.company.buying.response import Messages
from clientela.testing.company.dealings.sales import Lines, Tills
from clientela.testing.company.exports.arrivals import Arrivals
from clientela.testing.company.exports.dealings import Dealings
from clientela.testing.company.exports.numbers import customer_numbers
from clientela.testing.company.exports.reference import reference
from clientela.testing.company.exports.sales import sales
from clientela.testing.company.people.accounts import Accounts, accounts
from clientela.testing.company.world import World


@dataclass(frozen=True, slots=True)
class Week:
    """What was sent after one week: ``known_on`` is the Monday on which it arrived."""

    number: int
    known_on: date
    files: tuple[str, ...]


class Company:
    """A synthetic company with its exports in one folder and its truth in another.

    It keeps the state of its customers in memory; a world begun again from its first week sends the same bytes.

    Parameters
    ----------
    exports : the folder that a workspace reads
    truth : a folder for what the workspace must never see

    Raises
    ------
    UsageError
        The truth would lie in a workspace, or in its exports.
    """

    def __init__(self, world: World, *, exports: Path, truth: Path) -> None:
        _apart(exports, truth)
        self.world, self._exports, self._truth = world, exports, truth
        self._latent = latent(world)
        self._accounts = accounts(world, self._latent)
        self.habit = Habit.begun(world, self._latent)
        self._tills = Tills.opened(world, self._latent, self._accounts)
        self._arrivals = Arrivals.begun(world)
        self._dealings = Dealings.begun(world, self._latent, self._accounts)
        self._messages = Messages(world, self._latent)

    @property
    def latent(self) -> Latent:
        """The truth of the customers' habits."""
        return self._latent

    @property
    def accounts(self) -> Accounts:
        """The truth of who has which accounts."""
        return self._accounts

    @property
    def today(self) -> date:
        """The Monday after the last week that was lived."""
        return self.world.begins + timedelta(weeks=self.habit.week)

    def deliver(self, until: date) -> list[Week]:
        """The weeks that end on or before a day, each sent as its systems send it.

        Raises
        ------
        UsageError
            The day lies beyond the world's end.
        """
        if until > self.world.ends:
            raise UsageError(
                f"the company's world ends on {self.world.ends}; asked until {until}. Make it last longer: weeks."
            )
        done = []
        while self.today + timedelta(weeks=1) <= until:
            done.append(self._live())
        return done

    def receive(self, contacts: Iterable[str]) -> int:
        """How many customers a sending reached; it changes what they do next week.

        Parameters
        ----------
        contacts : the customers' numbers in the systems, as the exports have them; unknown ones reach nobody
        """
        known = self._numbers()
        reached = [known[each] for each in contacts if each in known]
        self._messages.receive(np.array(reached, dtype=np.intp), self.habit.week - 1)
        return len(reached)

    def _live(self) -> Week:
        week = self.habit.week
        made = self._tills.ring_up(self.habit.next_week(self._messages.more(week)), week)
        arrived = self._arrivals.deliver(made, week)
        self._keep("line", made, week)
        self._keep("arrived_line", arrived, week)
        monday = self.world.begins + timedelta(weeks=week)
        stamp = f"{monday.isocalendar().year}-W{monday.isocalendar().week:02}"
        files = {
            **sales(self.world, self._latent.home, arrived, stamp),
            **self._dealings.files(made, week, stamp),
            **reference(self.world, self._tills.assortment, week),
        }
        self._exports.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            _write(self._exports / name, content)
        return Week(week, self.today, tuple(files))

    def _keep(self, name: str, lines: Lines, week: int) -> None:
        folder = self._truth / name
        folder.mkdir(parents=True, exist_ok=True)
        columns = {each: pa.array(getattr(lines, each)) for each in Lines.__dataclass_fields__}
        part = folder / f"week-{week:04}.parquet"
        pq.write_table(pa.table(columns), part.with_suffix(".part"))
        part.with_suffix(".part").replace(part)

    def _numbers(self) -> dict[str, int]:
        """The customers by all numbers that systems have given them so far."""
        known: dict[str, int] = {}
        for system in np.unique(self._accounts.system):
            places = np.flatnonzero((self._accounts.system == system) & (self._accounts.since < self.habit.week))
            numbers = customer_numbers(places, int(system)).to_pylist()
            known.update(zip(numbers, self._accounts.customer[places].tolist(), strict=True))
        return known


def _apart(exports: Path, truth: Path) -> None:
    """Refuse a truth that the product could find."""
    secret, open_ = truth.resolve(), exports.resolve()
    if secret == open_ or open_ in secret.parents:
        raise UsageError(f"the truth would lie among the exports: {truth}. Keep it in a folder of its own.")
    for folder in (secret, *secret.parents):
        if (folder / "clientela.toml").exists():
            raise UsageError(f"the truth would lie in the workspace {folder}: {truth}. Keep it outside.")


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)
