"""lifetime-value, the answer: read from a real engine through the real cube."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from clientela.analyse.customer.lifetime.lifetime_value import LIFETIME_VALUE
from clientela.contracts.analysis import KnowledgeBase
from clientela.contracts.insight import Insight, Level
from clientela.errors import UsageError
from clientela.warehouse.engine import Engine
from tests.unit.analyse.lifetime.shops import AS_OF, bought_on, dependent, shop, told
from tests.unit.analyse.test_churn_risk import said
from tests.unit.cube.published import Published


@pytest.fixture(scope="module")
def kb() -> Iterator[KnowledgeBase]:
    with Engine.in_memory() as engine:
        yield told(Published(engine), shop(1, 800))[0]


@pytest.fixture(scope="module")
def insight(kb: KnowledgeBase) -> Insight:
    return LIFETIME_VALUE.answer(kb, {"list": 7})


def test_the_headline_says_how_much_margin_until_when(insight: Insight):
    headline = said(insight.headline)
    assert headline.startswith("800 customers will bring about ")
    assert f"of margin until {AS_OF + timedelta(days=365)} (" in headline
    assert insight.level is Level.FORECAST
    assert insight.abstained is None


def test_the_sentence_is_the_sum_of_the_scores(kb: KnowledgeBase, insight: Insight):
    customers, worth = kb.query(["customers_valued", "margin_to_come"]).rows[0]
    assert customers == 800
    assert insight.figure is not None
    assert float(str(insight.figure.value.value)) == pytest.approx(
        float(str(worth)), rel=0.006
    )  # three digits are said


def test_the_list_begins_with_who_brings_most_each_within_a_range(insight: Insight):
    assert insight.table is not None
    rows = insight.table.rows
    assert len(rows) == 7
    worth = [row[1] for row in rows]
    assert worth == sorted(worth, reverse=True)
    assert all(row[2] <= row[1] <= row[3] for row in rows)


def test_the_chart_shares_out_the_whole(insight: Insight):
    assert insight.chart is not None
    shares = [float(str(row[1])) for row in insight.chart.data.rows]
    assert sum(shares) == pytest.approx(1, abs=1e-3)
    assert shares == sorted(shares, reverse=True)


def test_the_evidence_names_the_baseline_and_the_test(insight: Insight):
    found = insight.evidence
    assert found is not None
    assert found.metric == "mae"
    assert found.value < found.baseline_value
    assert found.interval[0] < found.value < found.interval[1]
    assert found.candidates is not None
    assert len(found.candidates.rows) == 8
    assert found.calibration is not None
    assert len(found.calibration.data.rows) == 10


def test_revenue_is_called_revenue_where_no_cost_is_known():
    with Engine.in_memory() as engine:
        kb, _ = told(Published(engine), shop(2, 500, margin=None))
        insight = LIFETIME_VALUE.answer(kb, {"list": 3})
    assert "of revenue until" in said(insight.headline)
    assert "No costs are known, so this counts revenue, not margin." in [said(each) for each in insight.caveats]


@pytest.mark.parametrize(("power", "how"), [(0.5, "spends more"), (-0.5, "spends less"), (0.0, None)])
def test_it_warns_where_who_comes_often_spends_otherwise(power: float, how: str | None):
    with Engine.in_memory() as engine:
        kb, tables = told(Published(engine), dependent(2, 500, power))
        insight = LIFETIME_VALUE.answer(kb, {"list": 3})
    caveats = [said(each) for each in insight.caveats if "Who comes back often" in said(each)]
    assert [how in each for each in caveats if how is not None] == ([True] if how is not None else [])
    assert len(caveats) == (how is not None)
    stored = json.loads(tables["model"]["parameters"][tables["model"]["winner"]][0])["independence"]
    assert stored["repeaters"] > 300
    assert (stored["correlation"] is None) == (how is None)  # where all spend the same there is none


def test_a_day_without_a_forecast_names_the_command():
    with Engine.in_memory() as engine:
        kb, _ = told(Published(engine), shop(1, 300), AS_OF - timedelta(days=10))
        insight = LIFETIME_VALUE.answer(kb, {"list": 7})
    assert "clientela run --as-of 2024-06-21" in said(insight.abstained)


def test_it_abstains_in_words():
    with Engine.in_memory() as engine:
        kb, _ = told(Published(engine), bought_on(*((each, 459) for each in range(60))))
        insight = LIFETIME_VALUE.answer(kb, {"list": 7})
    assert "nobody has bought on two different days" in said(insight.abstained)
    assert insight.table is None


def test_a_list_too_long_is_refused(kb: KnowledgeBase):
    with pytest.raises(UsageError, match="from 1 to 5000"):
        LIFETIME_VALUE.answer(kb, {"list": 0})
