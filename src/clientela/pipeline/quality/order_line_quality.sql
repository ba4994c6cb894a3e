-- order_line_quality
-- What is missing from the order lines of each source, and what does not fit the product table.
-- Grain: source
-- Kind: state
with known_product as (
    select distinct product_id
    from product
)
select
    line.source                                                                        as source,
    count(*)                                                                           as lines,
    count(*) filter (where line.customer_id is null)                                   as without_customer,
    count(*) filter (where line.product_id is null)                                    as without_product,
    count(*) filter (where line.product_id is not null and known.product_id is null)   as unknown_product,
    count(*) filter (where line.net_revenue = 0)                                       as without_revenue,
    count(*) filter (where line.cost_of_goods is null)                                 as without_cost,
    max(line.happened_on)                                                              as newest_on
from order_line as line
left join known_product as known on known.product_id = line.product_id
group by line.source
