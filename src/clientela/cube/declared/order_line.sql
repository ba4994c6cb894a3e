-- order_line
-- Every order line with the two questions most measures ask of it.
-- Grain: source, order_id, line_no
-- Kind: as-of
select
    source,
    order_id,
    line_no,
    happened_on                                   as day,
    kind,
    kind = 'sale'                                 as is_sale,
    kind in ('sale', 'return', 'cancellation')    as is_revenue,
    customer_id,
    product_id,
    territory_id,
    campaign_id,
    channel,
    payment_method,
    quantity,
    net_revenue,
    discount,
    cost_of_goods,
    cost_assumed
from order_line
