"""How an order or an invoice is paid: always the same way, however often it is sent."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from clientela.estimators.arrays import Indices
from clientela.testing.company.exports.billing.by_number import chance_of
from clientela.testing.company.world import World

# Ways to pay and the share of each.
AT_TILLS = {"tarjeta": 0.62, "efectivo": 0.34, "vale": 0.04}
ONLINE = {"card": 0.58, "wallet": 0.3, "invoice": 0.12}
TRANSFER_OR = {"Überweisung": 0.7, "Lastschrift": 0.25, "Scheck": 0.05}


def paid_by(world: World, order: Indices, ways: Mapping[str, float]) -> pa.Array:
    """How each order is paid."""
    until = np.cumsum(list(ways.values()))
    place = np.minimum(np.searchsorted(until, chance_of(world.seed, "payment", order), side="right"), len(ways) - 1)
    return pa.array(list(ways)).take(pa.array(place))
