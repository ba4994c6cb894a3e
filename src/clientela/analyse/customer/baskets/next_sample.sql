-- next_sample
-- What 2,500 customers bought on which day, the latest day first: what the proposals learn from and are tested on.
-- A customer's number is a hash, so the first ones by number are drawn at random.
-- Grain: customer_no, back, item_no
-- Kind: as-of
with bought as (
    select distinct
        customer_id,
        product_id,
        happened_on
    from order_line
    where kind = 'sale'
        and product_id is not null
        and customer_id is not null
        and happened_on >= cast(cast(:as_of as date) - interval 365 day as date)
),
buying_day as (
    select
        customer_id,
        happened_on,
        row_number() over (partition by customer_id order by happened_on desc) as back
    from bought
    group by customer_id, happened_on
),
returning_one as (
    select
        customer_id,
        row_number() over (order by customer_id)                    as customer_no
    from buying_day
    where back = 2
)
select
    returning_one.customer_no,
    buying_day.back,
    date_diff('day', bought.happened_on, cast(:as_of as date))      as days_ago,
    next_item.item_no
from bought
join returning_one on returning_one.customer_id = bought.customer_id
join buying_day
    on buying_day.customer_id = bought.customer_id
    and buying_day.happened_on = bought.happened_on
join next_item on next_item.product_id = bought.product_id
where returning_one.customer_no <= 2500
