"""What a figure shows of a table is named as the table names it, whatever the fact calls it."""

from __future__ import annotations

import pytest

from clientela.access.area import EVERYTHING
from clientela.access.rights import Names, Right, Scope
from clientela.cube.declared.dimension import DIMENSIONS, TIME
from clientela.cube.declared.facts import FACTS
from clientela.cube.figures.query import query
from clientela.cube.scoped import columns_read, nameable
from clientela.errors import NotPermittedError
from tests.unit.cube.published import Published

SEEN = [(fact, name) for fact in FACTS for name in sorted(FACTS[fact].dimensions - TIME)]


@pytest.mark.parametrize(("fact", "name"), SEEN)
def test_each_dimension_reads_columns_that_a_role_can_name(fact: str, name: str) -> None:
    read = columns_read(FACTS[fact], DIMENSIONS[name])
    assert read
    assert set(read) <= nameable()[0].keys()


@pytest.mark.parametrize(
    ("column", "measure", "by"),
    [
        ("subscription.end_reason", "subscriptions_ended", "reason"),
        ("subscription.product_id", "subscriptions_ended", "product_id"),
        ("interaction.channel", "cost_to_serve", "channel"),
        ("contact.campaign_id", "responses", "campaign_id"),
        ("interaction.kind", "contacts", "contact_kind"),
    ],
)
def test_a_column_that_was_taken_out_is_not_seen_under_another_name(
    published: Published, column: str, measure: str, by: str
) -> None:
    right = Right(reach=EVERYTHING, columns=Names(("*", f"!{column}")), measures=Names(("*",)))
    view = published.view(scope=Scope((right,)))
    assert query(view, [measure]).totals is not None
    with pytest.raises(NotPermittedError, match="cannot be seen by"):
        query(view, [measure], [by])
