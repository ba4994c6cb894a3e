-- customer_start
-- The day on which each customer first bought.
-- Grain: customer_id
-- Kind: as-of
select
    customer_id,
    min(happened_on) as day
from order_line
where kind = 'sale' and customer_id is not null
group by customer_id
