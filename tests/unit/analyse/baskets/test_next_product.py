"""next-product, from order lines to the answer: through a real engine and the real cube."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from sqlglot import exp

from clientela.access.area import Area
from clientela.access.rights import Names, Right, Scope
from clientela.analyse.customer.baskets.next_fit import fit_next
from clientela.analyse.customer.baskets.next_lists import again, first_time, held_out
from clientela.analyse.customer.baskets.next_product import _WAYS, NEXT_PRODUCT
from clientela.contracts.analysis import Arrays, FitContext, KnowledgeBase
from clientela.contracts.insight import Insight, Level
from clientela.contracts.schema import Type
from clientela.cube.knowledge import knowledge
from clientela.cube.view import AS_OF_TABLES
from clientela.errors import UsageError
from clientela.warehouse.asof import as_known
from clientela.warehouse.engine import Engine
from clientela.warehouse.model import ALL, parse_file
from tests.unit.analyse.test_churn_risk import rows, said
from tests.unit.cube.published import Published, Row, line, reference

AS_OF = date(2024, 7, 1)
KNOWN_AT = datetime.fromisoformat("2024-07-01")
RUN_AT = datetime.fromisoformat("2024-07-01T09:30")


def made(published: Published, name: str) -> list[dict[str, Any]]:
    """What the model gives as of the date, ordered by its grain."""
    source = files("clientela.analyse.customer.baskets") / f"{name}.sql"
    model = parse_file(source.read_text("utf-8"), name)
    tree = as_known(model.tree, ALL, as_of_tables=AS_OF_TABLES)
    asked = {each: value for each, value in (("as_of", AS_OF), ("known_at", KNOWN_AT)) if each in tree.sql()}
    found = published.engine.fetch(tree, asked).to_pylist()
    return [{**row, "as_of": AS_OF} for row in sorted(found, key=lambda row: [row[key] for key in model.grain])]


def arrays(table: str, found: Sequence[Row]) -> Arrays:
    kinds = {Type.TEXT: object, Type.INT: np.int64, Type.DATE: "datetime64[D]", Type.MONEY: np.float64}
    return {
        column.name: np.array([row[column.name] for row in found], dtype=kinds[column.type])
        for column in ALL[table].columns
    }


def context() -> FitContext:
    return FitContext(
        as_of=AS_OF, origins=(), horizon_days=92, first_day=AS_OF - timedelta(days=400), version="1",
        parameters={}, sample=1.0, rng=np.random.default_rng(0),
    )  # fmt: skip


def knowing(published: Published) -> KnowledgeBase:
    """The knowledge base after a run of what is published."""
    for name in ("next_item", "next_sample"):
        published.add(**{name: made(published, name)})
    tables = {name: arrays(name, made(published, name)) for name in ("next_item", "next_sample")}
    fitted = fit_next(tables, context())
    learned = {"analysis": "next-product", "contract_hash": "0", "learned_at": RUN_AT}
    published.add(
        next_affinity=rows(fitted["next_affinity"]),
        next_chance=rows(fitted["next_chance"]),
        model=[{**learned, **row} for row in rows(fitted["model"])],
        backtest=[{"analysis": "next-product", **row} for row in rows(fitted["backtest"])],
    )
    published.add(next_product=made(published, "next_product"))
    return seen(published)


def seen(published: Published, scope: Scope | None = None) -> KnowledgeBase:
    """What is published, as far as a scope shows it."""
    return knowledge(
        published.engine, snapshot="7", tables=published.tables, people=None, currency="EUR", timezone="Europe/Madrid",
        lapse_days=30, run_as_of=AS_OF, run_known_at=RUN_AT, scope=scope,
    )  # fmt: skip


def asked(kb: KnowledgeBase, **parameters: Any) -> Insight:
    return NEXT_PRODUCT.answer(kb, {**NEXT_PRODUCT.parameters, **parameters})


def wandering(customers: int, orders: int = 9, seed: int = 1) -> list[Row]:
    """Customers of four tastes who try a new product of their taste each time, and whose favourite changes."""
    rng = np.random.default_rng(seed)
    sold: list[Row] = []
    for customer in range(1, customers + 1):
        taste, favourite = customer % 4, int(rng.integers(15))
        day = date(2023, 9, 1) + timedelta(days=int(rng.integers(30)))
        for number in range(orders):
            if number == orders // 2:
                favourite = int(rng.integers(15))
            chosen = {f"t{taste}-{int(each):02}" for each in rng.integers(0, 30, 2)} | {f"t{taste}-{favourite:02}"}
            chosen |= {f"t{int(rng.integers(4))}-{int(rng.integers(30)):02}"} if rng.random() < 0.2 else set()
            for place, product in enumerate(sorted(chosen)):
                order = f"o{customer}-{number}"
                sold.append(line(order, customer, day.isoformat(), "10", line_no=str(place), product_id=product))
            day += timedelta(days=int(rng.integers(15, 32)))
    return [row for row in sold if row["happened_on"] < AS_OF]  # type: ignore[operator]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.in_memory() as opened:
        yield opened


@pytest.fixture(scope="module")
def published(engine: Engine) -> Published:
    return Published(engine).add(order_line=wandering(240), product=[])


@pytest.fixture(scope="module")
def kb(published: Published) -> KnowledgeBase:
    return knowing(published)


@pytest.fixture
def fresh() -> Iterator[Published]:
    with Engine.in_memory() as opened:
        yield Published(opened)


def test_an_item_tells_how_often_how_lately_and_what_one_purchase_brings(fresh: Published):
    day_sold = [
        line("a", 1, "2024-06-20", "10", product_id="tea", cost_of_goods=Decimal(4)),
        line("a", 1, "2024-06-20", "2", line_no="2", product_id="tea", cost_of_goods=Decimal(1)),
        line("b", 2, "2024-01-20", "20", product_id="tea"),
        line("c", 2, "2024-01-20", "5", product_id="cup"),
        line("d", None, "2024-06-20", "5", product_id="cup"),
        line("e", 3, "2023-06-20", "5", product_id="old"),
    ]
    fresh.add(order_line=day_sold, product=[reference(product_id="tea", category="Drinks", subcategory=None)])
    tea, cup = made(fresh, "next_item")
    assert [tea[name] for name in ("product_id", "item_group", "customers", "purchases", "recent_purchases")] == [
        "tea", "Drinks", 2, 2, 1,
    ]  # fmt: skip
    assert (tea["revenue_each"], tea["margin_each"]) == (Decimal("16.0000"), Decimal("7.0000"))
    assert (cup["customers"], cup["margin_each"]) == (1, None)


def test_what_is_held_out_is_the_last_day_and_what_came_before_is_known():
    customer, back = np.array([0, 0, 0, 1, 1]), np.array([1, 2, 2, 1, 1])
    bought, who, item = held_out(customer, back, np.array([5.0, 9, 9, 3, 3]), np.array([1, 1, 2, 1, 3]), 1, 3)
    assert (bought.customer.tolist(), bought.item.tolist(), bought.days.tolist()) == ([0, 0], [1, 2], [0.0, 0.0])
    assert (who.tolist(), item.tolist()) == ([0], [1])  # of customer 1 nothing came before
    assert not first_time(bought, who, item).any()


def test_a_purchase_long_ago_counts_less():
    customer, back = np.zeros(5, dtype=int), np.array([3, 3, 2, 2, 1])
    days, item = np.array([100.0, 100, 90, 90, 1]), np.array([1, 2, 1, 2, 2])
    bought, _, _ = held_out(customer, back, days, item, 0, 2)
    often, lately = again(bought, [1e9, 30.0])
    assert often.item.tolist() == lately.item.tolist() == [2, 1]
    assert often.place.tolist() == [1, 2]


def test_the_answer_names_more_than_the_simplest_and_says_how_it_was_tested(kb: KnowledgeBase):
    insight = asked(kb)
    assert insight.abstained is None
    assert insight.level is Level.FORECAST
    assert insight.evidence is not None
    assert insight.evidence.value > insight.evidence.baseline_value
    assert insight.evidence.interval[0] <= insight.evidence.value <= insight.evidence.interval[1]
    assert insight.evidence.candidates is not None
    assert insight.table is not None
    worth = [row[6] for row in insight.table.rows]
    assert worth == sorted(worth, reverse=True)  # type: ignore[type-var] # money
    assert "ordered by revenue" in " ".join(said(each) for each in insight.caveats)


def test_the_chances_of_the_places_came_true_on_an_order_they_had_not_seen(kb: KnowledgeBase):
    evidence = asked(kb).evidence
    assert evidence is not None
    told = evidence.parameters
    for kind in ("again", "new"):
        expected, came = float(str(told[f"expected_{kind}"])), float(str(told[f"came_{kind}"]))
        assert expected == pytest.approx(came, rel=0.2)
        assert came > 50
        assert float(str(told[f"brier_{kind}"])) <= float(str(told[f"brier_of_one_{kind}"]))
    assert float(str(told["brier_again"])) < 0.99 * float(str(told["brier_of_one_again"]))
    sentence = next(said(each) for each in evidence.sentences if "chances of the places foresaw" in said(each))
    whole = sum(float(str(told[f"came_{kind}"])) for kind in ("again", "new"))
    assert f"{round(whole)} were in it" in sentence.replace(",", "")
    assert evidence.candidates is not None
    assert {row[0].id for row in evidence.candidates.rows} == {"Bought before", "Never bought"}  # type: ignore[union-attr] # texts


def test_new_products_are_of_the_customers_taste_and_never_bought(kb: KnowledgeBase, published: Published):
    bought = {(row["customer_id"], row["product_id"]) for row in wandering(240)}
    proposed = [row for row in made(published, "next_product") if row["kind"] == "new"]
    assert proposed
    assert not {(row["customer_id"], row["product_id"]) for row in proposed} & bought
    own = [row["product_id"].startswith(f"t{row['customer_id'] % 4}") for row in proposed]
    assert np.mean(own) > 0.9
    assert all((row["customer_id"], row["because_of"]) in bought for row in proposed)


def test_a_new_product_is_explained_by_what_speaks_most_for_it(kb: KnowledgeBase, published: Published):
    number = {row["product_id"]: row["item_no"] for row in made_of(published, "next_item")}
    speaks = {(row["from_item"], row["to_item"]): row["weight"] for row in made_of(published, "next_affinity")}
    owned: dict[int, set[int]] = {}
    for row in wandering(240):
        owned.setdefault(row["customer_id"], set()).add(number[row["product_id"]])
    proposed = [row for row in made(published, "next_product") if row["kind"] == "new"]
    for row in proposed:
        told = [speaks.get((each, number[row["product_id"]]), 0) for each in owned[row["customer_id"]]]
        assert speaks[number[row["because_of"]], number[row["product_id"]]] == max(told)
    assert len({row["because_of"] for row in proposed}) > 1


def priced(customers: int = 240) -> list[Row]:
    """The same, where products from 15 on are dear (30) and the others cheap (10), at a cost of four tenths."""
    sold = []
    for row in wandering(customers):
        price = 30 if int(str(row["product_id"])[-2:]) >= 15 else 10
        sold.append({**row, "net_revenue": Decimal(price), "cost_of_goods": Decimal(price) * Decimal("0.4")})
    return sold


@pytest.fixture(scope="module")
def shelf() -> Iterator[tuple[Published, KnowledgeBase]]:
    """Products of two groups: the tastes 0 and 1, and 2 and 3."""
    ids = sorted({str(row["product_id"]) for row in wandering(240)})
    goods = [reference(product_id=each, category="tea" if each[1] in "01" else "tools", name=None) for each in ids]
    with Engine.in_memory() as opened:
        published = Published(opened).add(order_line=priced(), product=goods)
        yield published, knowing(published)


def test_each_proposal_is_of_one_way_of_selling(shelf: tuple[Published, KnowledgeBase]):
    published, _ = shelf
    bought = {(row["customer_id"], row["product_id"]) for row in priced()}
    item = {row["product_id"]: row for row in made_of(published, "next_item")}
    ways = {way: [row for row in made_of(published, "next_product") if row["way"] == way] for way in _WAYS}
    assert all(len(rows) > 20 for rows in ways.values())
    assert all((row["customer_id"], row["product_id"]) in bought for row in ways["deep"])
    for way in ("cross", "up"):
        for row in ways[way]:
            offered, because = item[row["product_id"]], item[row["because_of"]]
            dearer = offered["revenue_each"] > because["revenue_each"]
            assert (row["customer_id"], row["product_id"]) not in bought
            assert (offered["item_group"] == because["item_group"] and dearer) is (way == "up")
            assert (row["revenue_each"], row["because_revenue_each"]) == (
                offered["revenue_each"], because["revenue_each"],
            )  # fmt: skip
    for row in (row for those in ways.values() for row in those):
        worth = float(row["chance"]) * float(item[row["product_id"]]["margin_each"])
        assert float(row["expected_margin"]) == pytest.approx(worth, abs=1e-4)
        usual = item[row["product_id"]]["purchases"] / item[row["product_id"]]["customers"]
        assert float(row["days_usual"]) == pytest.approx(usual, abs=1e-5)


def test_the_list_holds_each_way_of_selling_by_margin_and_says_why(shelf: tuple[Published, KnowledgeBase]):
    insight = asked(shelf[1], list=12)
    assert insight.table is not None
    assert insight.table.columns[6].name == "expected_margin"
    ways = [row[2].id for row in insight.table.rows]  # type: ignore[union-attr] # texts
    assert {way: ways.count(way) for way in ways} == {
        "More of the same": 4, "Something else": 4, "A dearer one of the same group": 4,
    }  # fmt: skip
    worth = [row[6] for row in insight.table.rows]
    assert worth == sorted(worth, reverse=True)  # type: ignore[type-var] # money
    why = {way: said(row[7]) for way, row in zip(ways, insight.table.rows, strict=True)}  # type: ignore[arg-type] # a text
    assert "who buys it does so on" in why["More of the same"]
    assert why["Something else"].startswith("Because they bought t")
    assert "of the same group, 10" in why["A dearer one of the same group"]
    assert "this one brings 30" in why["A dearer one of the same group"]
    assert not any("belong to no group" in said(each) for each in insight.caveats)


@pytest.mark.parametrize(("kind", "way"), [("up", "A dearer one of the same group"), ("cross", "Something else")])
def test_one_way_of_selling_alone_can_be_asked_for(shelf: tuple[Published, KnowledgeBase], kind: str, way: str):
    insight = asked(shelf[1], kind=kind)
    assert insight.table is not None
    assert {row[2].id for row in insight.table.rows} == {way}  # type: ignore[union-attr] # texts


def test_without_groups_no_dearer_one_is_told_apart_and_it_says_so(kb: KnowledgeBase):
    assert any("belong to no group" in said(each) for each in asked(kb).caveats)
    assert any("belong to no group" in said(each) for each in asked(kb, kind="new").caveats)
    assert "belong to no group" in said(asked(kb, kind="up").abstained)
    assert not any("belong to no group" in said(each) for each in asked(kb, kind="again").caveats)


def test_who_sees_some_customers_only_is_told_of_groups_as_everybody(
    kb: KnowledgeBase, published: Published, shelf: tuple[Published, KnowledgeBase]
):
    """What was learned from all sales is not for them; the products are for everybody."""
    some, every = frozenset(range(1, 60)), Names(("*",))
    proposed_up = {row["customer_id"] for row in made_of(shelf[0], "next_product") if row["way"] == "up"}
    others = frozenset(range(1, 241)) - proposed_up

    def of(which: Published, customers: frozenset[int]) -> KnowledgeBase:
        area = Area(customers=customers)
        return seen(which, Scope((Right(reach=(area,), columns=every, measures=every),)))

    mine = of(shelf[0], some)
    assert not mine.records("next_item", ("item_no",), limit=1).rows
    insight = asked(mine)
    assert insight.table is not None
    assert not any("belong to no group" in said(each) for each in insight.caveats)
    assert asked(mine, kind="up").table is not None
    assert "no proposal for any" in said(asked(of(shelf[0], others), kind="up").abstained)
    assert any("belong to no group" in said(each) for each in asked(of(published, some)).caveats)
    assert "belong to no group" in said(asked(of(published, some), kind="up").abstained)


def test_what_is_served_is_what_was_tested(kb: KnowledgeBase, published: Published):
    found = made(published, "next_product")
    chances = {(row["kind"], row["place"]): row for row in made_of(published, "next_chance")}
    for row in found:
        of_place = chances[row["kind"], row["place"]]
        assert row["chance"] == of_place["chance"]
        assert row["low"] <= row["chance"] <= row["high"]
    for kind in ("again", "new"):
        falling = [float(chances[kind, place]["chance"]) for place in range(1, 11) if (kind, place) in chances]
        assert falling == sorted(falling, reverse=True)


def made_of(published: Published, table: str) -> list[dict[str, Any]]:
    return list(published.engine.fetch(exp.select("*").from_(table)).to_pylist())


def test_one_kind_alone_can_be_asked_for(kb: KnowledgeBase):
    only = asked(kb, kind="new")
    assert only.table is not None
    assert all(said(row[7]).startswith("Because they bought t") for row in only.table.rows)  # type: ignore[arg-type]
    assert not only.lead


@pytest.mark.parametrize("sold", [[], wandering(1), wandering(29)])
def test_few_customers_are_too_few_and_it_says_so(fresh: Published, sold: list[Row]):
    insight = asked(knowing(fresh.add(order_line=sold, product=[])))
    assert (
        "There are no sales yet" in said(insight.abstained)
        if not sold
        else (f"only {len({row['customer_id'] for row in sold})} customer" in said(insight.abstained))
    )


def test_where_no_list_beats_the_simplest_nothing_is_proposed(fresh: Published):
    sold = [
        line(f"o{customer}-{number}", customer, f"2024-0{number}-10", "9", product_id="only")
        for customer in range(40)
        for number in range(1, 6)
    ]
    insight = asked(knowing(fresh.add(order_line=sold, product=[])))
    assert said(insight.abstained).startswith("No method named clearly more")
    assert made(fresh, "next_product") == []


def test_of_customers_who_buy_by_chance_lists_are_seldom_shown():
    """Sixty customers each take two of 40 products a day, whatever they took before: no list is better than another."""
    shown, firms, customers, days, goods = {"again": 0, "new": 0}, 30, 60, 7, 40
    size = customers * days * 2
    for seed in range(firms):
        sample = {
            "as_of": np.full(size, np.datetime64(AS_OF)),
            "customer_no": np.repeat(np.arange(1, customers + 1), days * 2),
            "back": np.tile(np.repeat(np.arange(1, days + 1), 2), customers),
            "days_ago": np.tile(np.repeat(np.arange(1, days + 1) * 20, 2), customers),
            "item_no": np.random.default_rng(seed).integers(1, goods + 1, size),
        }
        items = {"as_of": np.full(goods, np.datetime64(AS_OF)), "item_no": np.arange(1, goods + 1)}
        fitted = fit_next({"next_sample": sample, "next_item": items}, context())
        for kind in {*fitted["next_chance"]["kind"]}:
            shown[kind] += 1
    assert max(shown.values()) <= firms / 3  # by chance one in six; were any lead enough, one in two


def test_as_of_a_day_without_a_run_it_names_the_command(published: Published, kb: KnowledgeBase):
    earlier = knowledge(
        published.engine, snapshot="7", tables=published.tables, people=None, currency="EUR", timezone="Europe/Madrid",
        lapse_days=30, run_as_of=AS_OF, run_known_at=RUN_AT, as_of=date(2024, 6, 1),
    )  # fmt: skip
    assert "clientela run --as-of 2024-06-01" in said(asked(earlier).abstained)


@pytest.mark.parametrize("wrong", [{"list": 0}, {"kind": "blue"}])
def test_a_parameter_that_cannot_be_is_refused(kb: KnowledgeBase, wrong: dict[str, Any]):
    with pytest.raises(UsageError, match=next(iter(wrong))):
        asked(kb, **wrong)
