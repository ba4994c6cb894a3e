"""The tables of wallets, a few rows each."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files

import pytest

from clientela.cube.view import AS_OF_TABLES
from clientela.warehouse.asof import as_known
from clientela.warehouse.model import ALL, parse_file
from tests.unit.cube.published import KNOWN_AT, Published, Row, emptied, line, reference

AS_OF = date(2024, 7, 1)
WINDOW = [{"window_days": 100, "as_of": AS_OF}]


@pytest.fixture
def published() -> Iterator[Published]:
    with emptied() as engine:
        yield Published(engine)


def made(published: Published, name: str) -> list[dict[str, object]]:
    model = parse_file((files("clientela.analyse.customer.wallet") / f"{name}.sql").read_text("utf-8"), name)
    tree = as_known(model.tree, ALL, as_of_tables=AS_OF_TABLES)
    given = {"as_of": AS_OF, "known_at": KNOWN_AT, "horizon_days": 92}
    bound = {key: given[key] for key in ("as_of", "known_at", *model.parameters)}
    rows = published.engine.fetch(tree, bound).to_pylist()
    return sorted(rows, key=lambda row: [str(row[key]) for key in model.grain])


def began(who: int, ago: int) -> Row:
    """A row of ``customer_feature``: bought for the first time so many days ago."""
    first = AS_OF - timedelta(days=ago)
    return {
        "customer_id": who, "as_of": AS_OF, "first_bought_on": first, "last_bought_on": first, "repeat_purchases": 0,
        "recency_days": 0, "age_days": ago - 1, "recent_purchases": 0, "revenue": Decimal(1),
        "recent_revenue": Decimal(0), "year_revenue": Decimal(0),
    }  # fmt: skip


def bought(number: int, who: int, ago: int, revenue: str, product: str | None = "tea", kind: str = "sale") -> Row:
    day = (AS_OF - timedelta(days=ago)).isoformat()
    return line(f"o{number}", who, day, revenue, product_id=product, kind=kind)


@pytest.mark.parametrize(
    ("days", "window"), [(9 * 92, 4 * 92), (9 * 92 - 1, 2 * 92), (5 * 92 - 1, 92), (3 * 92, 92), (3 * 92 - 1, None)]
)
def test_the_window_is_as_long_as_the_history_allows(published: Published, days: int, window: int | None):
    published.add(customer_feature=[began(1, days), began(2, 3)])
    assert [row["window_days"] for row in made(published, "wallet_window")] == ([] if window is None else [window])


def test_without_sales_there_is_no_window(published: Published):
    published.add(customer_feature=[])
    assert made(published, "wallet_window") == []


def test_what_was_spent_is_told_by_window_and_category_of_customers_of_old(published: Published):
    published.add(
        wallet_window=WINDOW,
        customer_feature=[began(1, 250), began(2, 150), began(3, 50), began(4, 250)],
        product=[reference(product_id="tea", category="Tea"), reference(product_id="mug", category="Mugs")],
        order_line=[
            bought(1, 1, 250, "1"),
            bought(2, 1, 150, "30"), bought(3, 1, 100, "40"), bought(4, 1, 1, "5", "mug"),
            bought(5, 1, 2, "-10", kind="return"), bought(6, 1, 3, "7", None),
            bought(7, 2, 150, "30"), bought(8, 2, 50, "11"),  # came within the window before
            bought(9, 3, 50, "99"),  # came within the window now
            bought(10, 4, 250, "5"), bought(11, 4, 20, "-5", kind="return"),
        ],
    )  # fmt: skip
    found = {
        (row["customer_id"], row["period"], row["category"]): str(row["spent"])
        for row in made(published, "wallet_spend")
    }
    assert found == {
        (1, "before", ""): "30.0000", (1, "before", "Tea"): "30.0000",
        (1, "now", ""): "42.0000", (1, "now", "Tea"): "30.0000", (1, "now", "Mugs"): "5.0000",
        (1, "now", "other"): "7.0000", (2, "now", ""): "11.0000", (2, "now", "Tea"): "11.0000",
    }  # fmt: skip


def test_small_categories_are_put_together(published: Published):
    published.add(
        wallet_window=WINDOW,
        customer_feature=[began(1, 300)],
        product=[reference(product_id=f"p{at}", category=f"C{at:02}") for at in range(14)],
        order_line=[
            bought(99, 1, 300, "1"), *(bought(at, 1, 5, str(100 - at), f"p{at}") for at in range(14)),
        ],
    )  # fmt: skip
    found = {row["category"]: row["spent"] for row in made(published, "wallet_spend") if row["period"] == "now"}
    assert set(found) == {"", "other", *(f"C{at:02}" for at in range(11))}
    assert found["other"] == 89 + 88 + 87


def person(who: int, **more: object) -> Row:
    return {"customer_id": who, "records": 1, "sources": 1, **more}


def told(who: int, topic: str, value: str) -> Row:
    return {
        "source": "crm", "topic": topic, "value": value, "customer_id": who, "happened_on": AS_OF - timedelta(days=9),
        "happened_at": KNOWN_AT - timedelta(days=9), "known_from": KNOWN_AT - timedelta(days=9), "known_assumed": False,
    }  # fmt: skip


def test_peers_share_sector_or_household_and_then_size(published: Published):
    published.add(
        customer=[
            person(1, kind="organisation", sector="hotels", credit_limit=Decimal(25000)),
            person(2, kind="organisation", sector="hotels"),
            person(3, kind="person"), person(4, kind="person"), person(5), person(6, credit_limit=Decimal(0)),
        ],
        customer_relation=[
            {"from_customer_id": 4, "to_customer_id": 3, "kind": "household", "basis": "derived"},
            {"from_customer_id": 5, "to_customer_id": 1, "kind": "works_at", "basis": "delivered"},
        ],
        preference=[
            told(2, "size", "50-99"), told(2, "wallet", "1200.50"), told(3, "wallet", "much"), told(5, "size", "1-9"),
        ],
    )  # fmt: skip
    found = {
        row["customer_id"]: (row["peer_1"], row["peer_2"], row["stated_wallet"])
        for row in made(published, "wallet_peer")
    }
    assert found == {
        1: ("organisation, hotels", "organisation, hotels, limit 1e5", None),
        2: ("organisation, hotels", "organisation, hotels, size 50-99", Decimal("1200.5")),
        3: ("person, household 2", None, None),
        4: ("person, household 2", None, None),
        5: (None, "any, size 1-9", None),
        6: (None, None, None),
    }


def spend(who: int, category: str, spent: str, period: str = "now") -> Row:
    return {"customer_id": who, "period": period, "category": category, "as_of": AS_OF, "spent": Decimal(spent)}


def test_counts_are_those_of_all_and_of_each_group_of_peers(published: Published):
    peers = {"as_of": AS_OF, "peer_2": None, "stated_wallet": None}
    published.add(
        wallet_spend=[spend(1, "", "100"), spend(2, "", "100.5"), spend(3, "", "0.001"), spend(3, "", "5", "before")],
        wallet_peer=[
            {"customer_id": 1, "peer_1": "a", **peers},
            {"customer_id": 2, "peer_1": "a", **peers, "peer_2": "a, b"},
        ],
    )
    names = ("period", "depth", "peer_group", "bucket", "customers")
    assert [tuple(row[name] for name in names) for row in made(published, "wallet_count")] == [
        ("before", 0, "", 80, 1),
        ("now", 0, "", -231, 1), ("now", 0, "", 230, 2), ("now", 1, "a", 230, 2), ("now", 2, "a, b", 230, 1),
    ]  # fmt: skip


def edge(group: str, category: str, frontier: int, low: int, high: int) -> Row:
    return {
        "depth": 1 if group else 0, "peer_group": group, "category": category, "frontier": Decimal(frontier),
        "low": Decimal(low), "high": Decimal(high), "customers": 50, "model_version": "1",
    }  # fmt: skip


def test_the_room_is_what_the_best_served_spend_beyond_in_each_category_and_in_all(published: Published):
    peers = {"as_of": AS_OF, "peer_2": None}
    published.add(
        wallet_window=WINDOW,
        wallet_peer=[
            {"customer_id": 1, "peer_1": "hotels", **peers}, {"customer_id": 2, "peer_1": "unknown", **peers},
            {"customer_id": 4, "peer_1": "hotels", **peers, "stated_wallet": Decimal(365)},
        ],
        wallet_spend=[
            *(spend(1, name, spent) for name, spent in (("", "60"), ("Tea", "50"), ("Mugs", "10"))),
            *(spend(2, name, "10") for name in ("", "Tea")),
            *(spend(3, name, "500") for name in ("", "Tea")),
            *(spend(4, name, "40") for name in ("", "Tea")),
            spend(5, "", "9", "before"),
        ],
        wallet_frontier=[
            edge("hotels", "", 100, 90, 120), edge("hotels", "Tea", 80, 70, 90), edge("hotels", "Mugs", 60, 50, 70),
            edge("", "", 50, 40, 60), edge("", "Tea", 30, 20, 40), edge("", "Mugs", 0, 0, 0),
        ],
    )  # fmt: skip
    found = {
        (row["customer_id"], row["category"]): tuple(
            float(row[name]) for name in ("spent", "room", "room_low", "room_high")
        )
        for row in made(published, "customer_wallet")
    }
    # 1: gaps 30 and 50 add up to 80, yet in all 40 are missing: half of each
    assert found[1, "Tea"][:2] == (50, 15)
    assert found[1, "Mugs"][:2] == (10, 25)
    assert found[1, "Tea"][2] == 10  # gaps 20 and 40, in all 30 missing
    assert found[1, "Mugs"][3] == pytest.approx(60 * 60 / 100, abs=1e-3)  # gaps 40 and 60, in all 60 missing
    assert found[2, "Tea"] == (10, 20, 10, 30)  # of peers that were not told apart: all
    assert found[3, "Tea"] == (500, 0, 0, 0)
    # 4 stated 365 a year, so 100 in the window: 60 left, parted as the best served part theirs
    assert found[4, "Tea"][1] + found[4, "Mugs"][1] == pytest.approx(60, abs=1e-3)
    assert found[4, "Tea"][1] == found[4, "Tea"][2] == found[4, "Tea"][3]
    assert set(found) == {(1, "Tea"), (1, "Mugs"), (2, "Tea"), (3, "Tea"), (4, "Tea"), (4, "Mugs")}
