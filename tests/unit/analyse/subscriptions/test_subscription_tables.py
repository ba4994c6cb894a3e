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
from tests.unit.cube.published import Published, Row, emptied, line, reference

AS_OF = date(2024, 7, 1)
ORIGIN = AS_OF - timedelta(days=92)
FOLDERS = {"subscription_feature": "clientela.features"}


@pytest.fixture
def published() -> Iterator[Published]:
    with emptied() as engine:
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
        subscription_margin=[left("1", "4", "product"), left("5", None, "company")],
    )
    made_of = made(published, "subscription_period")
    found = [
        (row["as_of"], row["step"], row["contracts"], row["observed"], row["ended"], row["unpaid"], row["amount_step"])
        for row in made_of
    ]
    assert found == [
        (ORIGIN, 1, 5, 5, 1, 0, 7),
        (ORIGIN, 2, 4, 4, 1, 1, 7),
        (ORIGIN, 3, 2, 2, 0, 0, 7),
        (AS_OF, 1, 1, 0, 0, 0, -100),
        (AS_OF, 1, 1, 0, 0, 0, 7),
    ]
    assert [(row["margin_a_month"], row["own_cost_a_month"]) for row in made_of] == [
        *[(None, Decimal(0))] * 4,  # what contracts leave is told of today alone
        (Decimal(4), Decimal(10)),
    ]


def left(number: str, margin: str | None, known_by: str | None) -> Row:
    """A row of ``subscription_margin``."""
    key = {"source": "shop", "subscription_id": number, "customer_id": 1, "amount_a_month": Decimal(10)}
    return {**key, "margin_a_month": None if margin is None else Decimal(margin), "cost_known_by": known_by}


def margins(published: Published) -> dict[str, tuple[Decimal | None, str | None]]:
    """What each contract leaves in a month, and whose cost it is counted at."""
    return {
        row["subscription_id"]: (row["margin_a_month"], row["cost_known_by"])
        for row in made(published, "subscription_margin")
    }


def costly(published: Published, *, share_kept: str | None, products: list[Row], amount: str = "10") -> None:
    """Five contracts of ten a month; product p was sold at 30 with goods of 12, whatever else is known."""
    ids = ("p", "q", "r", "s", None)
    lines = [
        line("1", 7, "2024-06-01", "40", product_id="p", cost_of_goods=Decimal(14)),
        line("2", 7, "2024-06-02", "-10", product_id="p", kind="return", cost_of_goods=Decimal(-2)),
        line("3", 7, "2024-06-02", "999", product_id="p"),  # its cost is not known
    ]
    basis = {"basis": "revenue" if share_kept is None else "margin", "share_kept": Decimal(share_kept or 1)}
    published.add(
        subscription=[
            contract(str(number), "2024-01-01", product_id=each, amount=Decimal(amount))
            for number, each in enumerate(ids, start=1)
        ],
        subscription_feature=[seen(str(number), AS_OF, 182, amount_a_month=Decimal(amount)) for number in range(1, 6)],
        product=products,
        order_line=lines,
        lifetime_basis=[{**basis, "share_known": Decimal("0.9")}],
    )


PRODUCTS = [
    reference(product_id="p", unit_cost=Decimal(9), list_price=Decimal(10)),
    reference(product_id="q", unit_cost=Decimal(5), list_price=Decimal(20)),
    reference(product_id="r", unit_cost=Decimal(7)),
    reference(product_id="s", list_price=Decimal(20)),
]


def test_a_contract_leaves_what_its_own_product_leaves_else_what_the_company_does(published: Published):
    costly(published, share_kept="0.3", products=PRODUCTS)
    assert margins(published) == {
        "1": (Decimal(6), "product"),  # sold at 30, cost 12: 60 % is left, whatever its unit cost says
        "2": (Decimal("7.5"), "product"),  # a unit of 20 costs 5
        "3": (Decimal(3), "product"),  # no list price: the unit is what is paid for in a period
        "4": (Decimal(3), "company"),  # its cost is not known
        "5": (Decimal(3), "company"),
    }


def test_where_the_company_knows_no_costs_four_fifths_of_the_contracts_must(published: Published):
    costly(published, share_kept=None, products=PRODUCTS)
    assert set(margins(published).values()) == {(None, None)}  # three of five
    with Engine.in_memory() as engine:
        other = Published(engine)
        fourth = reference(product_id="s", unit_cost=Decimal(10), list_price=Decimal(20))
        costly(other, share_kept=None, products=[*PRODUCTS[:3], fourth])
        found = margins(other)
        assert found["4"] == (Decimal(5), "product")
        assert found["5"] == (Decimal("5.375"), "contracts")  # (6 + 7.5 + 3 + 5) of 40


def test_a_contract_of_a_year_leaves_a_twelfth_in_a_month(published: Published):
    published.add(
        subscription=[contract("3", "2024-01-01", product_id="r", amount=Decimal(120), period="year")],
        subscription_feature=[seen("3", AS_OF, 182), seen("3", ORIGIN, 90)],
        product=PRODUCTS,
        order_line=[],
        lifetime_basis=[],
    )
    assert margins(published) == {"3": (Decimal("9.4167"), "product")}  # 120 less 7, by the month; once, of today


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
        subscription_margin=[left("1", "4", "product")],
    )
    found = [
        (row["subscription_id"], row["probability"], row["at_stake"], row["year_value"], row["reason"])
        for row in made(published, "subscription_risk")
    ]
    assert found == [
        ("1", Decimal("0.25"), Decimal("2.5"), Decimal(80), "tenure"),
        ("2", Decimal("0.25"), None, None, "tenure"),
    ]
    assert [
        (row["margin_a_month"], row["margin_at_stake"], row["year_margin"], row["cost_known_by"])
        for row in made(published, "subscription_risk")
    ] == [(Decimal(4), Decimal(1), Decimal(32), "product"), (None, None, None, None)]
