-- customer_loss
-- The days on which a customer counted as lost: lapse_days after a purchase day without another purchase.
-- A loss is known from the day after it on, and stays a loss when the customer comes back later.
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
        cast(happened_on + interval (:lapse_days) day as date)                         as day,
        lead(happened_on) over (partition by customer_id order by happened_on)         as next_on
    from purchase_day
)
select
    customer_id,
    day
from gap
where day < cast(:as_of as date) and (next_on is null or next_on > day)
