-- lifetime_day
-- How many customers bought again on each day: what the season is learned from. First purchases are left out, as they
-- tell when customers came, not how often they buy.
-- Grain: happened_on
-- Kind: state
with purchase_day as (
    select customer_id, happened_on
    from order_line
    where kind = 'sale' and customer_id is not null
    group by customer_id, happened_on
),
first_day as (
    select customer_id, min(happened_on) as first_on
    from purchase_day
    group by customer_id
)
select
    purchase_day.happened_on,
    count(*)                    as purchases
from purchase_day
join first_day
    on first_day.customer_id = purchase_day.customer_id
    and purchase_day.happened_on > first_day.first_on
group by purchase_day.happened_on
