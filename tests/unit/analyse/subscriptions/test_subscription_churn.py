"""subscription-churn, the answer: read from a real engine through the real cube."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from clientela.analyse.customer.subscriptions.subscription_churn import OF_A_PART, SUBSCRIPTION_CHURN
from clientela.contracts.analysis import Arrays, KnowledgeBase
from clientela.contracts.derived.pages import RESTS_ON
from clientela.contracts.insight import Insight, Level
from clientela.cube.knowledge import knowledge
from clientela.errors import NotPermittedError, UsageError
from clientela.present.say import say
from clientela.warehouse.engine import Engine
from tests.unit.analyse.subscriptions.portfolio import AS_OF, HORIZON_DAYS, NEVER, Portfolio, few, portfolio, winner
from tests.unit.analyse.subscriptions.test_subscription_tables import contract, made
from tests.unit.analyse.test_churn_risk import rows
from tests.unit.cube.published import Published

LEARNED_AT = datetime.fromisoformat("2024-07-01T09:30")


@pytest.fixture(scope="module")
def fitted() -> tuple[Portfolio, Mapping[str, Arrays]]:
    firm = portfolio(2, 1_500)
    return firm, firm.fitted()


@pytest.fixture(scope="module")
def kb(fitted: tuple[Portfolio, Mapping[str, Arrays]]) -> Iterator[KnowledgeBase]:
    with Engine.in_memory() as engine:
        yield told(Published(engine), *fitted)


@pytest.fixture(scope="module")
def insight(kb: KnowledgeBase) -> Insight:
    return SUBSCRIPTION_CHURN.answer(kb, {"list": 7})


def told(
    published: Published, firm: Portfolio, tables: Mapping[str, Arrays], *, basis: str = "revenue"
) -> KnowledgeBase:
    """The knowledge base after a run."""
    contracts = []
    for each in firm.running():
        began = AS_OF - timedelta(days=int(firm.today - firm.starts[each]))
        period = "year" if firm.yearly[each] else "month"
        due = Decimal(str(firm.amount[each])) * (12 if firm.yearly[each] else 1)
        contracts.append(contract(str(each), began.isoformat(), period=period, amount=due))
    published.add(subscription=contracts)
    published.add(subscription_feature=[{**row, "as_of": AS_OF} for row in made(published, "subscription_feature")])
    model = {"analysis": "subscription-churn", "contract_hash": "0", "learned_at": LEARNED_AT}
    published.add(
        lifetime_basis=[{"basis": basis, "share_kept": Decimal("0.4"), "share_known": Decimal(1)}],
        order_line=[],
        product=[],
    )
    published.add(subscription_margin=made(published, "subscription_margin"))
    published.add(
        subscription_cell=rows(tables["subscription_cell"]),
        subscription_value=rows(tables["subscription_value"]),
        model=[{**model, **row} for row in rows(tables["model"])],
        backtest=[{"analysis": "subscription-churn", **row} for row in rows(tables["backtest"])],
    )
    published.add(subscription_risk=[{**row, "as_of": AS_OF} for row in made(published, "subscription_risk")])
    return knowledge(
        published.engine, snapshot="7", tables=published.tables, people=None, currency="EUR", timezone="Europe/Madrid",
        lapse_days=30, run_as_of=AS_OF, run_known_at=LEARNED_AT,
    )  # fmt: skip


def test_the_headline_says_how_many_of_how_many_until_when(insight: Insight, fitted: tuple[Portfolio, Any]):
    parameters = winner(fitted[1])["parameters"]
    number, low, high = (round(each) for each in parameters["expected_to_end"])
    n = len(fitted[0].running())
    assert insight.headline is not None
    assert say(insight.headline, "en") == (
        f"About {number} of {n} contracts may end before 1 October 2024 ({low} to {high})."
    )
    assert insight.level is Level.FORECAST
    assert insight.figure is not None
    assert insight.figure.value.value == number


def test_every_contract_that_runs_has_a_chance_and_they_add_up(kb: KnowledgeBase, fitted: tuple[Portfolio, Any]):
    columns = ("probability", "at_stake", "amount_a_month", "year_value", "unpaid")
    found = np.array(kb.records("subscription_risk", columns, limit=1_000).rows, dtype=float)
    parameters = winner(fitted[1])["parameters"]
    assert len(found) == len(fitted[0].running())
    assert found[:, 0].sum() == pytest.approx(parameters["expected_to_end"][0], rel=1e-4)
    assert found[:, 1].sum() == pytest.approx(parameters["expected_loss"][0], rel=0.02)  # prices are told in steps
    assert found[:, 4].sum() == pytest.approx(parameters["expected_unpaid"], rel=1e-3)
    assert (found[:, 3] < 12 * found[:, 2] + 0.01).all()


def test_the_months_of_the_picture_are_whole(insight: Insight):
    assert insight.chart is not None
    assert [row[0] for row in insight.chart.data.rows] == list(range(len(insight.chart.data.rows)))


def test_the_list_has_those_with_most_at_stake_first_and_why(insight: Insight):
    assert insight.table is not None
    assert len(insight.table.rows) == 7
    stakes = [Decimal(str(row[4])) for row in insight.table.rows]
    assert stakes == sorted(stakes, reverse=True)
    for row in insight.table.rows:
        assert float(str(row[4])) == pytest.approx(float(str(row[2])) * float(str(row[3])), abs=0.001)
    whys = {say(row[6], "en") for row in insight.table.rows}  # type: ignore[arg-type] # all are texts
    assert any(each.startswith("Its year ends in this time (+") for each in whys)


def test_it_says_what_goes_with_them_and_who_cannot_pay(insight: Insight):
    said = " ".join(say(each, "en") for each in insight.lead)
    assert "a month" in said
    assert "for want of payment" in said
    assert "Of 100 contracts by the month that begin now" in said
    assert insight.chart is not None
    shares = [Decimal(str(row[1])) for row in insight.chart.data.rows]
    assert shares[0] == 1
    assert shares == sorted(shares, reverse=True)


def test_where_costs_are_known_it_speaks_of_margin(fitted: tuple[Portfolio, Mapping[str, Arrays]], insight: Insight):
    firm = replace(fitted[0], share_kept=0.4)
    tables = firm.fitted(basis="margin")
    with Engine.in_memory() as engine:
        kb = told(Published(engine), firm, tables, basis="margin")
        kept = SUBSCRIPTION_CHURN.answer(kb, {"list": 7})
    value = {name: values[0] for name, values in tables["subscription_value"].items()}
    lead = [say(each, "en") for each in kept.lead]
    assert "of margin a month" in lead[0]
    assert f"({about(value['lost_low'])} to {about(value['lost_high'])})" in lead[0]
    assert lead[1].startswith(
        f"In the next twelve months all that run are expected to leave {about(value['year_margin'])}"
    )
    assert kept.table is not None
    assert insight.table is not None
    assert [say(each.label, "en") for each in kept.table.columns[4:6]] == [
        "Margin at stake a month", "Margin expected in a year",
    ]  # fmt: skip
    for mine, plain in zip(kept.table.rows, insight.table.rows, strict=True):
        assert mine[0] == plain[0]
        assert float(str(mine[4])) == pytest.approx(0.4 * float(str(plain[4])), abs=0.001)
        assert float(str(mine[5])) == pytest.approx(0.4 * float(str(plain[5])), abs=0.001)
    assert kept.evidence is not None
    assert insight.evidence is not None
    assert "the share that the company keeps of its revenue" in say(kept.evidence.sentences[-1], "en")
    assert len(kept.evidence.sentences) == len(insight.evidence.sentences) + 1


def about(value: float) -> str:
    """Euros to three digits, as they are said."""
    return f"€{round(float(f'{value:.3g}')):,}"


def test_who_may_not_see_costs_is_told_revenue(fitted: tuple[Portfolio, Mapping[str, Arrays]]):
    firm = replace(fitted[0], share_kept=0.4)
    with Engine.in_memory() as engine:
        kb = told(Published(engine), firm, firm.fitted(basis="margin"), basis="margin")

        class OfNoCosts:
            """The same knowledge base, asked by somebody who may not see what goods cost."""

            def __getattr__(self, name: str) -> Any:
                return getattr(kb, name)

            def records(self, table: str, columns: Any, **named: Any) -> Any:
                for each in columns:
                    if "order_line.cost_of_goods" in RESTS_ON.get(f"{table}.{each}", ()):
                        raise NotPermittedError(each)
                return kb.records(table, columns, **named)

        part = SUBSCRIPTION_CHURN.answer(OfNoCosts(), {"list": 7})
    assert part.table is not None
    assert say(part.table.columns[4].label, "en") == "At stake a month"
    assert "margin" not in " ".join(say(each, "en") for each in part.lead)
    for row in part.table.rows:
        assert float(str(row[4])) == pytest.approx(float(str(row[2])) * float(str(row[3])), abs=0.001)


def test_the_evidence_is_that_of_the_unseen_months(insight: Insight, fitted: tuple[Portfolio, Any]):
    found = insight.evidence
    assert found is not None
    test = {(row["candidate"], row["metric"]): row for row in rows(fitted[1]["backtest"])}
    serving = winner(fitted[1])["candidate"]
    assert found.value == float(test[serving, "auc"]["value"]) > found.baseline_value == 0.5
    assert found.interval[0] < found.value < found.interval[1]
    assert found.parameters["ece"] == float(test[serving, "ece"]["value"])
    assert found.candidates is not None
    assert found.calibration is not None
    assert len(found.calibration.data.rows) == 10


def test_whoever_sees_a_part_is_told_no_figure_of_the_whole(kb: KnowledgeBase, insight: Insight):
    class OfSome:
        """The same knowledge base, in which whoever asks sees four contracts."""

        def __getattr__(self, name: str) -> Any:
            return getattr(kb, name)

        def query(self, measures: Any, *args: Any, **named: Any) -> Any:
            return replace(kb.query(measures, *args, **named), rows=((4,),))

    part = SUBSCRIPTION_CHURN.answer(OfSome(), {"list": 7})
    assert part.headline is not None
    assert part.headline.values["n"] == 4
    assert (part.figure, part.lead) == (None, ())
    assert part.caveats[-1] == OF_A_PART
    whole = insight.headline.values["n"] if insight.headline else None
    assert str(whole) not in str([part.headline, part.lead, part.figure])


@pytest.mark.parametrize(
    ("named", "advice"),
    [(2, "Speak to the 2 customers"), (1, "Speak to the customer at the top"), (0, "Find out whose 7 contracts")],
)
def test_whom_to_speak_to_are_customers_that_are_known(kb: KnowledgeBase, named: int, advice: str):
    class OfFewNames:
        """The same knowledge base, in which the first contracts alone say whose they are."""

        def __getattr__(self, name: str) -> Any:
            return getattr(kb, name)

        def records(self, table: str, columns: Any, **more: Any) -> Any:
            found = kb.records(table, columns, **more)
            whose = [place for place, name in enumerate(columns) if name in ("customer_id", "customer_key")]
            told = [
                tuple(
                    (f"c{number}" if number < named else None) if place in whose else cell
                    for place, cell in enumerate(row)
                )
                for number, row in enumerate(found.rows)
            ]
            return replace(found, rows=tuple(told))

    said = [say(each, "en") for each in SUBSCRIPTION_CHURN.answer(OfFewNames(), {"list": 7}).next]
    assert said[0].startswith(advice)
    assert any(each.startswith(f"Find out whose {7 - named} contracts") for each in said)


@pytest.mark.parametrize(
    ("firm", "sentence"),
    [
        (few(np.full(40, NEVER)), "only 0 contracts ended in the time to learn from"),
        (Portfolio(**{**vars(portfolio(2, 50)), "origins": 1}), "they must have been followed for 276 days"),
        (few(np.random.default_rng(4).geometric(1 / 1_500, 800)), "No method told contracts that end"),
    ],
    ids=["none ended", "short", "all alike"],
)
def test_thin_data_abstains_in_words(firm: Portfolio, sentence: str):
    with Engine.in_memory() as engine:
        abstained = SUBSCRIPTION_CHURN.answer(told(Published(engine), firm, firm.fitted()), {"list": 20})
    assert abstained.abstained is not None
    assert sentence in say(abstained.abstained, "en")
    assert (abstained.headline, abstained.table, abstained.evidence) == (None, None, None)


def test_the_list_can_be_longer_but_not_endless(kb: KnowledgeBase):
    for wrong in (0, 5_001):
        with pytest.raises(UsageError, match=f"'list' is {wrong}"):
            SUBSCRIPTION_CHURN.answer(kb, {"list": wrong})


def test_for_another_date_it_names_the_command(kb: KnowledgeBase):
    day = AS_OF - timedelta(days=HORIZON_DAYS)
    earlier = knowledge(
        kb.view.reader, snapshot="7", tables=kb.view.tables, people=None, currency="EUR", timezone="Europe/Madrid",  # type: ignore[attr-defined] # the real one has it
        lapse_days=30, run_as_of=AS_OF, run_known_at=kb.known_at, as_of=day,
    )  # fmt: skip
    told_of = SUBSCRIPTION_CHURN.answer(earlier, {"list": 20}).abstained
    assert told_of is not None
    assert f"clientela run --as-of {day}" in say(told_of, "en")
