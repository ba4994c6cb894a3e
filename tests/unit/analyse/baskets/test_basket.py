"""basket, from order lines to the answer: through a real engine and the real cube."""

import gzip
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from importlib.resources import files
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clientela.analyse.customer.baskets.basket import BASKET, fit_basket
from clientela.contracts.analysis import Arrays, FitContext, KnowledgeBase
from clientela.contracts.insight import Insight
from clientela.contracts.text import Text
from clientela.cube.knowledge import knowledge
from clientela.cube.view import AS_OF_TABLES
from clientela.errors import UsageError
from clientela.warehouse.asof import as_known
from clientela.warehouse.engine import Engine
from clientela.warehouse.model import ALL, parse_file
from tests.unit.analyse.test_churn_risk import rows, said
from tests.unit.cube.published import Published, Row, emptied, line, reference

AS_OF = date(2024, 7, 1)
KNOWN_AT = datetime.fromisoformat("2024-07-01")
Baskets = Sequence[tuple[int | None, Sequence[str]]]  # who bought, and what


def lines(baskets: Baskets, day: str = "2024-05-01") -> list[Row]:
    return [
        line(f"o{number}", customer, day, "1", line_no=str(place), product_id=item)
        for number, (customer, items) in enumerate(baskets)
        for place, item in enumerate(items)
    ]


def sold(published: Published) -> dict[str, Arrays]:
    """What a run gives the fit: ``basket_item`` and ``basket_line``."""
    tables = {}
    for name in ("basket_item", "basket_line"):
        source = files("clientela.analyse.customer.baskets") / f"{name}.sql"
        tree = as_known(parse_file(source.read_text("utf-8"), name).tree, ALL, as_of_tables=AS_OF_TABLES)
        made = published.engine.fetch(tree, {"as_of": AS_OF, "known_at": KNOWN_AT}).to_pylist()
        if name not in published.tables:
            published.add(**{name: [{**row, "as_of": AS_OF} for row in made]})
        columns = [each for each in ALL[name].names if each not in ("as_of", "customer_id")]
        text = ("product_id", "item_group")
        arrays = {
            each: np.array([row[each] for row in made], dtype=object if each in text else np.int64) for each in columns
        }
        tables[name] = {**arrays, "as_of": np.full(len(made), np.datetime64(AS_OF, "D"))}
    return tables


def counted(published: Published) -> list[dict[str, Any]]:
    """What ``basket_set`` holds."""
    return rows(fit_basket(sold(published), context())["basket_set"])


def context(**parameters: Any) -> FitContext:
    return FitContext(
        as_of=AS_OF, origins=(), horizon_days=92, first_day=AS_OF - timedelta(days=400), version="1",
        parameters={**BASKET.fit_parameters, **parameters}, sample=1.0, rng=np.random.default_rng(0),
    )  # fmt: skip


def knowing(published: Published, **parameters: Any) -> KnowledgeBase:
    """The knowledge base after a run of what is published."""
    fitted = fit_basket(sold(published), context(**parameters))
    learned = {"analysis": "basket", "contract_hash": "0", "learned_at": datetime.fromisoformat("2024-07-01T09:30")}
    published.add(
        basket_rule=rows(fitted["basket_rule"]),
        model=[{**learned, **row} for row in rows(fitted["model"])],
        backtest=[],
    )
    return knowledge(
        published.engine, snapshot="7", tables=published.tables, people=None, currency="EUR", timezone="Europe/Madrid",
        lapse_days=30, run_as_of=AS_OF, run_known_at=datetime.fromisoformat("2024-07-01T09:30"),
    )  # fmt: skip


def asked(kb: KnowledgeBase, **parameters: Any) -> Insight:
    return BASKET.answer(kb, {**BASKET.parameters, **parameters})


@pytest.fixture
def published() -> Iterator[Published]:
    with emptied() as engine:
        yield Published(engine)


def breakfast() -> Baskets:
    """200 customers, two orders each: who takes bread takes butter three times in four; milk comes by chance."""
    rng = np.random.default_rng(3)
    baskets = []
    for number in range(400):
        bread, milk = rng.random() < 0.4, rng.random() < 0.4
        butter = rng.random() < (0.75 if bread else 0.1)
        items = [item for item, there in (("bread", bread), ("butter", butter), ("milk", milk)) if there]
        baskets.append((number % 200, items or ["salt"]))
    return baskets


@settings(deadline=None, max_examples=15)
@given(st.lists(st.tuples(st.integers(1, 8), st.frozensets(st.sampled_from("abcdefg"), min_size=1)), max_size=45))
@example([(number % 8 + 1, frozenset(items)) for number, items in enumerate(5 * ["abc"] + 2 * ["ab", "ac", "bc"])])
def test_the_sets_are_those_that_counting_everything_finds(baskets: list[tuple[int, frozenset[str]]]):
    with Engine.in_memory() as engine:
        published = Published(engine).add(order_line=lines([(who, sorted(what)) for who, what in baskets]), product=[])
        found = counted(published)
    name = {row["item_1"]: row["name"] for row in found if row["size"] == 1}
    told = {
        tuple(name[row[f"item_{place}"]] for place in range(1, row["size"] + 1)): (row["baskets"], row["customers"])
        for row in found
        if row["size"]
    }
    expected = {}
    for size in range(1, 7):
        for chosen in combinations("abcdefg", size):
            who = [customer for customer, items in baskets if set(chosen) <= items]
            if len(who) >= 5 and len(set(who)) >= 5:
                expected[chosen] = (len(who), len(set(who)))
    assert told == expected
    assert [row["baskets"] for row in found if not row["size"]] == ([len(baskets)] if baskets else [])


