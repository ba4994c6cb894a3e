"""What an answer may not rest on, and what is said then: which data, whose, and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from clientela.contracts.analysis import Analysis
from clientela.contracts.insight import Level
from clientela.contracts.tables import CONTRACTS
from clientela.contracts.text import text
from clientela.cube.knowledge import knowledge
from clientela.pipeline.answer import answer
from clientela.pipeline.quality import gate
from clientela.pipeline.quality.gate import Fitness
from clientela.pipeline.quality.measures import Measure
from clientela.pipeline.quality.notices import Notice
from clientela.pipeline.questions import questions
from clientela.present.say import say
from clientela.warehouse.engine import Engine
from tests.unit.cube.published import Published

WEAK = Measure(
    source="shop",
    table_name="order_line",
    column_name="net_revenue",
    property="correct",
    rule="price",
    measured=Decimal("0.4"),
    found=40,
    checked=100,
    verdict="unfit",
)
BROKEN = replace(WEAK, column_name="", property="valid", rule="", measured=Decimal("0.3"))
ELSEWHERE = replace(WEAK, column_name="territory_id", property="complete", rule="missing")
OLD = replace(
    WEAK, column_name="ordered_at", property="current", rule="", measured=Decimal(9), found=None, checked=None
)


def analysis(level: Level) -> Analysis:
    return Analysis(
        name="it",
        area="sales",
        level=level,
        question=text("How?"),
        answer=questions().get("sales-trend").answer,
        needs=("order_line",),
        rests_on=("order_line.net_revenue",),
    )


OF_CONTRACTS = replace(WEAK, table_name="subscription")


@pytest.mark.parametrize(
    ("unfit", "said"),
    [
        (replace(OF_CONTRACTS, column_name="amount"), "Part of it counts data that are not fit."),
        (replace(OF_CONTRACTS, column_name="", property="valid", rule=""), "Part of it counts data that are not fit."),
        (replace(OLD, table_name="subscription"), "promises newer data: the newest row of subscription"),
        (replace(OF_CONTRACTS, column_name="renews_on"), ""),
    ],
)
def test_what_is_counted_beside_is_told_and_refuses_nothing(unfit: Measure, said: str) -> None:
    for each in map(questions().get, ("lifetime-value", "investment-tier")):
        known = Fitness(unfit=(unfit,), owners={})
        assert known.against(each, at_the_run=True) == ()
        told = [say(one, "en") for one in known.beside(each, at_the_run=True)]
        assert (len(told), said in "".join(told)) == (1 if said else 0, True)


def test_deliveries_of_contracts_that_stay_out_are_told_of_what_counts_them() -> None:
    left = Notice(source="crm", table="subscription", said=text("Nothing of it."), detail="")
    for each in map(questions().get, ("lifetime-value", "investment-tier")):
        assert Fitness(notices=(left,), owners={}).missing(each) == (left.said,)


@pytest.mark.parametrize(
    ("unfit", "level", "refused"),
    [
        (WEAK, Level.HAPPENED, True),
        (BROKEN, Level.HAPPENED, True),
        (ELSEWHERE, Level.HAPPENED, False),
        (replace(WEAK, table_name="invoice"), Level.HAPPENED, False),
        (OLD, Level.HAPPENED, False),
        (OLD, Level.WHY, False),
        (OLD, Level.FORECAST, True),
        (OLD, Level.ALERT, True),
        (OLD, Level.ALTERNATIVES, True),
    ],
)
def test_an_answer_is_refused_when_what_it_rests_on_is_unfit(unfit: Measure, level: Level, refused: bool) -> None:
    fit = Fitness(unfit=(unfit,), owners={})
    assert bool(fit.against(analysis(level), at_the_run=True)) == refused


def test_old_data_refuse_no_look_from_an_earlier_day() -> None:
    fit = Fitness(unfit=(OLD,), owners={})
    assert fit.against(analysis(Level.FORECAST), at_the_run=False) == ()
    assert fit.beside(analysis(Level.HAPPENED), at_the_run=False) == ()


def test_old_data_are_told_beside_what_happened() -> None:
    (said,) = Fitness(unfit=(OLD,), owners={}).beside(analysis(Level.HAPPENED), at_the_run=True)
    assert say(said) == "shop promises newer data: the newest row of order_line it brought was 9 days old at the run."


def test_the_reason_names_place_property_and_number_in_every_language() -> None:
    reason = gate.reason((WEAK, BROKEN))
    assert say(reason) == (
        "The data behind this answer are not fit. Sales from shop at more than 30 times the usual price of their "
        "product, or less than a 30th: 40.0% (order_line.net_revenue, Correct). And 1 weakness more is as grave."
    )
    assert say(reason, "es") == (
        "Los datos en que se basa esta respuesta no son aptos. Ventas de shop a más de 30 veces el precio habitual de "
        "su producto, o a menos de una trigésima parte: 40,0\N{NO-BREAK SPACE}% (order_line.net_revenue, Correcto). "
        "Y hay 1 debilidad más igual de grave."
    )


def test_the_next_step_names_the_owner_or_asks_for_one() -> None:
    named = gate.next_steps((WEAK, BROKEN), {("shop", "order_line"): "Ana Ruiz"})
    assert say(named[0]) == "Ask Ana Ruiz, who looks after shop, to mend order_line and deliver it again."
    assert len(named) == 2  # one source is asked once
    nobody = gate.next_steps((WEAK,), {})
    assert say(nobody[0]).startswith("Nobody is named who looks after shop: set owner in its [[source]]")


def test_every_analysis_says_what_it_rests_on() -> None:
    for each in questions().all():
        assert each.rests_on, each.name
        columns = [name.split(".") for name in each.rests_on]
        assert set(each.needs) <= {table for table, _ in columns}, each.name  # it may rest on more than it needs
        for table, column in columns:
            assert CONTRACTS[table].column(column)


def test_who_delivered_a_file_that_stays_out_does_not_read_that_there_is_none() -> None:
    why = text("{path} from {source} cannot be read and stays out.", path="a.csv", source="shop")
    out = Fitness(notices=(Notice(source="shop", table="order_line", said=why, detail=""),), owners={})
    with Engine.in_memory() as engine:
        kb = knowledge(
            engine, snapshot="1", tables=Published(engine).tables, people=None, currency="EUR", timezone="UTC",
            lapse_days=None, run_as_of=date(2024, 7, 1), run_known_at=datetime.fromisoformat("2024-07-01T09:30"),
            as_of=None,
        )  # fmt: skip
        told = answer(analysis(Level.HAPPENED), kb, {}, out)
        elsewhere = answer(analysis(Level.HAPPENED), kb, {}, Fitness(owners={}))
    assert told.abstained is not None
    assert say(told.abstained) == (
        "There is nothing in the table order_line as of 1 July 2024. a.csv from shop cannot be read and stays out."
    )
    assert told.next == (gate.after_correction(),)
    assert elsewhere.abstained is not None
    assert "Deliver a file" in say(elsewhere.abstained)
