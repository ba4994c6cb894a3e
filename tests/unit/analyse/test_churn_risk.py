"""churn-risk, the answer: read from a real engine through the real cube."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from clientela.analyse.customer.churn.churn_risk import CHURN_RISK
from clientela.contracts.analysis import Arrays, KnowledgeBase
from clientela.contracts.insight import Insight, Level
from clientela.contracts.text import Amount, Text
from clientela.cube.knowledge import knowledge
from clientela.errors import UsageError
from clientela.warehouse.engine import Engine
from tests.unit.analyse.companies import AS_OF, HORIZON_DAYS, Company, bought_on, company, winner
from tests.unit.analyse.test_churn_tables import made
from tests.unit.cube.published import Published, line

MONEY_A_DAY = Decimal(10)
LEARNED_AT = datetime.fromisoformat("2024-07-01T09:30")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.in_memory() as opened:
        yield opened


@pytest.fixture(scope="module")
def fitted() -> tuple[Company, Mapping[str, Arrays]]:
    shop = company(1, 600)
    return shop, shop.fitted()


@pytest.fixture(scope="module")
def kb(engine: Engine, fitted: tuple[Company, Mapping[str, Arrays]]) -> KnowledgeBase:
    return told(Published(engine), *fitted)


@pytest.fixture(scope="module")
def insight(kb: KnowledgeBase) -> Insight:
    return CHURN_RISK.answer(kb, {"list": 7})


def told(published: Published, shop: Company, tables: Mapping[str, Arrays], as_of: date | None = None) -> KnowledgeBase:
    """The knowledge base after a run: the features and what the fit gave, the scores by their models."""
    x, t_x, t, customer = shop.purchases.history(shop.days)
    recent = shop.purchases.bought_within(shop.days - HORIZON_DAYS, shop.days)[customer.astype(int)]
    features = [
        {
            "customer_id": int(each), "as_of": AS_OF, "repeat_purchases": int(x[i]), "recency_days": int(t_x[i]),
            "age_days": int(t[i]), "recent_purchases": int(recent[i]), "revenue": MONEY_A_DAY * int(x[i] + 1),
            "recent_revenue": MONEY_A_DAY * int(recent[i]), "year_revenue": Decimal(0),
            "first_bought_on": AS_OF - timedelta(days=int(t[i]) + 1),
            "last_bought_on": AS_OF - timedelta(days=int(t[i] - t_x[i]) + 1),
        }
        for i, each in enumerate(customer)
    ]  # fmt: skip
    first = (AS_OF - timedelta(days=shop.days)).isoformat()
    published.add(order_line=[line("1", 0, first, "10", known_assumed=True)], customer_feature=features)
    models = [
        {"analysis": "churn-risk", "contract_hash": "0", "learned_at": LEARNED_AT, **row}
        for row in rows(tables["model"])
    ]
    published.add(
        churn_cell=rows(tables["churn_cell"]),
        model=models,
        backtest=[{"analysis": "churn-risk", **row} for row in rows(tables["backtest"])],
    )
    scores = [{**row, "as_of": AS_OF} for name in ("churn_risk", "churn_loss") for row in made(published, name)]
    published.add(score=scores)
    published.add(churn_reason=[{**row, "as_of": AS_OF} for row in made(published, "churn_reason")])
    published.add(churn_reach=[{**row, "as_of": AS_OF} for row in made(published, "churn_reach")])
    return knowledge(
        published.engine, snapshot="7", tables=published.tables, people=None, currency="EUR", timezone="Europe/Madrid",
        lapse_days=30, run_as_of=AS_OF, run_known_at=datetime.fromisoformat("2024-07-01T09:30"), as_of=as_of,
    )  # fmt: skip


def rows(arrays: Arrays) -> list[dict[str, Any]]:
    """Arrays as rows of Python values, as the warehouse stores them."""
    names = list(arrays)
    return [dict(zip(names, map(plain, row), strict=True)) for row in zip(*arrays.values(), strict=True)]


def plain(value: Any) -> Any:
    if isinstance(value, np.datetime64):
        return value.astype("datetime64[D]").item()
    if isinstance(value, np.floating):
        return None if np.isnan(value) else Decimal(repr(round(float(value), 6)))
    return value.item() if isinstance(value, np.generic) else value


def said(message: Text | None) -> str:
    """A message in English with its bare values, to be read in a test."""
    assert message is not None
    values = {name: value.value if isinstance(value, Amount) else value for name, value in message.values.items()}
    one = message.count is None or values[message.count] == 1
    return (message.id if one or message.plural is None else message.plural).format(**values)


def test_the_headline_says_how_many_of_how_many_until_when(insight: Insight, fitted: tuple[Company, Any]):
    parameters = winner(fitted[1])["parameters"]
    number, low, high = (round(each) for each in parameters["expected_to_leave"])
    assert said(insight.headline) == (
        f"About {number} of {parameters['customers']} customers may not return before 2024-10-01 ({low} to {high})."
    )
    assert insight.level is Level.FORECAST
    assert insight.abstained is None
    assert insight.figure is not None
    assert insight.figure.value.value == number


def test_the_sentence_is_the_sum_of_the_scores(kb: KnowledgeBase, insight: Insight, fitted: tuple[Company, Any]):
    scored, at_risk, loss = kb.query(["customers_scored", "customers_at_risk", "expected_loss"]).rows[0]
    parameters = winner(fitted[1])["parameters"]
    assert scored == parameters["customers"]
    assert float(str(at_risk)) == pytest.approx(parameters["expected_to_leave"][0], abs=0.001)
    assert float(str(loss)) == pytest.approx(parameters["expected_loss"][0], abs=0.01)


def test_the_list_has_those_with_most_at_stake_first_and_why(insight: Insight):
    assert insight.table is not None
    assert len(insight.table.rows) == 7
    losses = [row[1] for row in insight.table.rows]
    assert losses == sorted(losses, key=lambda loss: -Decimal(str(loss)))
    for _, loss, chance, revenue, why in insight.table.rows:
        assert float(str(loss)) == pytest.approx(float(str(chance)) * float(str(revenue)), abs=0.001)
        assert isinstance(why, Text)


def test_the_picture_is_the_reach_from_none_to_all(insight: Insight):
    assert insight.chart is not None
    points = insight.chart.data.rows
    assert (points[0], points[-1][1]) == ((0, 0), 1)
    shares = [Decimal(str(row[1])) for row in points]
    assert shares == sorted(shares)
    assert insight.chart.highlight[0] == next(row[0] for row in points if Decimal(str(row[1])) >= Decimal("0.5"))


def test_the_evidence_is_that_of_the_unseen_months(insight: Insight, fitted: tuple[Company, Any]):
    found = insight.evidence
    assert found is not None
    test = {(row["candidate"], row["metric"]): row for row in rows(fitted[1]["backtest"])}
    serving = winner(fitted[1])["candidate"]
    assert found.metric == "auc"
    assert found.value == float(test[serving, "auc"]["value"])
    assert found.baseline_value == float(test["silence", "auc"]["value"]) < found.value
    assert found.interval[0] < found.value < found.interval[1]
    assert found.n == test[serving, "auc"]["n"]
    expected, left = (round(test[serving, metric]["value"]) for metric in ("expected", "left"))
    assert said(found.sentences[0]).endswith(f"it expected {expected} to leave, {left} left.")
    assert found.parameters["ece"] == float(test[serving, "ece"]["value"])
    assert found.candidates is not None
    assert len(found.candidates.rows) == 6
    assert found.calibration is not None
    assert len(found.calibration.data.rows) == 10


def test_it_says_what_to_keep_in_mind(insight: Insight):
    caveats = " ".join(said(each) for each in insight.caveats)
    assert "92 days counts as gone" in caveats
    assert "Each season is in the data once at most" in caveats
    assert "counts as known when it happened" in caveats
    assert said(insight.next[0]).startswith("Start with the 7 customers at the top")
    assert said(insight.next[-1]) == "Look again on 2024-08-01."


def test_the_list_can_be_longer_but_not_endless(kb: KnowledgeBase):
    table = CHURN_RISK.answer(kb, {"list": 50}).table
    assert table is not None
    assert len(table.rows) == 50
    for wrong in (0, 5_001):
        with pytest.raises(UsageError, match=f"'list' is {wrong}"):
            CHURN_RISK.answer(kb, {"list": wrong})


@pytest.mark.parametrize("day", [date(2024, 6, 1), AS_OF - timedelta(days=HORIZON_DAYS)])
def test_for_another_date_it_names_the_command(kb: KnowledgeBase, day: date):
    earlier = knowledge(
        kb.view.reader, snapshot="7", tables=kb.view.tables, people=None, currency="EUR", timezone="Europe/Madrid",  # type: ignore[attr-defined] # the real one has it
        lapse_days=30, run_as_of=AS_OF, run_known_at=kb.known_at, as_of=day,
    )  # fmt: skip
    insight = CHURN_RISK.answer(earlier, {"list": 20})
    assert insight.headline is None
    assert f"clientela run --as-of {day}" in said(insight.abstained)


@pytest.mark.parametrize(
    ("shop", "sentence"),
    [
        (bought_on(*((each, 459) for each in range(40))), "nobody has bought on two different days"),
        (bought_on(*((0, day) for day in range(0, 460, 9))), "Nobody left: the only customer, 1, bought again"),
        (bought_on(*((e, day) for e in range(5) for day in range(0, 460, 9))), "Nobody left: all 5 customers bought"),
        (Company(company(6, 50).purchases, origins=1), "they must have been followed for 276"),
        (company(0, 12), "A forecast that can be trusted needs 10 in each."),
    ],
    ids=["one day", "one customer", "five customers", "short", "few left"],
)
def test_thin_data_abstains_in_words(shop: Company, sentence: str):
    with Engine.in_memory() as engine:
        insight = CHURN_RISK.answer(told(Published(engine), shop, shop.fitted()), {"list": 20})
    assert sentence in said(insight.abstained)
    assert (insight.headline, insight.table, insight.evidence) == (None, None, None)


def test_without_sales_it_asks_for_a_file():
    with Engine.in_memory() as engine:
        empty = knowledge(
            engine, snapshot="1", tables=(), people=None, currency="EUR", timezone="UTC", lapse_days=None,
            run_as_of=AS_OF, run_known_at=datetime.fromisoformat("2024-07-01"),
        )  # fmt: skip
        assert "There are no sales yet" in said(CHURN_RISK.answer(empty, {"list": 20}).abstained)


def test_all_it_says_of_its_parameters_can_be_read_back(fitted: tuple[Company, Any]):
    for text in fitted[1]["model"]["parameters"]:
        parameters = json.loads(text)
        assert json.dumps(parameters, sort_keys=True, ensure_ascii=False) == text


def test_whoever_sees_a_part_is_told_of_that_part_only(kb, insight):
    from clientela.analyse.customer.churn.churn_risk import OF_A_PART

    class OfSome:
        """The same knowledge base, in which whoever asks sees four customers."""

        def __getattr__(self, name: str) -> Any:
            return getattr(kb, name)

        def query(self, measures: Any, *args: Any, **named: Any) -> Any:
            from dataclasses import replace

            found = kb.query(measures, *args, **named)
            if "customers_scored" not in measures:
                return found
            return replace(found, rows=((4, Decimal("1.6"), Decimal("109.2")),))

    told = CHURN_RISK.answer(OfSome(), {"list": 7})
    assert told.headline is not None
    assert told.headline.values["n"] == 4
    assert told.headline.values["number"] == Amount(2, "count")
    assert [each.values["loss"].value for each in told.lead] == [109]  # type: ignore[union-attr]
    assert told.figure is not None
    assert (told.figure.value, told.figure.low, told.figure.high) == (Amount(2, "count"), None, None)
    assert told.caveats[-1] == OF_A_PART
    whole = insight.headline.values["n"] if insight.headline else None
    assert str(whole) not in str([told.headline, told.lead, told.figure])
