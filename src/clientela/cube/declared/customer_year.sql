-- customer_year
-- On how many days each customer bought within the 365 days before the date.
-- Grain: customer_id
-- Kind: as-of
select
    customer_id,
    count(distinct happened_on) as purchase_days
from order_line
where kind = 'sale'
    and customer_id is not null
    and happened_on >= cast(cast(:as_of as date) - interval 365 day as date)
group by customer_id
