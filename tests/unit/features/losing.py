"""How often "lost" is right, by the rule that says after how many days without a purchase a customer is lost.

    python -m tests.unit.features.losing

Each rule is learned from the purchases before a day. Of the customers who became lost in the half-year before that day,
how many bought again within 180 days? Of those who had really left half a year to a year before it, which only a
synthetic company tells, how many did it call lost? Real purchases are those of the sets in CLIENTELA_TEST_DATA.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.buying.latent import latent
from clientela.testing.company.buying.purchases import Habit
from clientela.testing.company.world import World

AGAIN_DAYS = 180
NEVER = np.iinfo(np.int64).max // 4
WORLDS: Mapping[str, Callable[..., World]] = {"Pareto/NBD": World, "Not Pareto/NBD": World.second}
_REAL = {
    "grocer": "select household_id, cast(transaction_timestamp as date) "
    "from '{}/complete_journey/transactions.parquet' where sales_value > 0",
    "gifts": "select CustomerID, cast(InvoiceDate as date) "
    "from '{}/online_retail/online_retail.parquet' where Quantity > 0 and CustomerID is not null",
    "CDNOW": "select words[1], cast(strptime(words[2], '%Y%m%d') as date) from ("
    "select string_split_regex(trim(line), ' +') as words from read_csv('{}/cdnow/CDNOW_master.txt.gz', "
    "columns = {{line: 'varchar'}}, delim = '|', header = false, skip = 1))",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """Purchase days by customer, then day, each once; ``left``: the day each customer left, where it is known."""

    customer: Indices
    day: Indices
    left: Indices | None = None

    def before(self, day: int) -> Bought:
        """What was known on a day."""
        seen = self.day < day
        return Bought(customer=self.customer[seen], day=self.day[seen])

    @property
    def next_day(self) -> Indices:
        """The next purchase day of the same customer; `NEVER` for the latest."""
        later = np.full(self.day.size, NEVER)
        same = self.customer[1:] == self.customer[:-1]
        later[:-1][same] = self.day[1:][same]
        return later

    @property
    def gaps(self) -> tuple[Indices, Indices]:
        """The gaps between purchase days, and whose they are."""
        ended = self.next_day < NEVER
        return (self.next_day - self.day)[ended], self.customer[ended]


def percentile(days: Indices, weight: Floats, share: float) -> int:
    """The fewest days that this share of the weight does not exceed."""
    order = np.argsort(days, kind="stable")
    up_to = np.cumsum(weight[order])
    return int(days[order][np.searchsorted(up_to, share * up_to[-1] - 1e-9)])


def all_gaps(known: Bought, share: float = 0.95) -> int:
    """Each gap weighs the same."""
    days, _ = known.gaps
    return percentile(days, np.ones(days.size), share)


def customers_once(known: Bought, share: float = 0.95, power: float = 1.0) -> int:
    """The gaps of each customer weigh one together; with a power of a half, the root of their number."""
    days, customer = known.gaps
    return percentile(days, 1 / np.bincount(customer)[customer] ** power, share)


def longest_gaps(known: Bought, share: float = 0.9) -> int:
    """Of each customer the longest gap."""
    days, customer = known.gaps
    longest = np.zeros(customer.max() + 1, np.int64)
    np.maximum.at(longest, customer, days)
    longest = longest[longest > 0]
    return percentile(longest, np.ones(longest.size), share)


def few_come_back(known: Bought, share: float = 0.2, *, on: int, enough: int = 100) -> int:
    """The first silence that at most a share end within 180 days more; `NEVER` where there is none by that day."""
    for days in range(7, on - int(known.day.min()) - AGAIN_DAYS):
        lasted = (known.next_day - known.day > days) & (known.day + days + AGAIN_DAYS <= on)
        if lasted.sum() < enough:
            break
        if (known.next_day[lasted] <= known.day[lasted] + days + AGAIN_DAYS).mean() <= share:
            return days
    return NEVER


RULES: Mapping[str, Callable[[Bought], int]] = {
    "all gaps, 95 %": all_gaps,
    "each customer once, 90 %": lambda known: customers_once(known, 0.9),
    "each customer once, 95 %": customers_once,
    "each customer once, 97.5 %": lambda known: customers_once(known, 0.975),
    "gaps weigh 1/sqrt(n), 95 %": lambda known: customers_once(known, power=0.5),
    "longest gap of each, 90 %": longest_gaps,
    "first silence that 20 % end": lambda known: few_come_back(known, on=int(known.day.max()) + 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How a rule did: its days, who became lost and who of them came back; who had left and who of them was lost."""

    days: int
    lost: int
    back: int
    left: int = 0
    called: int = 0


