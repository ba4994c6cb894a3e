"""What a page tells of one insight, beside what the insight says itself."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from clientela.contracts.insight import Table
from clientela.contracts.schema import Type
from clientela.contracts.text import text
from clientela.pipeline.questions import questions
from clientela.present.views import Show
from clientela.web.insights.asked import Asked
from clientela.web.insights.told import InsightPage, insight_page
from tests.unit.present import sample

CONTRACTS = Table(
    columns=(
        replace(sample.column("contract", Type.TEXT, "Contract"), name="contract"),
        replace(sample.column("customer", Type.TEXT, "Customer"), name="customer"),
    ),
    rows=(("S1", "c 7"), ("S2", None), ("S3", "600, u8")),
    caption=text("Contracts"),
)


def page(table: Table) -> InsightPage:
    insight = replace(sample.churn(), table=table)
    asked = Asked(parameters={}, as_of=None, said={}, wrong={})
    return insight_page(
        insight, questions().get("churn-risk"), asked, Show("en"), lambda to, **_: f"/{to}", all_rows=False
    )


def test_a_customer_in_any_column_leads_to_who_has_a_key_of_theirs_and_one_that_is_not_known_nowhere() -> None:
    told = page(CONTRACTS)
    assert told.link_at == 1
    assert told.links == ("/customers?q=c+7", "", "/customers?q=600")
    assert told.lists_customers


def test_the_rows_behind_a_figure_are_those_of_the_day_of_the_answer() -> None:
    told = page(replace(CONTRACTS, behind=(("order_line", "kind = 'sale'"), None, ("contact", ""))))
    day = sample.churn().as_of.isoformat()
    assert told.links == (
        f"/explore-rows?table=order_line&where=kind+%3D+%27sale%27&as_of={day}",
        "",
        f"/explore-rows?table=contact&where=&as_of={day}",
    )


def test_a_table_without_customers_leads_nowhere() -> None:
    told = page(replace(CONTRACTS, columns=(CONTRACTS.columns[0],), rows=(("S1",), ("S2",))))
    assert (told.links, told.lists_customers) == ((), False)


def test_the_measure_of_the_evidence_is_called_as_the_field_writes_it() -> None:
    facts = dict(page(CONTRACTS).facts)
    evidence = sample.churn().evidence
    assert evidence is not None
    assert next(each for each in facts if each.endswith("on unseen months")).startswith("AUC")
    small = replace(sample.churn(), evidence=replace(evidence, metric="recall_at_10", parameters={"ece": 0.0123}))
    told = dict(
        insight_page(
            small,
            questions().get("churn-risk"),
            Asked(parameters={}, as_of=None, said={}, wrong={}),
            Show("en"),
            lambda to, **_: f"/{to}",
            all_rows=False,
        ).facts
    )
    assert "Recall at 10 on unseen months" in told
    assert told["ece"] == "0.012"
    assert Decimal(told["Cases tested"].replace(",", "")) == evidence.n
