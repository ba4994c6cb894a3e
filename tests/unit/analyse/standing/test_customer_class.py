"""Classes of payers, a few invoices each."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files

import numpy as np
import pytest

from clientela.analyse.abstain import left_out
from clientela.analyse.customer.standing.customer_class import CUSTOMER_CLASS, fit_rules
from clientela.analyse.customer.standing.words import CLASSES, REASONS, TO_DO
from clientela.contracts.analysis import FitContext, Result
from clientela.contracts.derived.customer import standing
from clientela.cube.view import AS_OF_TABLES
from clientela.errors import ConfigurationError
from clientela.warehouse.asof import as_known
from clientela.warehouse.engine import Engine
from clientela.warehouse.model import ALL, parse_file
from tests.unit.cube.published import KNOWN_AT, Published, Row, emptied

AS_OF = date(2024, 7, 1)
RULES = dict(CUSTOMER_CLASS.fit_parameters)


def context(**more: object) -> FitContext:
    return FitContext(
        as_of=AS_OF, origins=(), horizon_days=92, first_day=date(2022, 1, 1), version="1",
        parameters={**RULES, **more}, sample=1.0, rng=np.random.default_rng(0),
    )  # fmt: skip


def rule(**more: object) -> Row:
    """The row of ``class_rule`` that the fit writes."""
    told = fit_rules({}, context(**more))["class_rule"]
    row: dict[str, object] = {name: Decimal(str(values[0])) for name, values in told.items() if values[0] == values[0]}
    return {**row, "version": 1, "fewest_invoices": int(told["fewest_invoices"][0])}


def invoice(who: int, number: int, due: int, paid: int | None, amount: str | None = "100", terms: int = 30) -> Row:
    """An invoice due, and paid, so many days before the date; None: not paid."""
    due_on = AS_OF - timedelta(days=due)
    issued = due_on - timedelta(days=terms)
    return {
        "source": "erp", "invoice_id": f"{who}-{number}", "customer_id": who, "due_on": due_on,
        "amount": None if amount is None else Decimal(amount),
        "paid_on": None if paid is None else AS_OF - timedelta(days=paid),
        "happened_on": issued, "known_from": KNOWN_AT - timedelta(days=900), "known_assumed": True,
    }  # fmt: skip


def stated(who: int, topic: str, value: str, days: int) -> Row:
    on = AS_OF - timedelta(days=days)
    return {
        "source": "erp", "topic": topic, "value": value, "customer_id": who, "happened_on": on,
        "happened_at": KNOWN_AT - timedelta(days=days), "known_from": KNOWN_AT - timedelta(days=900),
        "known_assumed": True,
    }  # fmt: skip


@pytest.fixture
def published() -> Iterator[Published]:
    with emptied() as engine:
        yield Published(engine)


def made(published: Published, invoices: list[Row], **more: list[Row]) -> dict[int, dict[str, object]]:
    published.add(**{"invoice": invoices, "preference": [], "customer": [], "class_rule": [rule()], **more})
    text = (files("clientela.analyse.customer.standing") / "customer_class.sql").read_text("utf-8")
    tree = as_known(parse_file(text, "customer_class").tree, ALL, as_of_tables=AS_OF_TABLES)
    rows = published.engine.fetch(tree, {"as_of": AS_OF, "known_at": KNOWN_AT}).to_pylist()
    return {row["customer_id"]: row for row in rows}


def monthly(who: int, late: int, *, since: int = 340, until: int = 100, first: int = 0) -> list[Row]:
    """Invoices that fell due each month, each paid so many days late."""
    return [invoice(who, first + at, due, due - late) for at, due in enumerate(range(since, until, -30))]


def test_each_rule_decides_where_it_holds(published: Published):
    found = made(
        published,
        [
            *monthly(1, 0),
            *monthly(2, 6),
            *monthly(3, 31),
            *(*monthly(4, 0), invoice(4, 90, 20, None, "90")),  # 90 of 1,090 that fell due
            *(*monthly(5, 0), invoice(5, 90, 20, None, "900")),
            *(*monthly(6, 0), invoice(6, 90, 91, None, "60")),  # 60 of 860
            *(invoice(7, at, 50 + at, 50 + at) for at in range(2)),
            *(*monthly(8, 0), invoice(8, 90, -20, None, "5001")),  # not due yet
            *monthly(9, 0, since=340, until=190), *monthly(9, 4, since=160, until=10, first=50),
            *monthly(10, 0, since=340, until=190), *monthly(10, 16, since=160, until=60, first=50),
        ],
        customer=[{"customer_id": 8, "records": 1, "sources": 1, "credit_limit": Decimal(5000)}],
    )  # fmt: skip
    assert {who: (row["class"], row["because"]) for who, row in found.items()} == {
        1: ("sound", "on time"),
        2: ("watch", "late"),
        3: ("weak", "very late"),
        4: ("watch", "some overdue"),
        5: ("weak", "much overdue"),
        6: ("weak", "long overdue"),
        7: ("unknown", "few invoices"),
        8: ("watch", "over limit"),
        9: ("sound", "on time"),
        10: ("watch", "late"),
    }
    assert found[8]["unpaid"] == Decimal(5001)
    assert found[8]["overdue"] == 0
    assert found[5]["overdue"] == Decimal(900)


def test_a_small_amount_however_long_overdue_makes_nobody_weak(published: Published):
    small = [*monthly(1, 0), invoice(1, 90, 95, None, "20")]  # 20 of 820 that fell due, below sound_overdue
    large = [*monthly(2, 0), invoice(2, 90, 91, None, "45")]  # 45 of 845
    strict = {"class_rule": [rule(sound_overdue=0.0)]}
    told = {who: (row["class"], row["because"]) for who, row in made(published, [*small, *large]).items()}
    assert told == {1: ("sound", "on time"), 2: ("weak", "long overdue")}
    with Engine.in_memory() as engine:
        assert made(Published(engine), small, **strict)[1]["because"] == "long overdue"


def test_how_late_is_weighed_by_amount_where_amounts_are_known(published: Published):
    found = made(
        published,
        [
            *(*monthly(1, 0), invoice(1, 90, 60, 10, "10")),  # 10 of 810 paid 50 days late
            *(*monthly(2, 0), invoice(2, 90, 60, 10, "800")),  # 800 of 1,600
            *(invoice(3, at, 200 - at, 160 - 40 * at, None) for at in range(4)),  # 40, 79, 118, 157 days late
            *(invoice(4, at, 50 + at, 50 + at, None) for at in range(4)), invoice(4, 9, 60, 20, "5"),
        ],
    )  # fmt: skip
    assert {who: round(float(str(row["late_days"])), 2) for who, row in found.items()} == {
        1: round(50 * 10 / 810, 2), 2: 25.0, 3: 98.5, 4: 40.0,
    }  # fmt: skip


def test_who_turns_late_is_watched_before_the_mean_says_so(published: Published):
    lines = {"class_rule": [rule(sound_late_days=20)]}
    turned = [*monthly(1, 0, since=340, until=190), *monthly(1, 16, since=160, until=60, first=50)]
    assert made(published, turned, **lines)[1]["because"] == "later than before"


def test_the_class_of_a_year_before_is_that_of_what_had_happened_by_then(published: Published):
    found = made(
        published,
        [
            *monthly(1, 0, since=340 + 365, until=100 + 365),
            *monthly(1, 40, first=50),
            *monthly(2, 40, since=340 + 365, until=100 + 365),
            *monthly(2, 0, first=50),
            *monthly(3, 0, since=330),
            *monthly(4, 0, since=700, until=460), invoice(4, 99, 460, 100, "900"), *monthly(4, 0, first=50),
        ],
    )  # fmt: skip
    told = {who: (row["class_before"], row["class"], row["is_worse"], row["is_better"]) for who, row in found.items()}
    assert told == {
        1: ("sound", "weak", True, False),
        2: ("weak", "sound", False, True),
        3: (None, "sound", False, False),
        4: ("weak", "weak", False, False),  # one invoice was paid 360 days late: unpaid then, and late on average now
    }
    assert found[4]["because_before"] == "long overdue"


def test_a_bought_score_decides_alone_and_only_where_a_line_is_drawn(published: Published):
    invoices = [*monthly(1, 0), *monthly(2, 0), *monthly(3, 0)]
    scores = [
        stated(1, "credit_score", "310", 30),
        stated(1, "credit_score", "620", 400),
        stated(2, "credit_score", "no entry", 30),
        stated(4, "credit_score", "300", 5),
        stated(3, "credit_limit", "1", 5),
    ]
    found = made(published, invoices, preference=scores, class_rule=[rule(low_score=500.0)])
    assert {who: row["class"] for who, row in found.items()} == {1: "weak", 2: "sound", 3: "sound", 4: "weak"}
    assert (found[1]["class_before"], found[4]["invoices_due"]) == ("unknown", 0)
    with Engine.in_memory() as engine:
        without = made(Published(engine), invoices, preference=scores)
    assert without[1]["class"] == "sound"


def test_credits_and_unknown_amounts_do_no_harm(published: Published):
    found = made(published, [*monthly(1, 0), invoice(1, 70, 200, None, "-50"), *(
        invoice(2, at, 50 + at, 50 + at, None) for at in range(4)
    )])  # fmt: skip
    assert {who: row["class"] for who, row in found.items()} == {1: "sound", 2: "sound"}
    assert found[2]["invoiced"] == 0


def test_without_invoices_there_is_no_class(published: Published):
    assert made(published, []) == {}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"sound_late_days": 40}, "sound_late_days is 40, more than weak_late_days, 30"),
        ({"sound_overdue": 0.5}, "sound_overdue is 0.5, more than weak_overdue, 0.25"),
        ({"weak_overdue": 25.0}, "weak_overdue is 25, a share above 1"),
        ({"weak_overdue_days": -1}, "weak_overdue_days is -1"),
    ],
)
def test_lines_that_cannot_be_are_refused(more: dict[str, object], said: str):
    with pytest.raises(ConfigurationError, match=said):
        fit_rules({}, context(**more))


def test_every_class_and_reason_has_its_words():
    assert set(CLASSES) == set(TO_DO) == set(standing.CLASSES)
    assert set(REASONS) == set(standing.REASONS)


def test_figures_that_are_hidden_are_said_to_be():
    shown, hidden = Result(columns=(), rows=()), Result(columns=(), rows=(), hidden=frozenset({(0, 1)}), least=10)
    assert left_out([shown, shown]) == ()
    (said,) = left_out([shown, hidden])
    assert said.values["n"] == 10
