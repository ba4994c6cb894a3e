"""What a group turns by, and which words name a competitor: the tables of computed groups, a few rows each."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from tests.unit.analyse.test_group_tables import AS_OF, NO_LINES, ORIGIN, feature, made
from tests.unit.cube.published import Published, emptied, line, reference


@pytest.fixture
def published() -> Iterator[Published]:
    with emptied() as engine:
        yield Published(engine)


@pytest.mark.parametrize(
    ("drawn", "because"),
    [
        ({}, "others"),
        ({"recent_days": 30, "often_purchases": 4}, "others"),  # by money they are still compared
        ({"recent_days": 30, "often_purchases": 4, "high_revenue": Decimal(100)}, "changed"),
        ({"often_purchases": 4, "high_revenue": Decimal(100)}, "changed"),
    ],
)
def test_with_lines_of_the_company_no_group_turns_because_of_others(
    published: Published, drawn: dict[str, object], because: str
):
    """An earlier purchase was corrected: one day fewer, for as much money in all."""
    same = {
        "customer_id": 1, "revenue": Decimal(500), "recency_fifth": 3, "frequency_fifth": 1, "money_fifth": 5,
        "last_bought_on": date(2024, 3, 1),
    }  # fmt: skip
    published.add(
        rfm=[
            {**same, "as_of": ORIGIN, "days_since": 30, "purchase_days": 4, "segment": "rfm:need-attention"},
            {**same, "as_of": AS_OF, "days_since": 122, "purchase_days": 3, "segment": "rfm:about-to-sleep"},
        ],
        rfm_limit=[{**NO_LINES, **drawn}],
        cluster_of=[],
        life_cycle=[],
    )
    turned = made(published, "group_member")[-1]
    assert (turned["valid_from"], turned["entered_because"]) == (AS_OF, because)
    told = ("purchase_days", "4", "3", "order_line") if because == "changed" else (None, None, None, None)
    assert tuple(turned[f"entered_{each}"] for each in ("by", "was", "is", "table")) == told


@pytest.mark.parametrize(
    ("words", "segment"),
    [
        ("Lost to a COMPETITOR", "life:competitors"),
        ("Competition was cheaper", "life:competitors"),
        ("Se fue a un competidor", "life:competitors"),
        ("La competencia", "life:competitors"),
        ("Andato da un concorrente", "life:competitors"),
        ("La concorrenza", "life:competitors"),
        ("Naar de concurrentie", "life:competitors"),
        ("Bij een concurrent", "life:competitors"),
        ("Price not competitive", "life:prospect"),
        ("Lack of competence", "life:prospect"),
        ("Precio poco competitivo", "life:prospect"),
        ("Prezzo non concorrenziale", "life:prospect"),
        ("Niet concurrentieel", "life:prospect"),
        ("Geen concurrentiële prijs", "life:prospect"),
        (None, "life:prospect"),
    ],
)
def test_a_competitor_is_told_from_what_is_not_competitive(published: Published, words: str | None, segment: str):
    """By why an opportunity was lost, and by what kind of list names them."""
    published.add(
        order_line=[line("a", 1, "2024-06-20", "10")],
        customer_feature=[feature(1, 11, 1, "10")],
        lapse=[{"percentile": 95, "lapse_days": 40, "gaps": 9}],
        customer=[
            {"customer_id": who, "records": 1, "sources": 1, "first_created_on": date(2024, 1, 1)} for who in (11, 12)
        ],
        customer_record=[reference(customer_id=12, list_id="list", happened_on=date(2024, 1, 1))],
        contact_list=[reference(list_id="list", kind=words)],
        opportunity=[
            reference(opportunity_id="1", customer_id=11, happened_on=date(2024, 2, 1), status="lost",
                      closed_on=date(2024, 5, 1), lost_reason=words),
        ],
    )  # fmt: skip
    found = {row["customer_id"]: row["segment"] for row in made(published, "life_cycle", lapse_days=30)}
    listed = "life:qualified" if segment == "life:prospect" else segment
    assert found == {1: "life:new", 11: segment, 12: listed}