def judged(bought: Bought, rule: Callable[[Bought], int], on: int) -> Judged:
    """A rule learned from what was bought before a day, judged by who became lost in the half-year before it."""
    known = bought.before(on)
    days = rule(known)
    lost_on, again = bought.day + days, bought.next_day
    lost = (lost_on >= on - AGAIN_DAYS) & (lost_on < on) & (again > lost_on)
    found = Judged(days=days, lost=int(lost.sum()), back=int((lost & (again <= lost_on + AGAIN_DAYS)).sum()))
    if bought.left is None:
        return found
    latest = np.full(bought.left.size, -1)
    np.maximum.at(latest, known.customer, known.day)
    ago = on - bought.left
    left = (latest >= 0) & (ago > AGAIN_DAYS) & (ago <= 2 * AGAIN_DAYS)
    called = left & (on - latest > days)
    return Judged(
        days=days, lost=found.lost, back=found.back, left=int(left.sum()), called=int(called.sum())
    )  # fmt: skip


def lived(world: World) -> Bought:
    """What the customers of a synthetic company bought, and when they left."""
    people = latent(world)
    habit = Habit.begun(world, people)
    told = []
    for _ in range(world.weeks):
        made = habit.next_week()
        told.append(np.column_stack([made.customer, np.floor(made.at * 7).astype(np.int64)]))
    customer, day = np.unique(np.concatenate(told), axis=0).T
    left = np.where(np.isfinite(people.leaves), np.floor(np.minimum(people.leaves, 1e6) * 7), NEVER)
    return Bought(customer=customer, day=day, left=left.astype(np.int64))


def read(sql: str, folder: Path) -> Bought:
    """The purchase days of a set."""
    with duckdb.connect() as connection:
        rows = connection.sql(sql.format(folder)).fetchnumpy()
    who, on = rows.values()
    _, customer = np.unique(np.asarray(who, dtype=object).astype(str), return_inverse=True)
    day = np.asarray(on, dtype="datetime64[D]").astype(np.int64)
    customer, day = np.unique(np.column_stack([customer, day]), axis=0).T
    return Bought(customer=customer, day=day)


def say(name: str, bought: Bought, dates: int) -> None:
    """How each rule does, over so many dates half a year apart, the last half a year before the end."""
    ends = int(bought.day.max()) + 1
    sys.stdout.write(f"{name}: {bought.customer.max() + 1:,} customers\n")
    for called, rule in RULES.items():
        each = [judged(bought, rule, ends - (1 + ago) * AGAIN_DAYS) for ago in range(dates)]
        if not any(one.lost for one in each):
            sys.stdout.write(f"  {called}: there is none\n")
            continue
        lost, back, left, found = (
            sum(getattr(one, what) for one in each) for what in ("lost", "back", "left", "called")
        )
        noticed = f"; of {left:,} who had left {found / left:.0%} were called lost" if left else ""
        days = ", ".join(str(one.days) for one in each)
        sys.stdout.write(f"  {called}: {days} days; of {lost:,} lost {back / lost:.0%} came back{noticed}\n")


if __name__ == "__main__":
    if data := os.environ.get("CLIENTELA_TEST_DATA"):
        for name, sql in _REAL.items():
            say(name, read(sql, Path(data)), 1)
    for name, world in WORLDS.items():
        say(name, lived(world(customers=5_000)), 3)
