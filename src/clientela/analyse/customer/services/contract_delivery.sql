-- contract_delivery
-- What customers were delivered of a product while they had a contract for it that says what is paid: such order lines
-- are the contract's, and what orders are expected to bring is counted without them. They count in sum as all of a
-- customer's orders do, so that who ordered nothing else is left nothing. Nothing where contracts are not foretold.
-- Grain: customer_id
-- Kind: as-of
with its_line as (
    select distinct
        order_line.source,
        order_line.order_id,
        order_line.line_no,
        order_line.customer_id,
        order_line.net_revenue,
        order_line.cost_of_goods
    from order_line
    join subscription
        on subscription.customer_id = order_line.customer_id
        and subscription.product_id = order_line.product_id
    where order_line.kind in ('sale', 'return', 'cancellation')
        and subscription.amount > 0
        and order_line.happened_on >= subscription.happened_on
        and (subscription.ended_on is null or order_line.happened_on <= subscription.ended_on)
),
summed as (
    select
        customer_id,
        count(*)                                                                                as order_lines,
        cast(sum(net_revenue) as decimal(18, 4))                                                as revenue,
        cast(sum(net_revenue - cost_of_goods) as decimal(18, 4))                                as margin,
        cast(sum(case when cost_of_goods is not null then net_revenue end) as decimal(18, 4))   as revenue_with_cost
    from its_line
    group by customer_id
),
delivered as (
    select
        summed.customer_id,
        summed.order_lines,
        cast(
            case
                when lifetime_basis.basis = 'margin'
                    then coalesce(summed.margin, 0)
                        + cast(
                            cast(summed.revenue - coalesce(summed.revenue_with_cost, 0) as decimal(19, 4))
                            * lifetime_basis.share_kept as decimal(18, 4)
                        )
                else summed.revenue
            end as decimal(18, 4)
        )                                                                                       as brought
    from summed
    cross join lifetime_basis
    cross join contract_outlook
)
select
    delivered.customer_id,
    delivered.order_lines,
    delivered.brought,
    cast(
        case
            when lifetime_money.brought > 0
                then greatest(0, least(1, delivered.brought / nullif(lifetime_money.brought, 0)))
            else 0
        end as decimal(18, 6)
    )                                                                                           as share
from delivered
join lifetime_money
    on lifetime_money.customer_id = delivered.customer_id
