-- basket_line
-- Which of the numbered products each order of the 365 days before the date holds, each once, and whose order it is:
-- an order of nobody known is of a buyer of its own. Of more than three million orders the latest are looked at.
-- Grain: basket_no, item_no
-- Kind: as-of
with sold_line as (
    select
        source,
        order_id,
        product_id,
        customer_id,
        happened_on
    from order_line
    where kind = 'sale'
        and product_id is not null
        and happened_on >= cast(cast(:as_of as date) - interval 365 day as date)
),
sold_order as (
    select
        source,
        order_id,
        max(customer_id)                                        as customer_id,
        max(happened_on)                                        as bought_on
    from sold_line
    group by source, order_id
),
numbered as (
    select
        source,
        order_id,
        customer_id,
        row_number() over (order by bought_on desc, source, order_id) as basket_no
    from sold_order
),
bought as (
    select
        source,
        order_id,
        customer_id,
        basket_no,
        dense_rank() over (order by coalesce(customer_id, -basket_no)) as buyer_no
    from numbered
    where basket_no <= 3000000
)
select distinct
    bought.basket_no,
    basket_item.item_no,
    bought.customer_id,
    bought.buyer_no
from sold_line
join bought on bought.source = sold_line.source and bought.order_id = sold_line.order_id
join basket_item on basket_item.product_id = sold_line.product_id
