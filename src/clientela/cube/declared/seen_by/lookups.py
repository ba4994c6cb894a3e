"""The reference tables that dimensions are looked up in."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

from clientela.cube.declared.seen_by.shape import Lookup


def _of(name: str, key: str, table: str) -> Lookup:
    """A lookup whose query stands beside this file, as it walks up a tree to any depth."""
    return Lookup(name=name, key=key, table=table, sql=(files(__package__) / f"{name}.sql").read_text("utf-8"))


LOOKUPS: Mapping[str, Lookup] = MappingProxyType(
    {
        each.name: each
        for each in (
            Lookup(
                name="of_product",
                key="product_id",
                table="product",
                sql="""
                select product_id, max(name) as name, max(category) as category,
                    max(subcategory) as subcategory, max(brand) as brand
                from product group by product_id
                """,
            ),
            _of("of_territory", "territory_id", "territory"),
            Lookup(
                name="of_campaign",
                key="campaign_id",
                table="campaign",
                sql="select campaign_id, max(name) as name from campaign group by campaign_id",
            ),
            _of("of_owner", "owner_id", "staff"),
            _of("of_agent", "agent_id", "staff"),
            Lookup(
                name="of_segment",
                key="customer_id",
                table="segment_member",
                sql="""
                select customer_id, segment
                from segment_member
                where valid_from <= cast(:as_of as date) and (valid_to is null or valid_to > cast(:as_of as date))
                """,
                many=True,
            ),
        )
    }
)
