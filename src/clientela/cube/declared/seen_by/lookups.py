"""The reference tables that dimensions are looked up in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.cube.declared.seen_by.shape import Lookup

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
            Lookup(
                name="of_territory",
                key="territory_id",
                table="territory",
                sql="""
                select
                    here.territory_id,
                    max(here.name) as name,
                    max(case when here.level = 'district' then here.name end) as district,
                    max(case when here.level = 'region' then here.name
                             when above.level = 'region' then above.name end) as region,
                    max(case when here.level = 'nation' then here.name
                             when above.level = 'nation' then above.name
                             when top.level = 'nation' then top.name end) as nation
                from territory as here
                left join territory as above on above.territory_id = here.parent_id
                left join territory as top on top.territory_id = above.parent_id
                group by here.territory_id
                """,
            ),
            Lookup(
                name="of_campaign",
                key="campaign_id",
                table="campaign",
                sql="select campaign_id, max(name) as name from campaign group by campaign_id",
            ),
        )
    }
)
