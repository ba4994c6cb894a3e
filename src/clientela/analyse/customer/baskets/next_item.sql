-- next_item
-- Every product sold to known customers in the 365 days before the date, numbered from the one that most customers
-- bought: how often it was bought, how often lately, and what one purchase of it brings.
-- Grain: item_no
-- Kind: as-of
with purchase as (
    select
        customer_id,
        product_id,
        happened_on,
        sum(net_revenue)                                            as revenue,
        sum(cost_of_goods)                                          as cost,
        count(*) filter (where cost_of_goods is null)               as without_cost
    from order_line
    where kind = 'sale'
        and product_id is not null
        and customer_id is not null
        and happened_on >= cast(cast(:as_of as date) - interval 365 day as date)
    group by customer_id, product_id, happened_on
),
sold as (
    select
        product_id,
        count(distinct customer_id)                                 as customers,
        count(*)                                                    as purchases,
        count(*) filter (where date_diff('day', happened_on, cast(:as_of as date)) <= 60) as recent_purchases,
        sum(revenue)                                                as revenue,
        sum(case when without_cost = 0 then revenue - cost end)     as margin,
        count(*) filter (where without_cost = 0)                    as with_cost
    from purchase
    group by product_id
),
described as (
    select
        product_id,
        max(coalesce(subcategory, category))                        as item_group
    from product
    group by product_id
)
select
    row_number() over (order by sold.customers desc, sold.purchases desc, sold.product_id) as item_no,
    sold.product_id,
    described.item_group,
    sold.customers,
    sold.purchases,
    sold.recent_purchases,
    cast(sold.revenue / nullif(sold.purchases, 0) as decimal(18, 4)) as revenue_each,
    cast(sold.margin / nullif(sold.with_cost, 0) as decimal(18, 4)) as margin_each
from sold
left join described on described.product_id = sold.product_id
