"""investment-tier: read from a real engine through the real cube, and counted by hand."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from clientela.access.area import EVERYTHING, Area
from clientela.access.rights import Names, Right, Scope
from clientela.analyse.customer.tiers.investment_tier import INVESTMENT_TIER
from clientela.contracts.analysis import Arrays, KnowledgeBase
from clientela.contracts.insight import Insight, Level
from clientela.errors import ConfigurationError, NotPermittedError, UsageError
from clientela.warehouse.engine import Engine
from tests.unit.analyse.lifetime.shops import bought_on, shop
from tests.unit.analyse.test_churn_risk import said
from tests.unit.analyse.tiers.worlds import DEFAULTS, seen, tiers, told
from tests.unit.cube.published import Published

ASKED = dict(INVESTMENT_TIER.parameters)


@pytest.fixture(scope="module")
def published() -> Iterator[Published]:
    with Engine.in_memory() as engine:
        yield Published(engine)


@pytest.fixture(scope="module")
def both(published: Published) -> tuple[KnowledgeBase, Arrays]:
    kb, tables = told(published, shop(1, 500), invest_cost=8.0)
    return kb, tables["customer_tier"]


@pytest.fixture(scope="module")
def insight(both: tuple[KnowledgeBase, Arrays]) -> Insight:
    return INVESTMENT_TIER.answer(both[0], {**ASKED, "list": 6})


def test_every_customer_is_in_one_tier_and_all_tiers_have_some(both: tuple[KnowledgeBase, Arrays]):
    counts = Counter(both[1]["tier"].tolist())
    assert sum(counts.values()) == 500
    assert set(counts) == {"tier:invest", "tier:maintain", "tier:do-not-invest"}
    rows = both[0].query(["customers_in_tiers", "buyers"], by=["investment_tier"]).rows
    assert {row[0]: row[1] for row in rows if row[1]} == counts


def test_the_tiers_are_worth_times_changeability_against_cost(both: tuple[KnowledgeBase, Arrays]):
    found = both[1]
    gain = found["worth"] * (0.1 * found["chance"] + 0.03 * (1 - found["chance"]))
    by_hand = np.where(gain >= 8, "tier:invest", np.where(gain >= 1, "tier:maintain", "tier:do-not-invest"))
    assert (by_hand == found["tier"]).all()
    assert found["gain"] == pytest.approx(gain, abs=1e-6)
    assert found["at_stake"] == pytest.approx(np.maximum(found["worth"], 0) * found["chance"], abs=1e-6)
    for name in ("at_stake", "gain"):
        assert (found[f"{name}_low"] <= found[name] + 1e-6).all()
        assert (found[name] <= found[f"{name}_high"] + 1e-6).all()


def test_the_measures_add_up_what_was_stored(both: tuple[KnowledgeBase, Arrays]):
    kb, found = both
    names = ["customers_in_tiers", "customers_sure_of_tier", "margin_at_stake", "margin_from_actions"]
    chosen = found["tier"] == "tier:invest"
    row = next(row for row in kb.query(names, by=["investment_tier"]).rows if row[0] == "tier:invest")
    expected = (
        chosen.sum(),
        found["is_sure"][chosen].sum(),
        found["at_stake"][chosen].sum(),
        found["gain"][chosen].sum(),
    )
    assert [float(str(each)) for each in row[1:]] == pytest.approx([float(each) for each in expected], abs=1e-3)


def test_the_headline_says_in_how_many_it_pays_and_what_is_at_stake(
    both: tuple[KnowledgeBase, Arrays], insight: Insight
):
    chosen = both[1]["tier"] == "tier:invest"
    stake = round(float(f"{both[1]['at_stake'][chosen].sum():.3g}"))
    assert said(insight.headline) == (
        f"It pays to invest in {chosen.sum()} of 500 customers; {stake} of margin is at stake with them."
    )
    assert insight.level is Level.ALTERNATIVES
    assert insight.figure is not None
    assert insight.figure.low is not None
    assert insight.figure.low.value <= insight.figure.value.value <= insight.figure.high.value


def test_it_says_that_changeability_is_assumed_and_service_is_never_withheld(insight: Insight):
    caveats = " ".join(said(each) for each in insight.caveats)
    assert "What an action changes is an assumption" in caveats
    assert "“Do not invest” means no extra money. It is no reason to serve anybody worse" in caveats
    assert "their service stays the same" in " ".join(said(each) for each in insight.lead)
    assert insight.evidence is not None
    assert "What an action changes has not been tested" in said(insight.evidence.sentences[-1])


def test_the_list_begins_with_whom_an_action_may_earn_most_with_and_says_what_would_change_it(insight: Insight):
    assert insight.table is not None
    rows = insight.table.rows
    assert len(rows) == 6
    assert [row[6] for row in rows] == sorted((row[6] for row in rows), reverse=True)
    assert all(row[4] <= row[3] <= row[5] for row in rows)
    assert {said(row[-1]).split(",")[0] for row in rows} <= {"“Maintain”", "“Do not invest”"} or all(
        "if" in said(row[-1]) for row in rows
    )


@pytest.mark.parametrize("tier", ["maintain", "do-not-invest"])
def test_the_other_tiers_can_be_listed(both: tuple[KnowledgeBase, Arrays], tier: str):
    table = INVESTMENT_TIER.answer(both[0], {**ASKED, "tier": tier}).table
    assert table is not None
    gains = sorted(both[1]["gain"][both[1]["tier"] == f"tier:{tier}"], reverse=True)[:20]
    assert [float(str(row[6])) for row in table.rows] == pytest.approx(gains, abs=0.01)


def test_doing_nothing_is_one_of_the_alternatives(insight: Insight):
    assert insight.chart is not None
    chosen, everybody, nobody = insight.chart.data.rows
    assert nobody[1:5] == (0, 0, 0, 0)
    assert chosen[1] >= everybody[1], "who does not pay is left out"
    assert chosen[3] == 8 * chosen[2]
    assert all(row[5] <= row[1] <= row[6] for row in (chosen, everybody))


def test_a_budget_goes_to_the_highest(both: tuple[KnowledgeBase, Arrays]):
    with Engine.in_memory() as engine:
        _, tables = told(Published(engine), shop(1, 500), invest_cost=8.0, budget=80.0)
    found, all_of_them = tables["customer_tier"], both[1]
    chosen = found["tier"] == "tier:invest"
    assert chosen.sum() == 10
    assert found["gain"][chosen].min() >= np.sort(all_of_them["gain"])[-10]


@pytest.mark.parametrize(
    ("company", "reason"),
    [
        (shop(3, 12), "too few"),
        (bought_on(*[(each, 300) for each in range(30)]), "nobody has bought on two different days"),
    ],
)
def test_thin_data_abstains_with_the_reason_of_the_forecast(company: Any, reason: str):
    with Engine.in_memory() as engine:
        kb, tables = told(Published(engine), company)
        insight = INVESTMENT_TIER.answer(kb, ASKED)
    assert len(tables["customer_tier"]["tier"]) == 0
    assert insight.headline is None
    assert reason in said(insight.abstained)


def test_without_a_chance_of_leaving_nothing_is_said():
    with Engine.in_memory() as engine:
        kb, _ = told(Published(engine), shop(4, 300), known_leaving=False)
        insight = INVESTMENT_TIER.answer(kb, ASKED)
    assert "Ask churn-risk what it lacks" in said(insight.abstained)


def test_revenue_is_called_revenue_where_no_cost_is_known():
    with Engine.in_memory() as engine:
        kb, _ = told(Published(engine), shop(2, 300, margin=None))
        insight = INVESTMENT_TIER.answer(kb, ASKED)
    assert "of revenue is at stake" in said(insight.headline)
    assert "so money here is revenue" in " ".join(said(each) for each in insight.caveats)


def test_an_action_that_is_too_dear_pays_with_nobody_and_says_so():
    with Engine.in_memory() as engine:
        kb, _ = told(Published(engine), shop(5, 300), invest_cost=1e6)
        insight = INVESTMENT_TIER.answer(kb, ASKED)
    assert said(insight.headline).startswith("With no customer does an extra action of 1000000")
    assert insight.table is not None
    assert insight.table.rows == ()


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [({"list": 0}, "from 1 to 5000"), ({"tier": "gold"}, "one of invest, maintain, do-not-invest")],
)
def test_wrong_parameters_are_refused(both: tuple[KnowledgeBase, Arrays], asked: dict[str, Any], complaint: str):
    with pytest.raises(UsageError, match=complaint):
        INVESTMENT_TIER.answer(both[0], {**ASKED, **asked})


@pytest.mark.parametrize("wrong", [{"keeps": 1.5}, {"invest_cost": -1.0}, {"maintain_cost": 99.0}])
def test_wrong_settings_are_refused(wrong: dict[str, float]):
    with Engine.in_memory() as engine:
        published = Published(engine).add(score=[])
        with pytest.raises(ConfigurationError, match="investment-tier"):
            tiers(published, shop(1, 10), {**DEFAULTS, **wrong})


def scope(reach: Any, *columns: str) -> Scope:
    return Scope((Right(reach=reach, columns=Names(columns), measures=Names(("*",))),))


def test_who_may_not_see_costs_is_told_no_tier(published: Published, both: tuple[KnowledgeBase, Arrays]):
    kb = seen(published, scope(EVERYTHING, "*", "!order_line.cost_of_goods"))
    with pytest.raises(NotPermittedError):
        INVESTMENT_TIER.answer(kb, ASKED)
    with pytest.raises(NotPermittedError):
        kb.query(["buyers"], by=["investment_tier"])
    with pytest.raises(NotPermittedError):
        kb.records("customer_tier", ["customer_id", "tier"])


def test_who_sees_some_customers_is_told_of_those_alone(published: Published, both: tuple[KnowledgeBase, Arrays]):
    found = both[1]
    chosen = found["customer_id"][found["tier"] == "tier:invest"][:3].tolist()
    kb = seen(published, scope((Area(customers=frozenset(chosen)),), "*"))
    insight = INVESTMENT_TIER.answer(kb, ASKED)
    assert said(insight.headline).startswith("It pays to invest in 3 of 3 customers")
    assert insight.table is not None
    assert {row[0] for row in insight.table.rows} == {str(each) for each in chosen}
    assert "how far they are right for a part" in said(insight.caveats[-1])
    assert insight.figure is not None
    assert insight.figure.low is None
