"""The company: it lives week by week, sends what its systems know, keeps the truth apart, and hears what is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from clientela.errors import UsageError
from clientela.testing.company.buying.latent import Latent, latent
from clientela.testing.company.buying.purchases import Habit
from clientela.testing.company.buying.response import Messages
from clientela.testing.company.dealings.sales import Tills
from clientela.testing.company.exports.arrivals import Arrivals
from clientela.testing.company.exports.billing.currencies import abroad
from clientela.testing.company.exports.dealings import Dealings
from clientela.testing.company.exports.dirt.outbox import Outbox
from clientela.testing.company.exports.dirt.yearly import Yearly
from clientela.testing.company.exports.numbers import accounts_called
from clientela.testing.company.exports.people.files import people_files
from clientela.testing.company.exports.reference import reference
from clientela.testing.company.exports.sales import sales
from clientela.testing.company.people.accounts import Accounts, accounts
from clientela.testing.company.people.population.people import People
from clientela.testing.company.people.truth import tables as people_truth
from clientela.testing.company.truth.folder import Truth
from clientela.testing.company.world import World
from clientela.testing.company.written_down import expected, of_the_week, of_the_world


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
    yearly_weeks : so many first weeks leave in files of a year each instead of a week: much the same rows, read sooner

    Raises
    ------
    UsageError
        The truth would lie in a workspace, or in its exports.
    """

    def __init__(self, world: World, *, exports: Path, truth: Path, yearly_weeks: int = 0) -> None:
        _apart(exports, truth)
        self.world, self._exports, self._truth = world, exports, Truth(truth)
        self._latent = latent(world)
        self._accounts = accounts(world, self._latent)
        self.people = People.begun(world, self._latent, self._accounts)
        self.habit = Habit.begun(world, self._latent)
        self._tills = Tills.opened(world, self._latent, self._accounts)
        self._arrivals = Arrivals.begun(world)
        self._dealings = Dealings.begun(world, self._latent, self._accounts)
        self._messages = Messages(world, self._latent)
        self._outbox: Outbox | Yearly = Yearly(world, yearly_weeks) if yearly_weeks else Outbox(world)

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
        """How many contacts reached a customer; they change what these do next week.

        Parameters
        ----------
        contacts : the customers' numbers in the systems, as the exports have them; unknown ones reach nobody
        """
        last = self.habit.week - 1
        account = accounts_called(pa.array(list(contacts), pa.string()), self._accounts.system)
        account = account[account >= 0]
        account = account[self._accounts.since[account] < self.habit.week]
        if len(account):
            self._messages.receive(self._accounts.customer[account], last)
            customer, count = self._messages.of(last)
            reached = {"week": np.full(len(customer), last), "customer": customer, "contacts": count}
            self._truth.keep_week("message", reached, last)
        return len(account)

    def expect(self, weeks: int) -> pa.Table:
        """What is to be expected of each customer in the weeks after today, as the truth's ``expected_value`` has it.

        It is kept in the truth too, a part for each day and time it is asked for.

        Parameters
        ----------
        weeks : how many; they may go beyond the world's end
        """
        return expected(self._truth, self.habit, self._tills, self._messages, weeks)

    def _live(self) -> Week:
        week = self.habit.week
        made = self._tills.ring_up(self.habit.next_week(self._messages.more(week)), week)
        arrived = self._arrivals.deliver(made, week)
        monday = self.world.begins + timedelta(weeks=week)
        stamp = f"{monday.isocalendar().year}-W{monday.isocalendar().week:02}"
        sheets = {
            **sales(self.world, self._latent.home, self._accounts, arrived, stamp),
            **self._dealings.files(made, week, stamp),
            **reference(self.world, self._tills.assortment, week, stamp),
            **people_files(self.people, week, stamp),
        }
        if week == 0:
            of_the_world(self._truth, self.habit, self._accounts, self._tills, self._dealings)
            for name, table in people_truth(self.people).items():
                self._truth.keep(name, {each: table[each] for each in table.column_names})
        of_the_week(self._truth, week, made, arrived, self._dealings)
        self._truth.keep_week("billed_abroad", abroad(self.world, self._accounts, arrived, week), week)
        sent = self._outbox.send(sheets, week)
        self._truth.keep_week("dirt", {name: sent.wrong[name] for name in sent.wrong.column_names}, week)
        self._exports.mkdir(parents=True, exist_ok=True)
        for name, content in sent.files.items():
            _write(self._exports / name, content)
        return Week(week, self.today, tuple(sent.files))


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
