-- payback_month
-- What customers brought in each month after their first purchase, of those who were seen through all of it, by what
-- they came by and the part that chance put them into; and how many were seen for so many months and no longer. A month
-- is a twelfth of 365 days.
-- Grain: came_by, name, part, month
-- Kind: state
with seen as (
    select
        customer_id,
        came_by,
        name,
        part,
        first_on,
        cost,
        (date_diff('day', first_on, cast(:as_of as date)) * 12) // 365 as months
    from payback_source
),
earned as (
    select
        seen.came_by,
        seen.name,
        seen.part,
        (date_diff('day', seen.first_on, order_line.happened_on) * 12) // 365               as month,
        sum(
            case
                when order_line.cost_of_goods is not null then order_line.net_revenue - order_line.cost_of_goods
                else cast(cast(order_line.net_revenue as decimal(19, 4)) * lifetime_basis.share_kept as decimal(18, 4))
            end
        )                                                                                   as margin
    from seen
    join order_line
        on order_line.customer_id = seen.customer_id
        and order_line.kind in ('sale', 'return', 'cancellation')
    cross join lifetime_basis
    where order_line.happened_on >= seen.first_on
        and (date_diff('day', seen.first_on, order_line.happened_on) * 12) // 365 < seen.months
        and lifetime_basis.basis = 'margin'
    group by seen.came_by, seen.name, seen.part, (date_diff('day', seen.first_on, order_line.happened_on) * 12) // 365
),
ended as (
    select came_by, name, part, months as month, count(*) as customers, sum(cost) as cost
    from seen
    group by came_by, name, part, months
),
both_of as (
    select came_by, name, part, month, margin, 0 as customers, 0 as cost
    from earned
    union all
    select came_by, name, part, month, 0 as margin, customers, cost
    from ended
)
select
    came_by,
    name,
    part,
    month,
    cast(sum(margin) as decimal(18, 4))     as margin,
    cast(sum(customers) as bigint)          as customers,
    cast(sum(cost) as decimal(18, 4))       as cost
from both_of
group by came_by, name, part, month
