-- customer_feature
-- What was known of each customer before a date: how often, how recently and for how much they bought.
-- Purchases are counted in days, as the lifetime models do; a customer appears with the first sale.
-- Grain: customer_id
-- Kind: as-of
with customer_day as (
    select
        customer_id,
        happened_on,
        count(*) filter (where kind = 'sale')                                  as sales,
        sum(net_revenue)                                                       as revenue,
        sum(case when cost_of_goods is not null then net_revenue end)          as revenue_with_cost,
        sum(net_revenue - cost_of_goods)                                       as margin,
        date_diff('day', happened_on, cast(:as_of as date))                    as days_ago
    from order_line
    where kind in ('sale', 'return', 'cancellation') and customer_id is not null
    group by customer_id, happened_on
)
select
    customer_id,
    min(happened_on) filter (where sales > 0)                                  as first_bought_on,
    max(happened_on) filter (where sales > 0)                                  as last_bought_on,
    count(*) filter (where sales > 0) - 1                                      as repeat_purchases,
    max(days_ago) filter (where sales > 0) - min(days_ago) filter (where sales > 0) as recency_days,
    max(days_ago) filter (where sales > 0) - 1                                 as age_days,  -- observed through the day before
    count(*) filter (where sales > 0 and days_ago <= :horizon_days)            as recent_purchases,
    cast(sum(revenue) as decimal(18, 4))                                       as revenue,
    cast(coalesce(sum(revenue) filter (where days_ago <= :horizon_days), 0) as decimal(18, 4)) as recent_revenue,
    cast(coalesce(sum(revenue) filter (where days_ago <= 365), 0) as decimal(18, 4)) as year_revenue,
    cast(sum(margin) as decimal(18, 4))                                        as margin,
    cast(sum(revenue_with_cost) as decimal(18, 4))                             as revenue_with_cost
from customer_day
group by customer_id
having count(*) filter (where sales > 0) > 0
