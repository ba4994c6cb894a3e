"""The value across services: orders and contracts are added up, each line once, in the sight of whoever asks."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from math import hypot
from typing import Any

import numpy as np
import pytest

from clientela.access.area import EVERYTHING, Area
from clientela.access.rights import Names, Right, Scope
from clientela.analyse.customer.lifetime.evidence import Outlook, evidence, traits_seen
from clientela.analyse.customer.lifetime.lifetime_value import LIFETIME_VALUE
from clientela.analyse.customer.services.across import Across, across, by_number, by_service, contracts_of
from clientela.analyse.customer.services.told import caveats, without_contracts
from clientela.analyse.customer.subscriptions.ahead import period_of
from clientela.analyse.customer.subscriptions.fit import fit_subscriptions
from clientela.analyse.customer.tiers.investment_tier import INVESTMENT_TIER
from clientela.contracts.analysis import BackTest, KnowledgeBase
from clientela.contracts.filter import And, Condition, Operator
from clientela.contracts.insight import Insight
from clientela.contracts.text import Text
from clientela.errors import NotPermittedError
from clientela.present.say import say
from clientela.warehouse.engine import Engine
from tests.unit.analyse.lifetime.shops import AS_OF, made
from tests.unit.analyse.services.worlds import SERVICES, firm, run, seen, unforeseen_contracts, unforeseen_orders
from tests.unit.analyse.subscriptions.portfolio import Portfolio, portfolio
from tests.unit.analyse.subscriptions.test_subscription_tables import contract
from tests.unit.cube.published import Published, line

EVERYBODY = Names(("*",))
ASKED = {"list": 5}
ENDS = ("worth", "low", "high")


@pytest.fixture(scope="module")
def published() -> Iterator[Published]:
    with Engine.in_memory() as engine:
        found = Published(engine)
        run(found, firm())
        yield found


@pytest.fixture(scope="module")
def kb(published: Published) -> KnowledgeBase:
    return seen(published)


@pytest.fixture(scope="module")
def insight(kb: KnowledgeBase) -> Insight:
    return LIFETIME_VALUE.answer(kb, ASKED)


def rows_of(kb: KnowledgeBase, table: str, *columns: str, kind: str | None = None) -> list[tuple[Any, ...]]:
    where = None if kind is None else And((Condition("analysis", Operator.EQ, kind),))
    return list(kb.records(table, columns, where, limit=5_000).rows)


def worth_of(kb: KnowledgeBase) -> dict[int, Decimal]:
    return dict(rows_of(kb, "score", "customer_id", "value", kind="lifetime-value"))


def sentences(told: tuple[Text, ...]) -> str:
    return " ".join(say(each, "en") for each in told)


def test_the_parts_add_up_to_the_cent_in_total_by_service_and_by_number(kb: KnowledgeBase, insight: Insight):
    total = sum(worth_of(kb).values())
    names = ("margin_to_come", "margin_to_come_orders", "margin_to_come_contracts", "customers_valued")
    told, orders, contracts, customers = kb.query(names).rows[0]
    assert told == orders + contracts == pytest.approx(total, abs=Decimal("0.005"))
    assert contracts == sum(row[0] for row in rows_of(kb, "contract_worth", "worth")) > 0
    by_service_, by_number_ = (picture.data.rows for picture in insight.details[:2])
    assert sum(row[3] for row in by_service_) == pytest.approx(total, abs=Decimal("0.05"))
    assert sum(row[2] for row in by_number_) == pytest.approx(total, abs=Decimal("0.05"))
    assert sum(row[1] for row in by_number_) == customers == len(worth_of(kb))
    assert sum(row[4] for row in by_service_) == pytest.approx(1, abs=0.001)
    assert insight.figure is not None
    assert insight.figure.value.value == pytest.approx(float(total), rel=0.005)  # type: ignore[union-attr] # an amount


def test_a_contract_is_worth_its_margin_times_the_months_that_are_left_of_it(kb: KnowledgeBase):
    cells = {row[:3]: row[3:] for row in rows_of(
        kb, "subscription_cell", "is_yearly", "tenure_days", "amount_step", "months_ahead", "months_low", "months_high"
    )}  # fmt: skip
    margins = {row[0]: row[1] for row in rows_of(kb, "subscription_margin", "subscription_id", "margin_a_month")}
    by_hand: dict[int, float] = {}
    features = ("subscription_id", "customer_id", "is_yearly", "tenure_days", "amount_step")
    for number, customer, *kind in rows_of(kb, "subscription_feature", *features):
        months, low, high = map(float, cells[tuple(kind)])
        assert 0 < low <= months <= high <= 12.01
        by_hand[customer] = by_hand.get(customer, 0.0) + months * float(margins[number])
    told: dict[int, float] = {}
    for customer, worth in rows_of(kb, "contract_worth", "customer_id", "worth"):
        told[customer] = told.get(customer, 0.0) + float(worth)
    assert told == pytest.approx(by_hand, abs=0.001)


def test_who_never_bought_has_the_value_of_their_contracts(kb: KnowledgeBase, insight: Insight):
    ordering = {row[0] for row in rows_of(kb, "lifetime_money", "customer_id")}
    contracts = {row[0]: row[1] for row in rows_of(kb, "service_worth", "customer_id", "worth") if row[0] >= 300}
    alone = {who: worth for who, worth in worth_of(kb).items() if who not in ordering}
    assert len(alone) > 20
    held = rows_of(kb, "service_worth", "customer_id", "kind", "worth", "services")
    assert not [row for row in held if row[1] == "orders" and row[0] in alone]
    one = {row[0]: row[2] for row in held if row[3] == 1}
    assert {who: alone[who] for who in one} == one
    assert set(contracts) == set(alone)
    longer = LIFETIME_VALUE.answer(kb, {"list": 400})
    assert longer.table is not None
    assert any(row[6] is None and row[5] is None and row[7] == row[1] for row in longer.table.rows)


def test_the_range_of_a_customer_is_that_of_parts_that_stray_by_themselves(kb: KnowledgeBase):
    ends = {
        row[0]: row[1:] for row in rows_of(kb, "score", "customer_id", "value", "low", "high", kind="lifetime-value")
    }
    parts: dict[int, list[tuple[float, float, float]]] = {}
    for customer, *figures in rows_of(kb, "contract_worth", "customer_id", "worth", "low", "high"):
        parts.setdefault(customer, []).append(tuple(map(float, figures)))  # type: ignore[arg-type] # three of them
    alone = {row[0] for row in rows_of(kb, "lifetime_money", "customer_id")}
    tried = [who for who in parts if who not in alone]
    assert any(len(parts[who]) > 1 for who in tried)
    for who in tried:
        value, low, high = map(float, ends[who])
        assert value - low == pytest.approx(hypot(*(worth - at_least for worth, at_least, _ in parts[who])), abs=0.001)
        assert high - value == pytest.approx(hypot(*(at_most - worth for worth, _, at_most in parts[who])), abs=0.001)
        assert low <= value <= high


def test_the_interval_of_all_is_wider_than_that_of_either_part(published: Published, kb: KnowledgeBase):
    orders = Outlook.read(kb.evidence("lifetime-value"), kb.as_of)
    assert orders is not None
    whole = across(kb, orders.worth)
    ends = rows_of(kb, "contract_outlook", "worth", "low", "high")[0]
    expected, low, high = map(float, ends)
    assert expected == pytest.approx(whole.contracts, rel=0.001)  # contracts that name a customer are all there are
    assert whole.low is not None and whole.high is not None
    of_orders = orders.worth[0] - orders.worth[1]
    assert whole.worth - whole.low == pytest.approx(hypot(of_orders, expected - low), rel=0.01)
    assert max(of_orders, expected - low) < whole.worth - whole.low < of_orders + expected - low
    assert whole.high - whole.worth > high - expected


def test_the_answer_tells_services_and_what_customers_of_several_are_worth(kb: KnowledgeBase, insight: Insight):
    assert "% of it is from running contracts, the rest from orders." in sentences(insight.lead)
    assert "of two services or more bring €" in sentences(insight.lead)
    names = [say(row[0], "en") for row in insight.details[0].data.rows]
    assert sorted(names) == ["Contract: Care", "Contract: Net", "Contract: Phone", "Orders", "Other contracts"]
    held = by_number(kb, across(kb, None))
    assert [each.services for each in held] == [1, 2, 3]
    assert held[0].mean < held[1].mean < held[2].mean
    assert "subscription-churn shows how right" in sentences(insight.evidence.sentences if insight.evidence else ())
    assert "of nobody who is known" not in sentences(insight.caveats)
    assert "contracts name no product: should what they are paid stand" in sentences(insight.caveats)
    assert "or have a contract are counted" in sentences(insight.caveats)
    assert insight.computed is not None
    assert "(subscription-churn)" in say(insight.computed, "en")


def test_services_beyond_the_largest_stand_together(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch):
    whole = across(kb, None)
    every = by_service(kb, whole)
    monkeypatch.setattr("clientela.analyse.customer.services.across.MOST_NAMED", 1)
    fewer = by_service(kb, whole)
    assert len(fewer) == 3
    assert sum(each.worth for each in fewer) == pytest.approx(sum(each.worth for each in every))
    assert sum(each.contracts for each in fewer) == sum(each.contracts for each in every)
    together = next(each for each in fewer if each.product == "")
    others = [each.customers for each in every if each.name and each.name != fewer[1].name]
    assert max(others) < together.customers < sum(each.customers for each in every if each.product) + 1


def test_lines_of_a_product_under_contract_count_once_and_it_is_said():
    plain = firm(40, 500, 50)
    with Engine.in_memory() as engine:
        before = Published(engine)
        run(before, plain)
        contract = rows_of(seen(before), "subscription_feature", "subscription_id", "customer_id", "started_on")
        worth = worth_of(seen(before))
        parts = rows_of(seen(before), "contract_worth", "customer_id", "worth")
    _, customer, began = next(row for row in contract if row[1] < 40 and plain.product(int(row[0])) == "care")
    money = {row["customer_id"]: row["revenue"] for row in plain.orders.features() if row["as_of"] == AS_OF}
    paid = (money[customer] / 4).quantize(Decimal("0.01"))
    lines = [
        line("a", customer, began.isoformat(), str(paid), product_id="care"),
        line("b", customer, "2010-01-01", "50", product_id="care"),  # before any contract
        line("c", customer, AS_OF.replace(day=1, month=6).isoformat(), "50", product_id="soap"),
    ]
    with Engine.in_memory() as engine:
        published = Published(engine)
        run(published, replace(plain, lines=lines))
        kb = seen(published)
        told = LIFETIME_VALUE.answer(kb, ASKED)
        once = worth_of(kb)
        ((who, many, share),) = rows_of(kb, "contract_delivery", "customer_id", "order_lines", "share")
        held = {row[1]: row[2] for row in rows_of(kb, "service_worth", "customer_id", "kind", "worth") if row[0] == who}
        contracts = sum(row[1] for row in rows_of(kb, "contract_worth", "customer_id", "worth") if row[0] == who)
        page = kb.query(("margin_to_come",)).rows[0][0]
    assert (who, many) == (customer, 1)
    assert float(share) == pytest.approx(0.25, abs=0.01)
    ordered = float(worth[customer] - sum(part for each, part in parts if each == customer))
    assert float(held["orders"]) == pytest.approx(0.75 * ordered, rel=0.02)
    assert once[customer] == held["orders"] + contracts
    assert {each: once[each] for each in once if each != customer} == {
        each: worth[each] for each in worth if each != customer
    }
    assert page == pytest.approx(sum(once.values()), abs=Decimal("0.005"))
    assert "Order lines of 1 customer are of a product that they had a contract for" in sentences(told.caveats)


def test_where_contracts_cannot_be_foretold_orders_alone_are_told_and_nothing_is_taken_off():
    company = unforeseen_contracts(firm(40, 500, 50))
    number = 5
    lines = [line("a", number, "2024-05-01", "30", product_id="care")]
    with Engine.in_memory() as engine:
        published = Published(engine)
        run(published, replace(company, lines=lines))
        kb = seen(published)
        told = LIFETIME_VALUE.answer(kb, ASKED)
        assert rows_of(kb, "contract_delivery", "customer_id") == rows_of(kb, "service_worth", "customer_id") == []
        assert len(worth_of(kb)) == 40
    assert told.headline is not None and not told.details
    assert "What contracts will bring is not in it. We cannot say yet: only 0 contracts ended" in sentences(
        told.caveats
    )
    assert told.table is not None and len(told.table.columns) == 7


def test_where_orders_cannot_be_foretold_contracts_alone_are_told():
    with Engine.in_memory() as engine:
        published = Published(engine)
        run(published, unforeseen_orders(firm(40, 700, 50)))
        kb = seen(published)
        told = LIFETIME_VALUE.answer(kb, ASKED)
        tiers = INVESTMENT_TIER.answer(kb, {"list": 5, "tier": "invest"})
        assert sum(worth_of(kb).values()) == sum(row[0] for row in rows_of(kb, "contract_worth", "worth"))
    assert told.abstained is None and told.evidence is not None and told.evidence.metric == "auc"
    assert "What customers will order is not in it. We cannot say yet" in sentences(told.caveats)
    assert "All of it is from running contracts." in sentences(told.lead)
    assert "(subscription-churn)" in sentences(told.next) and "churn-risk" not in sentences(told.next)
    assert told.figure is not None and told.figure.low is not None
    assert tiers.abstained is not None  # without orders a tier would rest on half of the value


@pytest.mark.parametrize("seed", [0, 3])
def test_thirty_customers_get_an_answer_or_a_reason(seed: int):
    company = replace(firm(30, 30, 30), contracts=firm(30, 30 + 20 * seed, 30).contracts)
    with Engine.in_memory() as engine:
        published = Published(engine)
        run(published, company)
        kb = seen(published)
        for told in (LIFETIME_VALUE.answer(kb, ASKED), INVESTMENT_TIER.answer(kb, {"list": 5, "tier": "invest"})):
            assert (told.abstained is None) != (told.headline is None)


def test_at_stake_is_the_sum_over_services_of_worth_times_its_chance(kb: KnowledgeBase):
    chance = {row[0]: float(row[1]) for row in rows_of(kb, "score", "customer_id", "value", kind="churn-risk")}
    at_stake: dict[int, float] = {}
    for customer, stake in rows_of(kb, "contract_worth", "customer_id", "at_stake"):
        at_stake[customer] = at_stake.get(customer, 0.0) + float(stake)
    worth, total = worth_of(kb), rows_of(kb, "contract_worth", "customer_id", "worth")
    parts: dict[int, float] = {}
    for customer, part in total:
        parts[customer] = parts.get(customer, 0.0) + float(part)
    tiers = {row[0]: row[1:] for row in rows_of(kb, "customer_tier", "customer_id", "worth", "chance", "at_stake")}
    assert set(tiers) == set(worth)
    for customer, (value, mean, stake) in tiers.items():
        ordered = float(worth[customer]) - parts.get(customer, 0.0)
        by_hand = ordered * chance.get(customer, 0.0) + at_stake.get(customer, 0.0)
        assert float(stake) == pytest.approx(by_hand, abs=0.01, rel=1e-4)
        assert float(value) == float(worth[customer])
        assert 0 <= float(mean) <= 1


def test_what_is_said_to_flip_a_tier_flips_it(kb: KnowledgeBase):
    """The gain is linear in the chance, so the mean of the chances by worth gives what the services give together."""
    asked = ("worth", "chance", "gain", "flip_by", "flip_at", "flip_to", "tier")
    found = rows_of(kb, "customer_tier", *asked)
    lines = {"tier:invest": 8.0, "tier:maintain": 1.0}
    flipped = 0
    for worth, chance, gain, by, at, to, tier in found:
        value, share = (float(at), float(chance)) if by == "worth" else (float(worth), float(at or 0))
        assert float(gain) == pytest.approx(float(worth) * (0.1 * float(chance) + 0.03 * (1 - float(chance))), abs=1e-4)
        if by is None:
            continue
        now = round(value * (0.1 * share + 0.03 * (1 - share)), 6)
        reached = next((name for name, line_ in lines.items() if now >= line_), "tier:do-not-invest")
        assert reached == to != tier
        flipped += 1
    assert flipped > 300


def limited(customers: set[int], *without: str) -> Scope:
    """Somebody who sees these customers, but not what is named."""
    columns = Names(("*", *(f"!{each}" for each in without)))
    return Scope((Right(reach=(Area(customers=frozenset(customers)),), columns=columns, measures=EVERYBODY),))


def test_whoever_sees_some_customers_reads_the_sums_of_theirs(published: Published, kb: KnowledgeBase):
    theirs = set(range(0, 400, 4))
    told = LIFETIME_VALUE.answer(seen(published, limited(theirs)), {"list": 300})
    by_hand = sum(worth for who, worth in worth_of(kb).items() if who in theirs)
    assert told.figure is not None and told.table is not None
    assert told.figure.low is told.figure.high is told.chart is None
    assert sum(row[1] for row in told.table.rows) == pytest.approx(by_hand, abs=Decimal("0.01"))
    by_service_, by_number_ = (picture.data.rows for picture in told.details)
    assert sum(row[3] for row in by_service_) == pytest.approx(by_hand, abs=Decimal("0.05"))
    assert sum(row[2] for row in by_number_) == pytest.approx(by_hand, abs=Decimal("0.05"))
    assert sum(row[7] for row in told.table.rows) == pytest.approx(
        sum(row[1] for row in rows_of(kb, "contract_worth", "customer_id", "worth") if row[0] in theirs)
    )
    assert "counts twice" not in sentences(told.caveats)  # how many contracts of the company name no product


@pytest.mark.parametrize("hidden", ["order_line.cost_of_goods", "subscription.amount", "product.unit_cost"])
def test_who_may_not_see_what_it_is_made_of_is_told_no_value(published: Published, hidden: str):
    scope = Scope((Right(reach=EVERYTHING, columns=Names(("*", f"!{hidden}")), measures=EVERYBODY),))
    blind = seen(published, scope)
    assert rows_of(blind, "score", "customer_id", kind="lifetime-value") == []
    with pytest.raises(NotPermittedError):
        blind.query(("margin_to_come_contracts",))
    with pytest.raises(NotPermittedError):
        LIFETIME_VALUE.answer(blind, ASKED)


@pytest.mark.parametrize(
    ("hidden", "names"),
    [
        ("product.name", {"Orders", "Contract: care", "Contract: net", "Contract: phone", "Other contracts"}),
        ("subscription.product_id", {"Orders", "Contracts"}),
    ],
)
def test_a_column_that_only_a_picture_needs_takes_nothing_else_away(
    published: Published, kb: KnowledgeBase, hidden: str, names: set[str]
):
    scope = Scope((Right(reach=EVERYTHING, columns=Names(("*", f"!{hidden}")), measures=EVERYBODY),))
    blind = seen(published, scope)
    told = LIFETIME_VALUE.answer(blind, ASKED)
    assert told.abstained is None
    of_services = told.details[0].data.rows
    assert {say(row[0], "en") for row in of_services} == names
    assert sum(row[3] for row in of_services) == pytest.approx(sum(worth_of(kb).values()), abs=Decimal("0.05"))


def test_where_services_and_customers_may_not_be_told_apart_the_value_still_is(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
):
    query = type(kb).query

    def without(self: KnowledgeBase, measures: Any, by: Any = (), *given: Any, **more: Any) -> Any:
        if {*by} & {"services_held", "customer"}:
            raise NotPermittedError("not for you")
        return query(self, measures, by, *given, **more)

    monkeypatch.setattr(type(kb), "query", without)
    told = LIFETIME_VALUE.answer(kb, ASKED)
    assert told.headline is not None and told.table is not None
    assert len(told.table.columns) == len(told.table.rows[0]) == 7
    assert not [each for each in told.details if each.x == "services"]


def test_lines_of_a_contract_that_costs_nothing_stay_what_was_ordered():
    plain = firm(40, 500, 50)
    company = replace(plain, lines=[line(f"a{n}", 7, f"2024-06-{10 + n}", "60", product_id="care") for n in range(6)])
    free = [str(each) for each in plain.contracts.running() if each % 50 == 7 and plain.product(int(each)) == "care"]
    assert free
    with Engine.in_memory() as engine:
        before = Published(engine)
        run(before, company)
        assert [row[0] for row in rows_of(seen(before), "contract_delivery", "customer_id")] == [7]
    with Engine.in_memory() as engine:
        published = Published(engine)
        run(published, replace(company, free=frozenset(free)))
        found = seen(published)
        assert rows_of(found, "contract_delivery", "customer_id") == []
        held = [row[1] for row in rows_of(found, "service_worth", "customer_id", "kind") if row[0] == 7]
        assert "orders" in held


def test_who_was_delivered_under_contract_alone_is_left_nothing_to_order():
    """Costs are known of a part of all lines, of none of theirs: line by line their cents would not add up."""
    paid = [f"{5 + (n * 7919 % 1000) / 100:.2f}" for n in range(12)]
    contracts = [contract(str(n), "2024-01-01", customer_id=n, product_id="care") for n in range(30)]
    delivered = [
        line(f"o{n}-{m}", n, f"2024-02-{m + 1:02}", paid[(n + m) % 12], product_id="care")
        for n in range(30)
        for m in range(6)
    ]
    with Engine.in_memory() as engine:
        published = Published(engine)
        outlook = {"as_of": AS_OF, "basis": "margin", "value_days": 365, "discount_rate": 0, "contracts": 30}
        published.add(
            order_line=delivered,
            subscription=contracts,
            lifetime_basis=[{"basis": "margin", "share_kept": Decimal("0.614217"), "share_known": Decimal("0.9")}],
            contract_outlook=[{**outlook, "worth": 1, "low": 1, "high": 1}],
        )
        published.add(customer_feature=[
            {"customer_id": n, "as_of": AS_OF, "first_bought_on": AS_OF, "last_bought_on": AS_OF,
             "repeat_purchases": 5, "recency_days": 5, "age_days": 9, "recent_purchases": 0,
             "revenue": sum(Decimal(each["net_revenue"]) for each in delivered if each["customer_id"] == n),
             "recent_revenue": 0, "year_revenue": 0, "margin": None, "revenue_with_cost": None}
            for n in range(30)
        ])  # fmt: skip
        published.add(lifetime_money=made(published, "lifetime_money"))
        shares = [row["share"] for row in made(published, "contract_delivery", SERVICES)]
    assert shares == [1] * 30


@pytest.mark.parametrize(
    ("hidden", "gone"),
    [
        ("order_line.channel", {"channel"}),
        ("product.category", {"category"}),
        ("order_line.product_id", {"category"}),
        ("order_line.campaign_id", {"campaign"}),
        ("order_line.ordered_at", {"channel", "category", "campaign"}),
        ("customer.city", set()),
    ],
)
def test_groups_are_told_to_who_may_see_what_they_are_grouped_by(published: Published, hidden: str, gone: set[str]):
    """What the run stored is of the whole company: an answer names of it what its reader may see."""
    scope = Scope((Right(reach=EVERYTHING, columns=Names(("*", f"!{hidden}")), measures=EVERYBODY),))
    blind = seen(published, scope)
    found = Outlook.read(blind.evidence("lifetime-value"), blind.as_of)
    assert found is not None
    values = {"channel": "fax", "category": "Tea", "campaign": "campaign"}
    groups = [{"trait": each, "value": value, "buying": 2.0, "leaving": 0.8} for each, value in values.items()]
    found = replace(found, said={**found.said, "traits": groups})
    seen_by = traits_seen(blind, found)
    assert seen_by == {*values} - gone
    told = sentences(evidence(found, "EUR", traits=seen_by).sentences)
    assert told.count("as often as others") == len(seen_by)
    assert ("Tea" in told, "fax" in told) == ("category" not in gone, "channel" not in gone)


def test_that_contracts_were_not_computed_is_said(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(type(kb), "evidence", lambda *_: BackTest(models=(), results=()))
    assert "how they end was not computed for this date" in sentences(without_contracts(kb))
    monkeypatch.setattr(type(kb), "delivered", lambda *_: False)
    assert without_contracts(kb) == ()


@pytest.mark.parametrize(
    ("orders", "said"), [(5.0, "Contracts count at revenue as orders do"), (0.0, "What contracts cost is not known")]
)
def test_revenue_of_contracts_is_explained_by_orders_only_where_there_are_some(
    kb: KnowledgeBase, orders: float, said: str
):
    whole = Across(customers=9, orders=orders, contracts=9.0, holders=9)
    told = sentences(caveats(kb, whole, contracts_of(kb), is_margin=False))
    assert said in told
    assert ("as orders do" in told) == bool(orders)


def test_contracts_count_in_the_money_of_orders():
    company: Portfolio = firm().contracts
    margin = replace(company, share_kept=0.5).fitted("margin")["contract_outlook"]
    revenue = replace(company, share_kept=0.5).fitted("revenue")["contract_outlook"]
    assert (margin["basis"][0], revenue["basis"][0]) == ("margin", "revenue")
    assert float(margin["worth"][0]) == pytest.approx(0.5 * float(revenue["worth"][0]))
    assert not company.fitted("margin")["contract_outlook"]["basis"].size  # no contract's cost is known


def test_contracts_are_looked_at_as_far_ahead_as_orders():
    given = {"value_days": np.array([730]), "discount_rate": np.array([0.2])}
    period = period_of(given, 0.1)
    assert (period.days, period.rate) == (730, 0.2)
    assert (period_of(None, 0.1).days, period_of(None, 0.1).rate) == (365, 0.1)


def test_what_contracts_bring_in_a_year_lies_within_what_was_said():
    """They end on days that are known: what they pay until then is counted by hand, at the beginning of each month."""
    inside = 0
    for seed in range(5):
        company = portfolio(seed, 900, unpaid=0.0)
        running = company.running()
        given = {"value_days": np.array([365]), "discount_rate": np.array([0.0])}
        tables = {"subscription_period": company.period(), "lifetime_basis": None, "lifetime_period": given}
        told = {name: float(fit_subscriptions(tables, company.context)["contract_outlook"][name][0]) for name in ENDS}
        months = np.minimum(np.floor((company.ends[running] - company.today) / (92 / 3)) + 1, 12)
        came = float((company.amount[running] * months * 365 / 365.25).sum())
        assert told["worth"] == pytest.approx(came, rel=0.12)
        inside += told["low"] <= came <= told["high"]
    assert 3 <= inside <= 5  # of ten, eight


def test_where_it_is_not_known_who_stops_ordering_nobody_has_a_tier():
    """Tiers of those who have contracts alone would be said of a few as if they were all."""
    with Engine.in_memory() as engine:
        published = Published(engine)
        run(published, firm(40, 700, 50), known_leaving=False)
        kb = seen(published)
        assert rows_of(kb, "contract_worth", "customer_id")
        assert rows_of(kb, "customer_tier", "customer_id") == []
        assert INVESTMENT_TIER.answer(kb, {"list": 5, "tier": "invest"}).abstained is not None
