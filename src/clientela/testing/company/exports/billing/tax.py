"""Tax: as high as where it was sold, lower for some products, none for what is billed abroad."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clientela.estimators.arrays import Indices
from clientela.testing.company.exports.billing.by_number import chance_of
from clientela.testing.company.places import districts
from clientela.testing.company.world import World

Cents = NDArray[np.int64]


def tax(world: World, net: Cents, product: Indices, district: Indices) -> Cents:
    """The tax on each line, in cents, half a cent away from 0.

    Parameters
    ----------
    net : (n,), in cents; below 0 for a return, whose tax is given back
    district : (n,); where it is sold
    """
    nation = np.array([each.nation for each in districts()])[district]
    less = chance_of(world.seed, "reduced tax", product) < world.reduced
    # in hundredths of a percent, so that no tax hangs on how a float is rounded
    full, reduced = (np.round(np.array(said) * 10_000).astype(np.int64) for said in (world.tax, world.reduced_tax))
    parts = np.abs(net) * np.where(less, reduced[nation], full[nation])
    return np.asarray(np.sign(net) * ((parts + 5_000) // 10_000))
