"""Tiers and look-alikes in a whole run of a small company: an answer or a reason, never an exception."""

from __future__ import annotations

import pytest
from sqlglot import parse_one

from clientela.pipeline.serving import opened
from tests.pipeline.acquainted import Company


@pytest.mark.parametrize("name", ["investment-tier", "look-alike"])
def test_a_small_company_is_told_an_answer_or_a_reason(met: Company, name: str) -> None:
    insight = met.workspace.ask(name)
    if insight.abstained is None:
        assert insight.headline
        assert insight.to_dict()["evidence"]["interval"]
    else:
        assert len(insight.abstained) > 40
        assert insight.abstained.endswith(".")


def test_who_has_not_bought_is_a_candidate_and_who_has_is_none(met: Company) -> None:
    with opened(met.folder) as (reader, _):
        rows = reader.fetch(parse_one("select customer_id, is_customer, as_of from alike_trait")).to_pylist()
        bought = {
            row["customer_id"] for row in reader.fetch(parse_one("select customer_id from order_line")).to_pylist()
        }
    assert rows
    assert {row["customer_id"] for row in rows if row["is_customer"]} == bought - {None}
    assert {row["customer_id"] for row in rows if not row["is_customer"]}.isdisjoint(bought)
