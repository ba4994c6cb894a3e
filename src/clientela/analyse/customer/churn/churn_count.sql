-- churn_count
-- How many customers had the same purchase history on a date, and how many of them then bought nothing
-- for the horizon: all that the forecast of leaving learns from. The outcome is read from the later date,
-- a horizon on, with what was known then; it is null where that date has not come.
-- Grain: as_of, repeat_purchases, recency_days, age_days, recent_purchases
-- Kind: state
with seen as (
    select
        present.as_of,
        present.repeat_purchases,
        present.recency_days,
        present.age_days,
        present.recent_purchases,
        greatest(present.recent_revenue, 0)                                                 as at_stake,
        case when later.customer_id is not null then 1 else 0 end                           as is_observed,
        case when later.last_bought_on < present.as_of then 1 else 0 end                    as has_left
    from customer_feature as present
    left join customer_feature as later
        on later.customer_id = present.customer_id
        and date_diff('day', present.as_of, later.as_of) = :horizon_days
)
select
    as_of,
    repeat_purchases,
    recency_days,
    age_days,
    recent_purchases,
    count(*)                                                                                as customers,
    cast(sum(is_observed) as bigint)                                                        as observed,
    cast(sum(has_left) as bigint)                                                           as has_left,
    cast(sum(at_stake) as decimal(18, 4))                                                   as at_stake,
    cast(sqrt(sum(cast(at_stake as decimal(19, 4)) * at_stake)) as decimal(18, 6))          as at_stake_norm
from seen
group by as_of, repeat_purchases, recency_days, age_days, recent_purchases
