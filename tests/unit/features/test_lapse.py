"""After how many days without a purchase a customer counts as lost, against a count by hand in fractions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from importlib.resources import files
from itertools import pairwise

import numpy as np
import pytest

from clientela.warehouse.asof import as_known
from clientela.warehouse.model import ALL, parse_file
from tests.unit.cube.published import Published, emptied, line
from tests.unit.features.losing import AGAIN_DAYS, WORLDS, all_gaps, customers_once, judged, lived

AS_OF = date(2024, 7, 1)
BEGINS = date(2022, 1, 1)


@pytest.fixture
def published() -> Iterator[Published]:
    with emptied() as engine:
        yield Published(engine)


def lapse(published: Published, bought: Mapping[int, Sequence[int]]) -> list[dict[str, object]]:
    """What the model gives for customers who bought on these days, counted from a first one."""
    rows = [
        line(f"{who}-{at}", who, str(BEGINS + timedelta(days=day)), "10")
        for who, days in bought.items()
        for at, day in enumerate(days)
    ]
    published.add(order_line=rows)
    model = parse_file((files("clientela.features") / "lapse.sql").read_text("utf-8"), "lapse")
    tree = as_known(model.tree, ALL, as_of_tables=())
    return published.engine.fetch(tree, {"as_of": AS_OF, "known_at": datetime.combine(AS_OF, time())}).to_pylist()


def test_who_buys_every_week_does_not_decide_for_who_buys_twice_a_year(published: Published):
    weekly = {who: range(0, 7 * 52, 7) for who in range(1, 4)}
    rare = {4: (0, 180, 360)}
    # of 155 gaps 153 are of a week; of 4 customers 3 are
    assert lapse(published, weekly | rare) == [{"percentile": 95, "lapse_days": 180, "gaps": 155}]


def test_the_gap_that_just_95_percent_do_not_exceed_is_enough(published: Published):
    weekly = dict.fromkeys(range(1, 20), (0, 7))
    assert lapse(published, weekly | {20: (0, 300)})[0]["lapse_days"] == 7


def test_days_of_one_purchase_and_customers_of_one_day_have_no_say(published: Published):
    twice_on_a_day = {1: (0, 0, 30), 2: (5,), 3: (9, 9)}
    assert lapse(published, twice_on_a_day) == [{"percentile": 95, "lapse_days": 30, "gaps": 1}]


def test_nobody_bought_twice_so_nothing_is_known(published: Published):
    assert lapse(published, {1: (0,), 2: (3,)}) == []


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_weighted_percentile_counted_in_fractions(published: Published, seed: int):
    rng = np.random.default_rng(seed)
    bought = {who: rng.choice(900, rng.geometric(0.15), replace=False).tolist() for who in range(1, 41)}
    weight: dict[int, Fraction] = {}
    for days in bought.values():
        for before, after in pairwise(sorted(days)):
            weight[after - before] = weight.get(after - before, Fraction()) + Fraction(1, len(days) - 1)
    total, up_to_here, expected = sum(weight.values()), Fraction(), None
    for gap in sorted(weight):
        up_to_here += weight[gap]
        if expected is None and up_to_here >= total * Fraction(95, 100):
            expected = gap
    gaps = sum(len(days) - 1 for days in bought.values())
    assert lapse(published, bought) == [{"percentile": 95, "lapse_days": expected, "gaps": gaps}]


@pytest.mark.parametrize("kind", WORLDS)
def test_of_those_it_calls_lost_most_stay_away_and_who_left_is_called_so(kind: str):
    bought = lived(WORLDS[kind](customers=1_500))
    on = int(bought.day.max()) + 1 - AGAIN_DAYS
    found, before = judged(bought, customers_once, on), judged(bought, all_gaps, on)
    assert found.lost > 100
    assert found.back / found.lost < 0.25
    assert before.back / before.lost > 0.4
    assert found.left > 80
    assert found.called / found.left > 0.85
