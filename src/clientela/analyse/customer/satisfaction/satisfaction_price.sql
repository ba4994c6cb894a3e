-- satisfaction_price
-- What a piece of each product whose price changed cost in each month, on average over the lines of all customers, and how
-- much of it satisfied and dissatisfied customers bought in it after they said so. Of the products that both bought most of.
-- Grain: product_id, month, feeling
-- Kind: as-of
with felt as (
    select customer_id, feeling, told_on
    from satisfaction_case
    where feeling in ('satisfied', 'dissatisfied')
),
earliest as (
    select min(told_on) as told_on
    from felt
),
piece as (
    select
        order_line.customer_id,
        order_line.product_id,
        order_line.happened_on,
        cast(date_trunc('month', order_line.happened_on) as date)                               as month,
        order_line.quantity,
        cast(round(order_line.net_revenue / nullif(order_line.quantity, 0), 6) as decimal(18, 6)) as price
    from order_line
    join earliest
        on order_line.happened_on > earliest.told_on
    where order_line.kind = 'sale' and order_line.product_id is not null
        and order_line.quantity > 0 and order_line.net_revenue > 0
),
priced as (
    select
        product_id,
        month,
        cast(round(sum(price) / nullif(count(*), 0), 6) as decimal(18, 6))                      as price
    from piece
    group by product_id, month
),
changed as (
    select product_id
    from priced
    group by product_id
    having count(*) >= 3 and max(price) > 1.05 * min(price)
),
bought as (
    select
        piece.product_id,
        piece.month,
        felt.feeling,
        cast(sum(piece.quantity) as decimal(18, 6))                                             as pieces,
        count(*)                                                                                as lines
    from piece
    join felt
        on felt.customer_id = piece.customer_id
        and piece.happened_on > felt.told_on
    join changed
        on changed.product_id = piece.product_id
    group by piece.product_id, piece.month, felt.feeling
),
sold as (
    select
        product_id,
        row_number() over (order by sum(lines) desc, product_id)                                as place
    from bought
    group by product_id
    having count(distinct feeling) = 2
),
visited as (
    select
        cast(date_trunc('month', order_line.happened_on) as date)                               as month,
        felt.feeling,
        count(distinct (felt.customer_id, order_line.happened_on))                              as days
    from order_line
    join felt
        on felt.customer_id = order_line.customer_id
        and order_line.happened_on > felt.told_on
    where order_line.kind = 'sale'
    group by cast(date_trunc('month', order_line.happened_on) as date), felt.feeling
)
select
    priced.product_id,
    priced.month,
    visited.feeling,
    priced.price,
    visited.days,
    cast(coalesce(bought.pieces, 0) as decimal(18, 6))                                          as pieces,
    coalesce(bought.lines, 0)                                                                   as lines
from priced
join sold
    on sold.product_id = priced.product_id
    and sold.place <= 1000
join visited
    on visited.month = priced.month
left join bought
    on bought.product_id = priced.product_id
    and bought.month = priced.month
    and bought.feeling = visited.feeling
