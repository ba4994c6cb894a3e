"""The pairs a person is asked about: uncertain ones, and those that alone hold a customer together."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from sqlglot import exp

from clientela.contracts.identity import Review
from clientela.pipeline import serving
from clientela.pipeline.identities import shown
from clientela.pipeline.serving import Serving
from clientela.warehouse.store.snapshot import Reader

MOST, ALL = 20, 1_000_000
_COUNTS = """
select
    count(distinct case when status = 'uncertain' then concat(
        least(customer_id_l, customer_id_r), '-', greatest(customer_id_l, customer_id_r)
    ) end) as uncertain,
    count_if(status = 'joined' and is_bridge and decision is null) as bridges
from facts.identity_pair
"""
_ASKED = """
with asked as (
    select
        customer_ref_l, customer_ref_r, customer_id_l, customer_id_r, match_weight, match_probability, rule, status,
        is_bridge, decision
    from facts.identity_pair
    where status = 'uncertain' or (status = 'joined' and is_bridge and decision is null)
    -- of two customers one pair of records, the likeliest: it is one question
    qualify row_number() over (
        partition by
            least(customer_id_l, customer_id_r),
            greatest(customer_id_l, customer_id_r),
            case when status = 'joined' then concat(customer_ref_l, customer_ref_r) end
        order by match_probability desc, match_weight desc, customer_ref_l, customer_ref_r
    ) = 1
), earned as (
    select customer_id, sum(net_revenue) as revenue
    from facts.order_line
    where known_until is null and kind in ('sale', 'return', 'cancellation')
        and customer_id in (select customer_id_l from asked union all select customer_id_r from asked)
    group by customer_id
)
select
    asked.*,
    coalesce(l.revenue, 0) + case when customer_id_l = customer_id_r then 0 else coalesce(r.revenue, 0) end as revenue
from asked
left join earned as l on l.customer_id = asked.customer_id_l
left join earned as r on r.customer_id = asked.customer_id_r
order by revenue desc, abs(match_probability - 0.5), customer_ref_l, customer_ref_r
limit :most
"""
_NOTHING_SOLD = "select null::bigint as customer_id, null::decimal(18, 4) as revenue where false"


def review(folder: Path, *, company: str, limit: int | None = MOST) -> Review:
    """The pairs a person is asked about, most money at stake first, then the least certain.

    Raises
    ------
    NothingPublishedError
        No run has published anything yet.
    """
    return serving.read(folder, lambda reader, served: of(reader, served, company=company, limit=limit))


def of(reader: Reader, served: Serving, *, company: str, limit: int | None = MOST) -> Review:
    """The same of an open snapshot."""
    manifest = served.snapshot.manifest
    counts, rows = {"uncertain": 0, "bridges": 0}, list[dict[str, Any]]()
    if "identity_pair" in reader.tables:
        counts = reader.fetch(shown.tree(_COUNTS)).to_pylist()[0]
        sold = "order_line" in reader.tables
        rows = reader.fetch(_asked(sold=sold), {"most": ALL if limit is None else min(limit, ALL)}).to_pylist()
    return Review(
        company=company,
        currency=manifest["currency"],
        snapshot=served.snapshot.name,
        as_of=date.fromisoformat(manifest["as_of"]),
        uncertain=counts["uncertain"],
        bridges=counts["bridges"],
        pairs=shown.pairs(reader, rows),
    )


def _asked(*, sold: bool) -> exp.Query:
    query = shown.tree(_ASKED)
    if sold:
        return query
    for each in query.find_all(exp.CTE):
        if each.alias == "earned":
            each.set("this", shown.tree(_NOTHING_SOLD))
    for named in query.selects:
        if isinstance(named, exp.Alias) and named.alias == "revenue":
            named.set("this", exp.cast(exp.null(), "decimal(18, 4)"))
    return query
