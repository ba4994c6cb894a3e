-- customer_return
-- The days on which a customer who had counted as lost bought again.
-- Grain: customer_id, day
-- Kind: as-of
with purchase_day as (
    select distinct customer_id, happened_on
    from order_line
    where kind = 'sale' and customer_id is not null
),
gap as (
    select
        customer_id,
        happened_on                                                            as day,
        lag(happened_on) over (partition by customer_id order by happened_on)  as before_on
    from purchase_day
)
select
    customer_id,
    day
from gap
where day > cast(before_on + interval (:lapse_days) day as date)
