"""The tables around subscription-churn, five rows each."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest

from clientela.cube.view import AS_OF_TABLES
from clientela.warehouse.asof import as_known
from clientela.warehouse.engine import Engine
from clientela.warehouse.model import ALL, parse_file
from tests.unit.cube.published import Published, Row

AS_OF = date(2024, 7, 1)
ORIGIN = AS_OF - timedelta(days=92)
FOLDERS = {"subscription_feature": "clientela.features"}


@pytest.fixture
def published() -> Iterator[Published]:
    with Engine.in_memory() as engine:
        yield Published(engine)


def made(published: Published, name: str, as_of: date = AS_OF) -> list[dict[str, Any]]:
    """What the model gives as of a date, ordered by its grain."""
    folder = FOLDERS.get(name, "clientela.analyse.customer.subscriptions")
    model = parse_file((files(folder) / f"{name}.sql").read_text("utf-8"), name)
    tree = as_known(model.tree, ALL, as_of_tables=AS_OF_TABLES if model.kind == "as-of" else ())
    wanted = {"as_of": as_of, "known_at": datetime.combine(as_of, time()), "horizon_days": 92}
    rows = published.engine.fetch(tree, wanted).to_pylist()
    return sorted(rows, key=lambda row: [str(row[key]) for key in model.grain])


def contract(number: str, began: str, ended: str | None = None, **more: object) -> Row:
    """A row of ``subscription``."""
    on = date.fromisoformat(began)
    last = None if ended is None else date.fromisoformat(ended)
    known = {"known_from": datetime.fromisoformat(f"{began} 12:00"), "known_assumed": False}
    row = {"source": "shop", "subscription_id": number, "customer_id": int(number), "happened_on": on, **known}
    return {**row, "period": "month", "amount": Decimal("10.00"), "ended_on": last, **more}


def test_subscription_feature_has_those_that_ran_with_their_age_and_price(published: Published):
    published.add(
        subscription=[
            contract("1", "2024-06-01"),
            contract("2", "2023-07-01", period="year", amount=Decimal("120.00")),
            contract("3", "2024-01-01", "2024-06-30"),  # ended the day before
            contract("4", "2024-01-01", "2024-07-01"),  # ends on the date, which nobody knew before it
            contract("5", "2024-01-01", amount=None),
            contract("6", "2024-07-01"),  # begins on the date
        ]
    )
    found = {
        row["subscription_id"]: (row["is_yearly"], row["tenure_days"], row["amount_a_month"], row["amount_step"])
        for row in made(published, "subscription_feature")
    }
    assert found == {
        "1": (False, 30, Decimal(10), 7),
        "2": (True, 366, Decimal(10), 7),
        "4": (False, 182, Decimal(10), 7),
        "5": (False, 182, None, None),
    }


def seen(number: str, on: date, tenure: int, **more: object) -> Row:
    """A row of ``subscription_feature``."""
    plain = {"amount_a_month": Decimal(10), "amount_step": 7, "is_yearly": False, "customer_id": 1}
    began = on - timedelta(days=tenure)
    key = {"source": "shop", "subscription_id": number, "as_of": on, "started_on": began, "tenure_days": tenure}
    return {**key, **plain, **more}


def test_subscription_period_follows_each_contract_part_by_part(published: Published):
    published.add(
        subscription=[
            contract("1", "2024-01-01"),
            contract("2", "2024-01-01", "2024-04-30"),  # 30 days on: in the first part, of 30 and two thirds
            contract("3", "2024-01-01", "2024-05-01"),  # 31 days on: in the second
            contract("4", "2024-01-01", "2024-05-02", end_reason="Card expired"),
            contract("5", "2024-01-01", "2024-08-01"),  # after the horizon
        ],
        subscription_feature=[
            *(seen(str(number), ORIGIN, 90) for number in range(1, 6)),
            seen("1", AS_OF, 182),
            seen("5", AS_OF, 182, amount_a_month=None, amount_step=None),
        ],
    )
    found = [
        (row["as_of"], row["step"], row["contracts"], row["observed"], row["ended"], row["unpaid"], row["amount_step"])
        for row in made(published, "subscription_period")
    ]
    assert found == [
        (ORIGIN, 1, 5, 5, 1, 0, 7),
        (ORIGIN, 2, 4, 4, 1, 1, 7),
        (ORIGIN, 3, 2, 2, 0, 0, 7),
        (AS_OF, 1, 1, 0, 0, 0, -100),
        (AS_OF, 1, 1, 0, 0, 0, 7),
    ]


def test_what_comes_after_the_date_changes_nothing_that_is_known_of_it(published: Published):
    rows = [contract(str(n), "2024-01-01", f"2024-0{4 + n}-15") for n in range(1, 6)]
    published.add(subscription=rows)
    before = made(published, "subscription_feature")
    with Engine.in_memory() as engine:
        other = Published(engine)
        later = (None, date(2025, 1, 1), date(2024, 7, 2))
        other.add(subscription=[*rows[:2], *({**row, "ended_on": on} for row, on in zip(rows[2:], later, strict=True))])
        assert made(other, "subscription_feature") == before


def test_every_contract_gets_the_chance_of_its_kind(published: Published):
    kind = {"is_yearly": False, "tenure_days": 182, "amount_step": 7}
    said = {
        "probability": Decimal("0.25"), "low": Decimal("0.2"), "high": Decimal("0.3"), "unpaid": Decimal("0.05"),
        "months": Decimal(8), "reason": "tenure", "move": Decimal("0.1"), "model_version": "v/sbg",
    }  # fmt: skip
    published.add(
        subscription_feature=[
            seen("1", AS_OF, 182),
            seen("2", AS_OF, 182, amount_a_month=None, amount_step=None),
            seen("3", AS_OF, 183),  # no chance was given to this age
        ],
        subscription_cell=[{"as_of": AS_OF, **kind, **said}, {"as_of": AS_OF, **kind, **said, "amount_step": -100}],
    )
    found = [
        (row["subscription_id"], row["probability"], row["at_stake"], row["year_value"], row["reason"])
        for row in made(published, "subscription_risk")
    ]
    assert found == [
        ("1", Decimal("0.25"), Decimal("2.5"), Decimal(80), "tenure"),
        ("2", Decimal("0.25"), None, None, "tenure"),
    ]
