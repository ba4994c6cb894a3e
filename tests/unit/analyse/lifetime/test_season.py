"""lifetime-value where customers buy with the season: what is said of the next months follows it, once it is known."""

from datetime import date, timedelta

import numpy as np
import pytest

from clientela.analyse.customer.lifetime.candidates import season_at
from clientela.contracts.analysis import Arrays
from clientela.estimators.lifetime.season import FLAT
from clientela.warehouse.engine import Engine
from tests.unit.analyse.lifetime.shops import AS_OF, Shop, fitted, made, seasonal
from tests.unit.analyse.lifetime.test_fit import metric, winner
from tests.unit.cube.published import Published, line


@pytest.fixture(scope="module")
def company() -> Shop:
    return seasonal(3, 700)


@pytest.fixture(scope="module")
def tables(company: Shop) -> dict[str, Arrays]:
    return fitted(company)


def test_the_total_of_a_busy_time_is_foreseen(company: Shop, tables: dict[str, Arrays]):
    said = winner(tables)["parameters"]
    came = company.came(92)
    assert said["season"]["weight"] > 0.5
    assert 1.3 < said["season"]["ahead"] < 1.8
    assert said["worth"][0] == pytest.approx(came, rel=0.15)
    assert said["worth"][0] / said["season"]["ahead"] < 0.8 * came  # what weeks that are all alike would say


def test_who_knows_the_season_is_shown_beside_who_does_not(tables: dict[str, Arrays]):
    way = winner(tables)["candidate"].removesuffix("+recent")
    assert abs(metric(tables, way, "bias")) < abs(metric(tables, f"{way}-flat", "bias"))


def test_days_on_which_customers_bought_again_are_counted():
    days = [("1", 1, "2024-01-01"), ("2", 1, "2024-01-01"), ("3", 1, "2024-01-05"), ("4", 2, "2024-01-05"),
            ("5", 2, "2024-01-09"), ("6", 3, "2024-01-01"), ("7", 3, "2024-01-09")]  # fmt: skip
    with Engine.in_memory() as engine:
        published = Published(engine)
        published.add(order_line=[line(order, customer, on, "10") for order, customer, on in days])
        found = {row["happened_on"]: row["purchases"] for row in made(published, "lifetime_day")}
    assert found == {date(2024, 1, 5): 1, date(2024, 1, 9): 2}


def test_no_season_is_known_before_two_years_nor_from_what_came_later():
    def days(first: int, last: int) -> Arrays:
        ago = np.arange(first, last)
        return {
            "happened_on": np.array([AS_OF - timedelta(days=int(each)) for each in ago], dtype="datetime64[D]"),
            "purchases": (20 + 15 * np.cos(2 * np.pi * ago / 364)).round(),
        }

    assert season_at(days(1, 700), AS_OF) is FLAT
    known = season_at(days(1, 800), AS_OF)
    later = season_at({name: np.concatenate([days(-90, 1)[name], days(1, 800)[name]]) for name in days(1, 2)}, AS_OF)
    assert known.weight > 0.9
    assert np.array_equal(known.busy, later.busy)
