-- lifetime_value
-- What each customer is expected to bring across all services, with the range in which eight of ten such customers end:
-- what they order, less the part that is a contract's, and their contracts; each uncertain by itself. What they order
-- is told by their kind, or for each by themselves where the method that serves looks at more than the history.
-- Grain: analysis, customer_id
-- Kind: as-of
-- Part of: score (lifetime-value)
with each_customer as (
    select
        lifetime_money.customer_id,
        coalesce(lifetime_each.low_share, lifetime_cell.low_share)      as low_share,
        coalesce(lifetime_each.high_share, lifetime_cell.high_share)    as high_share,
        lifetime_cell.model_version,
        coalesce(
            cast(lifetime_each.worth as decimal(18, 4)),
            cast(
                lifetime_cell.purchases * cast(
                    cast(lifetime_cell.own_weight as decimal(19, 6)) * lifetime_money.amount + lifetime_cell.usual_part
                    as decimal(18, 4)
                ) as decimal(18, 4)
            )
            + cast(cast(lifetime_cell.recent_weight as decimal(19, 6)) * lifetime_money.recent as decimal(18, 4))
        )                                                               as worth
    from lifetime_money
    join lifetime_cell
        on lifetime_cell.repeat_purchases = lifetime_money.repeat_purchases
        and lifetime_cell.recency_days = lifetime_money.recency_days
        and lifetime_cell.age_days = lifetime_money.age_days
    left join lifetime_each
        on lifetime_each.customer_id = lifetime_money.customer_id
),
ordered as (
    select
        each_customer.customer_id,
        each_customer.low_share,
        each_customer.high_share,
        each_customer.model_version,
        case
            when contract_delivery.share is null then each_customer.worth
            else cast(cast(each_customer.worth as decimal(19, 4)) * (1 - contract_delivery.share) as decimal(18, 4))
        end as worth
    from each_customer
    left join contract_delivery
        on contract_delivery.customer_id = each_customer.customer_id
),
ranged as (
    select
        customer_id,
        model_version,
        worth,
        cast(
            least(cast(worth as decimal(19, 4)) * low_share, cast(worth as decimal(19, 4)) * high_share)
            as decimal(18, 6)
        ) as low,
        cast(
            greatest(cast(worth as decimal(19, 4)) * low_share, cast(worth as decimal(19, 4)) * high_share)
            as decimal(18, 6)
        ) as high
    from ordered
),
contracted as (
    select
        customer_id,
        max(model_version)                                                              as model_version,
        cast(sum(worth) as decimal(18, 4))                                              as worth,
        sum(cast(worth - low as decimal(19, 4)) * cast(worth - low as decimal(18, 4)))      as below,
        sum(cast(high - worth as decimal(19, 4)) * cast(high - worth as decimal(18, 4)))    as above
    from contract_worth
    group by customer_id
)
select
    'lifetime-value'                                                                    as analysis,
    coalesce(ranged.customer_id, contracted.customer_id)                                as customer_id,
    cast(coalesce(ranged.worth, 0) + coalesce(contracted.worth, 0) as decimal(18, 6))   as value,
    case
        when contracted.customer_id is null then ranged.low
        else cast(
            coalesce(ranged.worth, 0) + contracted.worth - cast(
                sqrt(
                    contracted.below
                    + cast(coalesce(ranged.worth - ranged.low, 0) as decimal(19, 4))
                    * cast(coalesce(ranged.worth - ranged.low, 0) as decimal(18, 4))
                ) as decimal(18, 6)
            ) as decimal(18, 6)
        )
    end                                                                                 as low,
    case
        when contracted.customer_id is null then ranged.high
        else cast(
            coalesce(ranged.worth, 0) + contracted.worth + cast(
                sqrt(
                    contracted.above
                    + cast(coalesce(ranged.high - ranged.worth, 0) as decimal(19, 4))
                    * cast(coalesce(ranged.high - ranged.worth, 0) as decimal(18, 4))
                ) as decimal(18, 6)
            ) as decimal(18, 6)
        )
    end                                                                                 as high,
    'money'                                                                             as unit,
    case
        when contracted.customer_id is null then ranged.model_version
        when ranged.customer_id is null then contracted.model_version
        else ranged.model_version || ' + ' || contracted.model_version
    end                                                                                 as model_version
from ranged
full join contracted
    on contracted.customer_id = ranged.customer_id
