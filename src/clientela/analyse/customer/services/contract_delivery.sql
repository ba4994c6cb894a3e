-- contract_delivery
-- What customers were delivered of a product while they had a contract for it: such order lines are the contract's, and
-- what orders are expected to bring is counted without them. Nothing where contracts are not foretold.
-- Grain: customer_id
-- Kind: as-of
with its_line as (
    select distinct
        order_line.source,
        order_line.order_id,
        order_line.line_no,
        order_line.kind,
        order_line.happened_on,
        order_line.customer_id,
        order_line.net_revenue,
        order_line.cost_of_goods
    from order_line
    join subscription
        on subscription.customer_id = order_line.customer_id
        and subscription.product_id = order_line.product_id
    where order_line.kind in ('sale', 'return', 'cancellation')
        and order_line.happened_on >= subscription.happened_on
        and (subscription.ended_on is null or order_line.happened_on <= subscription.ended_on)
),
delivered as (
    select
        its_line.customer_id,
        count(*)                                                                                as order_lines,
        cast(
            sum(
                case
                    when lifetime_basis.basis = 'margin' and its_line.cost_of_goods is not null
                        then its_line.net_revenue - its_line.cost_of_goods
                    else cast(
                        cast(its_line.net_revenue as decimal(19, 4)) * lifetime_basis.share_kept as decimal(18, 4)
                    )
                end
            ) as decimal(18, 4)
        )                                                                                       as brought
    from its_line
    cross join lifetime_basis
    cross join contract_outlook
    group by its_line.customer_id
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
