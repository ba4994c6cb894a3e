"""Who stops paying is weak; who pays like all others is so only now and then."""

import pytest

from tests.unit.analyse.standing.paying import WORLDS, alike, business, issued, stopped


@pytest.mark.parametrize("kind", WORLDS)
def test_who_stops_paying_is_weak_and_who_pays_like_all_is_mostly_not(kind: str):
    told = issued(business(kind, 200, times=4.0))
    assert alike(told) < 0.45  # more than half, as long as one small invoice that nobody ever paid was enough
    weak, owe = stopped(told, seed=1)
    assert weak == owe >= 3