def test_the_grocers_rules_are_as_many_as_published_through_the_run(published: Published, shared_data: Path):
    with gzip.open(shared_data / "groceries" / "groceries.csv.gz", "rt", encoding="utf-8") as file:
        baskets = [
            (number, sorted({each.strip() for each in row.split(",")} - {""})) for number, row in enumerate(file)
        ]
    published.add(order_line=lines(baskets), product=[])
    given = sold(published)
    assert (np.asarray(fit_basket(given, context())["basket_set"]["size"]) > 0).sum() == 13_492
    for support, confidence, number in ((0.001, 0.5, 5668), (0.001, 0.8, 410), (0.006, 0.25, 463)):
        fitted = fit_basket(given, context(support=support, confidence=confidence, false_share=1.0, most=100_000))
        assert fitted["basket_rule"]["right"].size == number


def test_the_answer_tells_the_rule_that_was_planted_and_not_the_one_of_chance(published: Published):
    insight = asked(knowing(published.add(order_line=lines(breakfast()), product=[])))
    both = sum({"bread", "butter"} <= set(items) for _, items in breakfast())
    bread = sum("bread" in items for _, items in breakfast())
    butter = sum("butter" in items for _, items in breakfast())
    lift = both * 400 / (bread * butter)
    left, right, with_left = ("butter", "bread", butter) if butter < bread else ("bread", "butter", bread)
    assert insight.table is not None
    assert [row[:3] for row in insight.table.rows] == [(left, right, both)]
    assert said(insight.headline).startswith(
        f"{round(both / with_left, 6)} of the orders with {left} also hold {right}:"
    )
    assert float(insight.table.rows[0][8].value) == pytest.approx(lift, abs=1e-5)  # type: ignore[union-attr]
    low, high = insight.table.rows[0][6:8]
    assert 0 < low < both / with_left < high < 1  # type: ignore[operator]
    assert insight.evidence is None
    assert insight.abstained is None


def test_groups_are_told_where_products_have_them_and_names_stand_for_numbers(published: Published):
    product = [
        reference(product_id="bread", name="Rye bread", category="Food", subcategory="Bakery"),
        reference(product_id="butter", name=None, category="Dairy", subcategory=None),
        reference(product_id="milk", name="Milk", category="Drinks", subcategory=None),
    ]
    kb = knowing(published.add(order_line=lines(breakfast()), product=product))
    groups, products = asked(kb), asked(kb, level="product")
    assert groups.table is not None
    assert products.table is not None
    assert {*groups.table.rows[0][:2]} == {"Bakery", "Dairy"}
    assert {*products.table.rows[0][:2]} == {"Rye bread (bread)", "butter"}


def test_no_rule_rests_on_fewer_than_five_orders_or_customers(published: Published):
    few_orders = [(number, ["pen", "ink"]) for number in range(4)] + [(number, ["pad"]) for number in range(100)]
    few_people = [(number % 4, ["cup", "tea"]) for number in range(40)]
    kb = knowing(published.add(order_line=lines([*few_orders, *few_people]), product=[]), false_share=1.0)
    told = asked(kb)
    assert told.table is None
    assert "at least 5 orders of 5 customers" in said(told.abstained)
    assert not [row for row in counted(published) if row["size"] == 2]


def test_an_order_of_nobody_known_counts_as_a_customer_of_its_own(published: Published):
    kb = knowing(published.add(order_line=lines([(None, items) for _, items in breakfast()]), product=[]))
    told = asked(kb)
    assert told.table is not None
    assert told.table.rows[0][2] == told.table.rows[0][4]


def test_orders_of_too_many_items_are_left_out_and_said(published: Published):
    giant = [(number, [f"p{place}" for place in range(61)]) for number in range(20)]
    kb = knowing(published.add(order_line=lines([*breakfast(), *giant]), product=[]))
    assert [said(each) for each in asked(kb).caveats][-1] == (
        "20 orders with more than 60 different items were left out."
    )


@pytest.mark.parametrize(
    ("sold", "reason"),
    [
        ([], "There are no sales yet"),
        ([(1, ["a"])], "nothing is bought together"),
        ([(number, ["a", "b"]) for number in range(30)], "nothing is bought together"),  # always: no surprise
    ],
)
def test_it_abstains_where_there_is_nothing_to_tell(published: Published, sold: Baskets, reason: str):
    assert reason in said(asked(knowing(published.add(order_line=lines(sold), product=[]))).abstained)


def test_orders_without_products_are_named_as_what_is_missing(published: Published):
    totals = [line(f"o{number}", number, "2024-05-01", "9") for number in range(30)]
    assert "names its products" in said(asked(knowing(published.add(order_line=totals, product=[]))).abstained)


def test_as_of_a_day_without_a_run_it_names_the_command(published: Published):
    knowing(published.add(order_line=lines(breakfast()), product=[]))
    kb = knowledge(
        published.engine, snapshot="7", tables=published.tables, people=None, currency="EUR", timezone="Europe/Madrid",
        lapse_days=30, run_as_of=AS_OF, run_known_at=KNOWN_AT, as_of=date(2024, 6, 1),
    )  # fmt: skip
    assert "clientela run --as-of 2024-06-01" in said(asked(kb).abstained)


@pytest.mark.parametrize("wrong", [{"list": 0}, {"level": "brand"}, {"order": "alphabet"}])
def test_a_parameter_that_cannot_be_is_refused(published: Published, wrong: dict[str, Any]):
    kb = knowing(published.add(order_line=lines(breakfast()), product=[]))
    with pytest.raises(UsageError, match=next(iter(wrong))):
        asked(kb, **wrong)


def test_every_sentence_is_a_message(published: Published):
    insight = asked(knowing(published.add(order_line=lines(breakfast()), product=[])))
    assert all(isinstance(each, Text) for each in (*insight.lead, *insight.sure, *insight.caveats, *insight.next))
