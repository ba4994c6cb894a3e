"""Cases of the help desk: what they are about, when somebody answers, when they are closed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.dealings.touches import Touches
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

KINDS = ("complaint", "request", "return", "repair")
_KIND_SHARES = (0.45, 0.35, 0.12, 0.08)
REASONS = ("late delivery", "damaged", "wrong item", "invoice", "account", "other")
_HOUR, _DAY = 1 / 168, 1 / 7  # in weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Cases, by the moment they were opened; moments in weeks from the world's beginning.

    ``number``: unique over the world. ``minutes``: of work.
    """

    number: Indices
    customer: Indices
    opened: Floats
    replied: Floats
    closed: Floats
    kind: Indices
    reason: Indices
    severity: Indices
    minutes: Indices


def cases(world: World, opened: Touches, week: int, first: int) -> Cases:
    """The cases that customers opened in a week.

    Parameters
    ----------
    first : the number of the first of them
    """
    rng, size = stream(world.seed, "handling", week), len(opened)
    urgent = opened.size  # 1 to 4: what is severe is answered sooner and takes longer
    replied = opened.at + rng.gamma(2.0, 6.0 / urgent, size) * _HOUR
    return Cases(
        number=first + np.arange(size),
        customer=opened.customer,
        opened=opened.at,
        replied=replied,
        closed=replied + rng.gamma(1.5, 1.5 * urgent, size) * _DAY,
        kind=rng.choice(len(KINDS), size, p=_KIND_SHARES),
        reason=rng.integers(0, len(REASONS), size),
        severity=urgent,
        minutes=np.asarray(5 + rng.gamma(1.5, 12 * urgent, size), np.intp),
    )
