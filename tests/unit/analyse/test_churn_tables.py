"""The tables around churn-risk, five rows each."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib.resources import files

import numpy as np
import pytest

from clientela.cube.view import AS_OF_TABLES
from clientela.warehouse.asof import as_known
from clientela.warehouse.engine import Engine
from clientela.warehouse.model import ALL, parse_file
from tests.unit.cube.published import Published, Row, emptied, line

AS_OF = date(2024, 7, 1)
ORIGIN = AS_OF - timedelta(days=92)


@pytest.fixture
def published() -> Iterator[Published]:
    with emptied() as engine:
        yield Published(engine)


def made(
    published: Published, name: str, as_of: date = AS_OF, folder: str = "clientela.analyse.customer.churn"
) -> list[dict[str, object]]:
    """What the model gives as of a date, ordered by its grain."""
    model = parse_file((files(folder) / f"{name}.sql").read_text("utf-8"), name)
    tree = as_known(model.tree, ALL, as_of_tables=AS_OF_TABLES if model.kind == "as-of" else ())
    wanted = {"as_of": as_of, "known_at": datetime.combine(as_of, time()), "horizon_days": 92}
    rows = published.engine.fetch(tree, wanted).to_pylist()
    return sorted(rows, key=lambda row: [str(row[key]) for key in model.grain])


def feature(customer: int, on: date, last: str, x: int, t_x: int, t: int, recent: int, revenue: str) -> Row:
    """A row of ``customer_feature``."""
    bought = date.fromisoformat(last)
    return {
        "customer_id": customer, "as_of": on, "first_bought_on": bought - timedelta(days=t_x), "last_bought_on": bought,
        "repeat_purchases": x, "recency_days": t_x, "age_days": t, "recent_purchases": recent,
        "revenue": Decimal(revenue), "recent_revenue": Decimal(revenue), "year_revenue": Decimal(revenue),
    }  # fmt: skip


def test_churn_count_joins_each_history_with_what_came_after(published: Published):
    published.add(
        customer_feature=[
            feature(1, ORIGIN, "2024-03-20", 1, 10, 20, 2, "30"),  # comes back
            feature(2, ORIGIN, "2024-03-20", 1, 10, 20, 2, "40"),  # same history, does not
            feature(3, ORIGIN, "2024-03-01", 0, 0, 29, 1, "-5"),  # its next horizon is not known
            feature(1, AS_OF, "2024-05-01", 2, 52, 112, 1, "9"),
            feature(2, AS_OF, "2024-03-20", 1, 10, 112, 0, "0"),
        ]
    )
    found = {
        (row["as_of"], row["repeat_purchases"]): [
            row[name] for name in ("customers", "observed", "has_left", "at_stake", "at_stake_norm")
        ]
        for row in made(published, "churn_count")
    }
    assert found == {
        (ORIGIN, 1): [2, 2, 1, Decimal(70), Decimal(50)],  # 50² = 30² + 40²
        (ORIGIN, 0): [1, 0, 0, Decimal(0), Decimal(0)],  # what was given back puts nothing at stake
        (AS_OF, 2): [1, 0, 0, Decimal(9), Decimal(9)],
        (AS_OF, 1): [1, 0, 0, Decimal(0), Decimal(0)],
    }


def test_every_customer_gets_the_chance_and_the_loss_of_their_history(published: Published):
    history = {"repeat_purchases": 1, "recency_days": 10, "age_days": 20, "recent_purchases": 2}
    chance = {"probability": Decimal("0.25"), "low": Decimal("0.2"), "high": Decimal("0.3"), "model_version": "v/both"}
    published.add(
        customer_feature=[
            feature(1, AS_OF, "2024-06-20", 1, 10, 20, 2, "30"),
            feature(2, AS_OF, "2024-06-20", 1, 10, 20, 2, "-4"),
            feature(3, AS_OF, "2024-06-20", 1, 11, 20, 2, "50"),  # no chance was given to this history
            feature(4, ORIGIN, "2024-03-20", 1, 10, 20, 2, "60"),
        ],
        churn_cell=[{"as_of": AS_OF, **history, **chance}, {"as_of": ORIGIN, **history, **chance, "probability": 1}],
    )
    risk, loss = made(published, "churn_risk"), made(published, "churn_loss")
    assert [(row["customer_id"], row["value"], row["low"], row["high"]) for row in risk] == [
        (1, Decimal("0.25"), Decimal("0.2"), Decimal("0.3")),
        (2, Decimal("0.25"), Decimal("0.2"), Decimal("0.3")),
    ]
    assert [(row["customer_id"], row["value"], row["unit"]) for row in loss] == [
        (1, Decimal("7.5"), "money"),
        (2, Decimal(0), "money"),
    ]
    assert {row["model_version"] for row in (*risk, *loss)} == {"v/both"}
    assert [row["value"] for row in made(published, "churn_risk", ORIGIN)] == [Decimal(1)]


def test_what_happens_after_the_date_changes_nothing_that_is_known_of_it(published: Published):
    before = [line(str(n), n % 7, f"2024-0{1 + n % 3}-1{n % 9}", "10") for n in range(20)]
    after = [line(f"9{n}", n % 7, f"2024-0{4 + n % 3}-2{n % 9}", "50") for n in range(20)]
    published.add(order_line=[*before, *after])
    with Engine.in_memory() as engine:
        shuffled = Published(engine)
        customers = np.random.default_rng(1).permutation([row["customer_id"] for row in after]).tolist()
        later = [{**row, "customer_id": who} for row, who in zip(after[:15], customers, strict=False)]
        shuffled.add(order_line=[*before, *later])
        found, other = (made(each, "customer_feature", ORIGIN, "clientela.features") for each in (published, shuffled))
        assert found == other != []
        assert made(published, "customer_feature", AS_OF, "clientela.features") != made(
            shuffled, "customer_feature", AS_OF, "clientela.features"
        )


def test_every_customer_is_told_the_reasons_of_their_history(published: Published):
    history = {"repeat_purchases": 1, "recency_days": 10, "age_days": 20, "recent_purchases": 2}
    chance = {"probability": Decimal("0.25"), "low": Decimal("0.2"), "high": Decimal("0.3"), "model_version": "v/both"}
    why = {
        "first_reason": "silence",
        "first_move": Decimal("0.1"),
        "second_reason": "gap",
        "second_move": Decimal("-0.2"),
    }
    published.add(
        customer_feature=[
            feature(1, AS_OF, "2024-06-20", 1, 10, 20, 2, "30"),
            feature(2, AS_OF, "2024-06-20", 1, 11, 20, 2, "-4"),  # its history has a chance, but no reason
        ],
        churn_cell=[
            {"as_of": AS_OF, **history, **chance, **why},
            {"as_of": AS_OF, **history, **chance, "recency_days": 11},
        ],
    )
    assert made(published, "churn_reason") == [{"customer_id": 1, **why, "third_reason": None, "third_move": None}]


def test_churn_reach_adds_up_from_most_at_stake_down(published: Published):
    def score(customer: int, value: int, analysis: str = "churn-loss") -> Row:
        told = {"analysis": analysis, "customer_id": customer, "as_of": AS_OF, "value": Decimal(value)}
        return {**told, "unit": "money", "model_version": "v"}

    published.add(score=[score(1, 10), score(2, 40), score(3, 10), score(4, 0), score(5, 99, "churn-risk")])
    found = [(row["contacted"], row["expected_loss"]) for row in made(published, "churn_reach")]
    assert found == [(1, 40), (2, 50), (3, 60), (4, 60)]
    more = Published(published.engine)
    more.engine.run(__import__("sqlglot").parse_one("drop table score"))
    more.add(score=[score(customer, 1) for customer in range(1, 1_001)])
    steps = [row["contacted"] for row in made(more, "churn_reach")]
    assert len(steps) == 48
    assert 1_000 in steps
