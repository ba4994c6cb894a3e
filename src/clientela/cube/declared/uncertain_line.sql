-- uncertain_line
-- What customers bought who may be the same as another: each line once, however many pairs they stand in.
-- Grain: source, order_id, line_no
-- Kind: as-of
with asked as (
    select customer_id_l as customer_id from identity_pair where status = 'uncertain'
    union
    select customer_id_r as customer_id from identity_pair where status = 'uncertain'
)
select
    order_line.source,
    order_line.order_id,
    order_line.line_no,
    order_line.customer_id,
    order_line.happened_on as day,
    order_line.net_revenue
from order_line
join asked on asked.customer_id = order_line.customer_id
where order_line.kind in ('sale', 'return', 'cancellation')
