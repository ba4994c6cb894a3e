-- customer_month
-- Each month in which a customer bought, the first one among them, and how many months it lies after that.
-- The month in which the date asked about lies is not over and is left out.
-- Grain: customer_id, day
-- Kind: as-of
with bought_month as (
    select
        customer_id,
        cast(date_trunc('month', happened_on) as date)                            as day
    from order_line
    where kind = 'sale' and customer_id is not null
        and happened_on < cast(date_trunc('month', cast(:as_of as date)) as date)
    group by customer_id, cast(date_trunc('month', happened_on) as date)
),
begun as (
    select customer_id, min(day) as first_month
    from bought_month
    group by customer_id
)
select
    bought_month.customer_id,
    bought_month.day,
    begun.first_month,
    12 * (year(bought_month.day) - year(begun.first_month))
        + month(bought_month.day) - month(begun.first_month)                      as months_since_first
from bought_month
join begun on begun.customer_id = bought_month.customer_id
