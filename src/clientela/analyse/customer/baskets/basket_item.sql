-- basket_item
-- Every product that was sold in the 365 days before the date, numbered, and the group (subcategory, else category) it
-- belongs to where it has one.
-- Grain: item_no
-- Kind: as-of
with sold as (
    select distinct product_id
    from order_line
    where kind = 'sale'
        and product_id is not null
        and happened_on >= cast(cast(:as_of as date) - interval 365 day as date)
),
grouped as (
    select
        product_id,
        max(coalesce(subcategory, category))                    as item_group
    from product
    group by product_id
)
select
    row_number() over (order by sold.product_id)                as item_no,
    sold.product_id,
    grouped.item_group
from sold
left join grouped on grouped.product_id = sold.product_id
