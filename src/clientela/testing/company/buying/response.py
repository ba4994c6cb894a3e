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
        self._by_week: dict[int, tuple[Indices, Indices]] = {}

    def receive(self, customers: Indices, week: int) -> None:
        """Take contacts of one week; somebody may be in it more than once.

        They change what the customers buy in the week after.
        """
        before, counted = self.of(week)
        who, place = np.unique(np.concatenate([before, customers]), return_inverse=True)
        count = np.bincount(place, np.concatenate([counted, np.ones(len(customers))]), len(who))
        self._by_week[week] = who, count.astype(np.intp)

    def of(self, week: int) -> tuple[Indices, Indices]:
        """Who received something in a week, and how often."""
        nobody = np.zeros(0, np.intp)
        return self._by_week.get(week, (nobody, nobody))

    def more(self, week: int) -> Floats | None:
        """How much more each customer buys in a week, in shares of what they would; None where nobody was contacted.

        Several contacts in one week count once; each of the contacts of the `TIRED_WEEKS` before that week, and each
        one too many in it, takes its share of the response away.
        """
        lately, count = self.of(week - 1)
        if not len(lately):
            return None
        tired = np.zeros(len(self._latent), np.intp)
        tired[lately] = count - 1
        for ago in range(1, TIRED_WEEKS + 1):
            before, often = self.of(week - 1 - ago)
            tired[before] += often
        response = np.zeros(len(self._latent))
        response[lately] = self._latent.responds[lately] * (1 - self._world.fatigue) ** tired[lately]
        return response
