"""What happens to persons and companies, and which of their records learn of it: moves, marriages, new telephones.

Two records of one person differ because something happened between them: the later one was made after it, or one
of them was told and the other was not. So the records of a person fall into runs in the order of time; within a run
they share what the run stands for, from one run to the next something changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.people.drawn import Flags
from clientela.testing.company.people.population.records import LIST, Records
from clientela.testing.company.world import World

_TOLD = 0.5  # share of what happened between records that the later ones are told long after they were made
_LAG = 3.0  # weeks until a system that is told has written it down, mean
_HEARD = 0.6  # share of the records that learn of a new telephone where they need not
_MOST = 8  # records of a person that `breaks` reckons with


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One matter (where to reach somebody, or where they live) as each record knows it; one entry a record.

    ``run``: which run of its person's the record ends up in. ``before`` and ``after``: the version it knows at first
    and from ``at`` on; 0 is how the person was when the world began, others count all that happened in a world.
    ``at``: in weeks from the world's beginning; infinite where it never changes. ``happened``: when that came to be
    which it knows in the end; infinite where nothing did.
    """

    run: Indices
    before: Indices
    after: Indices
    at: Floats
    happened: Floats


def breaks(share: float, records: int) -> float:
    """The chance that something changed between two records that follow, so that the share of all pairs differs.

    Examples
    --------
    Of two records it is the share itself; of three, each of the three pairs differs in a third of the persons:

    >>> round(breaks(0.35, 2), 4), round(breaks(0.35, 3), 4)
    (0.35, 0.2824)
    """
    low, high = 0.0, 1.0
    apart = np.arange(1, records)
    pairs = records - apart
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if (pairs * (1 - (1 - middle) ** apart)).sum() < share * pairs.sum() else (low, middle)
        )
    return high


def runs(rng: np.random.Generator, made: Records, share: float) -> Indices:
    """The run of each record within its person, such that the share of all pairs of a person's lie in two."""
    chance = np.array([0.0, 0.0, *(breaks(share, count) for count in range(2, _MOST + 1))])
    new = (made.first != np.arange(len(made))) & made.private
    broken = np.cumsum(new & (rng.random(len(made)) < chance[np.minimum(made.many, _MOST)]))
    return np.asarray(broken - broken[made.first])


def between(world: World, rng: np.random.Generator, made: Records, run: Indices) -> Change:
    """What changed from run to run; where there are two, half of the later ones are told long after they were made."""
    size = len(made)
    starts = np.flatnonzero((np.diff(run, prepend=0) > 0) & (made.first != np.arange(size)))
    version = np.zeros(size, np.intp)
    version[starts] = 1 + np.arange(len(starts))
    version = np.where(run > 0, np.maximum.accumulate(version), 0)
    last = made.first + made.many - 1
    listed = np.bincount(made.person, made.system == LIST)[made.person] > 0
    late = (run[last] == 1) & ~listed & (rng.random(size) < _TOLD)[made.first]
    begins = np.zeros(size, np.intp)
    begins[made.first[starts]] = starts  # of persons with two runs: where the second begins
    since = made.since[begins[made.first]]
    happened = since + rng.random(size)[made.first] * (world.weeks - since)
    told = late & (run == 1) & (made.since < happened)
    at = np.where(told, _heard(world, rng, happened), np.inf)
    begun = np.append(np.inf, made.since[starts])[version]
    late = late[made.first] & (run == 1)
    return Change(
        run=run,
        before=np.where(told, 0, version),
        after=version,
        at=at,
        happened=np.where(late, happened, begun),
    )


def told(world: World, rng: np.random.Generator, made: Records, change: Change, rate: float, must: Flags) -> Change:
    """What changed, with something more that happens to those to whom nothing else did, as far as records learn of it.

    Parameters
    ----------
    rate : a person and week, from their first record on
    must : (records,), whether the record learns of it in any case
    """
    last = made.first + made.many - 1
    listed = np.bincount(made.person, made.system == LIST)[made.person] > 0
    free = (change.run[last] == 0) & ~listed
    begins = made.since[made.first]
    waits = rng.exponential(1 / rate, len(made)) if rate else np.full(len(made), np.inf)
    happened = (begins + waits[made.first]) * np.where(free, 1.0, np.inf)
    to = happened < world.weeks
    new = np.zeros(len(made), np.intp)
    one = np.flatnonzero(to & (made.first == np.arange(len(made))))
    new[one] = int(change.after.max(initial=0)) + 1 + np.arange(len(one))
    version = new[made.first]
    later = made.since >= happened
    heard = to & (later | must | (rng.random(len(made)) < _HEARD))
    at = np.where(heard & ~later, _heard(world, rng, np.where(to, happened, 0.0)), np.inf)
    return replace(
        change,
        before=np.where(to & later, version, change.before),
        after=np.where(heard, version, change.after),
        at=np.where(heard & ~later, at, change.at),
        happened=np.where(heard, happened, change.happened),
    )


def _heard(world: World, rng: np.random.Generator, happened: Floats) -> Floats:
    """When it is written down; before the world ends."""
    return np.minimum(happened + rng.exponential(_LAG, len(happened)), world.weeks - 1e-6)
