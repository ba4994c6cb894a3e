"""Territories are a tree, and customers live in its districts."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from clientela.testing.company.places import NATIONS, districts, homes, territories
from clientela.testing.company.streams import stream


def test_each_district_is_part_of_a_region_of_a_nation() -> None:
    parent = {each.territory_id: each.parent_id for each in territories()}
    level = {each.territory_id: each.level for each in territories()}
    for each in districts():
        region = parent[each.territory_id]
        assert level[each.territory_id] == "district"
        assert region is not None
        assert level[region] == "region"
        assert level[str(parent[region])] == "nation"
    assert Counter(level.values())["nation"] == 3
    assert len(parent) == len(territories())


def test_customers_live_in_nations_by_their_shares_and_mostly_in_large_towns() -> None:
    made = homes(stream(1, "homes"), (0.5, 0.3, 0.2), 40_000)
    nation = np.array([each.nation for each in districts()])[made]
    assert np.bincount(nation) / 40_000 == pytest.approx([0.5, 0.3, 0.2], abs=0.01)
    names = Counter(districts()[place].name for place in made)
    assert names["Madrid"] > 3 * names["León"] > 0
    assert NATIONS == ("ES", "IT", "NL")
