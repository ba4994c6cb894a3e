"""What a message changes: who was contacted buys more for a week, and less so with each contact that came before."""

from __future__ import annotations

import numpy as np

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.buying.latent import Latent
from clientela.testing.company.world import World

TIRED_WEEKS = 4


class Messages:
    """The contacts that customers received, week by week."""

    def __init__(self, world: World, latent: Latent) -> None:
        self._world, self._latent = world, latent
        self._by_week: dict[int, Indices] = {}

    def receive(self, customers: Indices, week: int) -> None:
        """Take contacts of one week; somebody may be in it more than once.

        They change what the customers buy in the week after.
        """
        counts = np.bincount(customers, minlength=len(self._latent))
        before = self._by_week.get(week)
        self._by_week[week] = counts if before is None else before + counts

    def more(self, week: int) -> Floats | None:
        """How much more each customer buys in a week, in shares of what they would; None where nobody was contacted.

        Several contacts in one week count once; each of the contacts of the `TIRED_WEEKS` before that week, and each
        one too many in it, takes its share of the response away.
        """
        lately = self._by_week.get(week - 1)
        if lately is None:
            return None
        empty = np.zeros(len(self._latent), np.intp)
        before = sum((self._by_week.get(week - 1 - ago, empty) for ago in range(1, TIRED_WEEKS + 1)), empty)
        tired = before + np.maximum(lately - 1, 0)
        return np.where(lately > 0, self._latent.responds * (1 - self._world.fatigue) ** tired, 0.0)
