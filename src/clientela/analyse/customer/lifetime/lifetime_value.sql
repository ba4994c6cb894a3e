-- lifetime_value
-- What each customer is expected to bring, with the range in which eight of ten such customers end.
-- Grain: analysis, customer_id
-- Kind: as-of
-- Part of: score (lifetime-value)
with each_customer as (
    select
        lifetime_money.customer_id,
        lifetime_cell.low_share,
        lifetime_cell.high_share,
        lifetime_cell.model_version,
        cast(
            lifetime_cell.purchases * cast(
                cast(lifetime_cell.own_weight as decimal(19, 6)) * lifetime_money.amount + lifetime_cell.usual_part
                as decimal(18, 4)
            ) as decimal(18, 4)
        )
        + cast(cast(lifetime_cell.recent_weight as decimal(19, 6)) * lifetime_money.recent as decimal(18, 4)) as worth
    from lifetime_money
    join lifetime_cell
        on lifetime_cell.repeat_purchases = lifetime_money.repeat_purchases
        and lifetime_cell.recency_days = lifetime_money.recency_days
        and lifetime_cell.age_days = lifetime_money.age_days
)
select
    'lifetime-value'                                                                                as analysis,
    customer_id,
    cast(worth as decimal(18, 6))                                                                   as value,
    cast(least(cast(worth as decimal(19, 4)) * low_share, cast(worth as decimal(19, 4)) * high_share) as decimal(18, 6))
                                                                                                    as low,
    cast(
        greatest(cast(worth as decimal(19, 4)) * low_share, cast(worth as decimal(19, 4)) * high_share)
        as decimal(18, 6)
    )                                                                                               as high,
    'money'                                                                                         as unit,
    model_version
from each_customer
