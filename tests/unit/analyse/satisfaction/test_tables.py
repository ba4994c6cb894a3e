"""What customers did before and after they said how content they are, a few lines each."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files

import pytest

from clientela.cube.view import AS_OF_TABLES
from clientela.warehouse.asof import as_known
from clientela.warehouse.model import ALL, parse_file
from tests.unit.cube.published import KNOWN_AT, Published, Row, emptied, line

AS_OF = date(2024, 7, 1)
HORIZON = 50


@pytest.fixture
def published() -> Iterator[Published]:
    with emptied() as engine:
        yield Published(engine)


def made(published: Published, name: str) -> list[dict[str, object]]:
    model = parse_file((files("clientela.analyse.customer.satisfaction") / f"{name}.sql").read_text("utf-8"), name)
    tree = as_known(model.tree, ALL, as_of_tables=AS_OF_TABLES)
    given = {"as_of": AS_OF, "known_at": KNOWN_AT, "horizon_days": HORIZON}
    bound = {key: given[key] for key in ("as_of", "known_at", *model.parameters)}
    rows = published.engine.fetch(tree, bound).to_pylist()
    return sorted(rows, key=lambda row: [str(row[key]) for key in model.grain])


def fact(who: int | None, ago: int, **more: object) -> Row:
    at = KNOWN_AT - timedelta(days=ago) + timedelta(hours=12)
    return {
        "source": "desk", "customer_id": who, "happened_on": AS_OF - timedelta(days=ago), "happened_at": at,
        "known_from": at, "known_assumed": False, **more,
    }  # fmt: skip


def answer(who: int | None, ago: int, score: int, instrument: str = "nps", about: str | None = None) -> Row:
    return fact(who, ago, answer_id=f"{who}-{ago}", score=score, instrument=instrument, about=about)


def complaint(who: int, ago: int, kind: str = "complaint") -> Row:
    return fact(who, ago, case_id=f"{who}-{ago}", kind=kind)


def bought(who: int, ago: int, revenue: str = "10", discount: str | None = "0", **more: object) -> Row:
    day = (AS_OF - timedelta(days=ago)).isoformat()
    cut = None if discount is None else Decimal(discount)
    return line(f"{who}-{ago}", who, day, revenue, discount=cut, **more)


@pytest.mark.parametrize(
    ("instrument", "feelings"),
    [
        ("nps", {0: "dissatisfied", 6: "dissatisfied", 7: "neutral", 8: "neutral", 9: "satisfied", 10: "satisfied"}),
        ("csat", {1: "dissatisfied", 2: "dissatisfied", 3: "neutral", 4: "satisfied", 5: "satisfied"}),
        ("ces", {1: "dissatisfied", 3: "dissatisfied", 4: "neutral", 5: "neutral", 6: "satisfied", 7: "satisfied"}),
    ],
)
def test_each_scale_has_its_feelings(published: Published, instrument: str, feelings: dict[int, str]):
    published.add(
        survey_answer=[answer(score + 1, 60, score, instrument) for score in feelings], service_case=[], order_line=[]
    )
    assert {row["customer_id"] - 1: row["feeling"] for row in made(published, "satisfaction_case")} == feelings  # type: ignore[operator]


def test_the_latest_answer_that_a_horizon_followed_counts_and_else_a_complaint(published: Published):
    published.add(
        survey_answer=[answer(1, 300, 9), answer(1, 51, 3), answer(1, 50, 10), answer(2, 20, 10), answer(None, 90, 1)],
        service_case=[complaint(1, 200), complaint(2, 100), complaint(3, 60, "request"), complaint(4, 50)],
        order_line=[],
    )
    found = [(row["customer_id"], row["feeling"], row["told_on"]) for row in made(published, "satisfaction_case")]
    assert found == [
        (1, "dissatisfied", AS_OF - timedelta(days=51)),
        (2, "complained", AS_OF - timedelta(days=100)),
    ]


def test_behaviour_is_counted_on_its_side_of_the_day(published: Published):
    published.add(
        survey_answer=[answer(1, 100, 9, about="service")],
        service_case=[],
        order_line=[
            bought(1, 201), bought(1, 200), bought(1, 151),
            bought(1, 150, "20", "2"), bought(1, 101, "30", None), bought(1, 101, "-5", kind="return", line_no="2"),
            bought(1, 100, "999"), bought(1, 99, "40", "1"), bought(1, 50, "8"), bought(1, 49, "77"),
        ],
    )  # fmt: skip
    row = made(published, "satisfaction_case")[0]
    told = {name: row[name] for name in row if name not in ("customer_id", "told_on")}
    assert told == {
        "feeling": "satisfied", "about": "service", "known_days": 101, "ever_days": 5,
        "older_days": 2, "before_days": 2, "after_days": 2,
        "before_revenue": 45, "after_revenue": 48, "before_known": 20, "after_known": 48,
        "before_discounted": 20, "after_discounted": 40,
    }  # fmt: skip


def test_who_answered_is_told_from_who_did_not(published: Published):
    def feature(who: int, revenue: str, ago: int) -> Row:
        last = AS_OF - timedelta(days=ago)
        return {
            "customer_id": who, "as_of": AS_OF, "first_bought_on": last, "last_bought_on": last, "repeat_purchases": 0,
            "recency_days": 0, "age_days": ago, "recent_purchases": 0, "revenue": Decimal(revenue),
            "recent_revenue": Decimal(0), "year_revenue": Decimal(revenue),
        }  # fmt: skip

    features = [feature(1, "10", 5), feature(2, "20", 5), feature(3, "30", 300), feature(4, "40", 366)]
    published.add(customer_feature=features, survey_answer=[answer(1, 20, 9), answer(2, 366, 9)])
    assert made(published, "satisfaction_reply") == [
        {"has_answered": 0, "customers": 2, "revenue": Decimal(50)},
        {"has_answered": 1, "customers": 1, "revenue": Decimal(10)},
    ]


def test_where_nobody_ever_answered_nothing_is_computed(published: Published):
    published.add(customer_feature=[], survey_answer=[], service_case=[], order_line=[bought(1, 9)])
    assert made(published, "satisfaction_reply") == []
    assert made(published, "satisfaction_case") == []


def test_prices_that_changed_stand_beside_what_both_bought_after_they_said_so(published: Published):
    def case(who: int, feeling: str, ago: int) -> Row:
        counts = ("known_days", "ever_days", "older_days", "before_days", "after_days")
        money = [f"{when}_{what}" for when in ("before", "after") for what in ("revenue", "known", "discounted")]
        plain = {**dict.fromkeys(counts, 1), **dict.fromkeys(money, Decimal(0))}
        return {**plain, "customer_id": who, "as_of": AS_OF, "feeling": feeling, "told_on": AS_OF - timedelta(days=ago)}

    def piece(who: int | None, ago: int, product: str, revenue: str, quantity: str = "1", **more: object) -> Row:
        day = (AS_OF - timedelta(days=ago)).isoformat()
        sold = {"product_id": product, "quantity": Decimal(quantity), **more}
        return line(f"{who}-{ago}-{product}", who, day, revenue, **sold)

    april, may, june = 85, 55, 25  # days before 1 July
    published.add(
        satisfaction_case=[case(1, "satisfied", 100), case(2, "dissatisfied", 80), case(3, "neutral", 100)],
        order_line=[
            piece(1, april, "a", "10"), piece(1, may, "a", "24", "2"), piece(None, may, "a", "18"),
            piece(2, june, "a", "30", "3"), piece(3, june, "a", "20"), piece(2, april, "a", "10"),
            piece(2, june, "a2", "-10", kind="return"),
            *(piece(who, ago, "same", "5") for who in (1, 2) for ago in (april, may, june)),
            *(piece(1, ago, "one", price) for ago, price in ((april, "1"), (may, "2"), (june, "3"))),
            piece(1, 101, "a", "99"),
        ],
    )  # fmt: skip
    found = [
        (row["product_id"], str(row["month"]), row["feeling"], row["price"], row["days"], row["pieces"], row["lines"])
        for row in made(published, "satisfaction_price")
    ]
    assert found == [  # one of the others always cost the same, one was bought by the satisfied alone
        ("a", "2024-04-01", "satisfied", Decimal(10), 1, Decimal(1), 1),
        ("a", "2024-05-01", "dissatisfied", Decimal(15), 1, Decimal(0), 0),
        ("a", "2024-05-01", "satisfied", Decimal(15), 1, Decimal(2), 1),
        ("a", "2024-06-01", "dissatisfied", Decimal(15), 1, Decimal(3), 1),
        ("a", "2024-06-01", "satisfied", Decimal(15), 1, Decimal(0), 0),
    ]


def test_without_anybody_who_said_how_content_they_are_there_are_no_prices(published: Published):
    published.add(satisfaction_case=[], order_line=[bought(1, 9)])
    assert made(published, "satisfaction_price") == []
