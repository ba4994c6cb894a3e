-- next_gap
-- How many customers had the same purchase history and silence on a date that is looked from, by the gap that then
-- ended with their next purchase; 0 where none came within two horizons. Only dates whose two horizons are over.
-- Grain: as_of, repeat_purchases, recency_days, silent_days, gap_days
-- Kind: state
with newest as (
    select max(as_of) as as_of
    from customer_feature
),
purchase_day as (
    select distinct customer_id, happened_on
    from order_line
    where kind = 'sale' and customer_id is not null
),
seen as (
    select
        customer_feature.customer_id,
        customer_feature.as_of,
        customer_feature.repeat_purchases,
        customer_feature.recency_days,
        customer_feature.last_bought_on,
        date_diff('day', customer_feature.last_bought_on, customer_feature.as_of) as silent_days
    from customer_feature
    cross join newest
    where customer_feature.repeat_purchases > 0
        and date_diff('day', customer_feature.as_of, newest.as_of) >= 2 * :horizon_days
),
next_one as (
    select seen.customer_id, seen.as_of, min(purchase_day.happened_on) as next_on
    from seen
    join purchase_day
        on purchase_day.customer_id = seen.customer_id
        and purchase_day.happened_on >= seen.as_of
        and date_diff('day', seen.as_of, purchase_day.happened_on) < 2 * :horizon_days
    group by seen.customer_id, seen.as_of
),
told as (
    select
        seen.as_of,
        seen.repeat_purchases,
        seen.recency_days,
        seen.silent_days,
        coalesce(date_diff('day', seen.last_bought_on, next_one.next_on), 0) as gap_days
    from seen
    left join next_one on next_one.customer_id = seen.customer_id and next_one.as_of = seen.as_of
)
select
    as_of,
    repeat_purchases,
    recency_days,
    silent_days,
    gap_days,
    count(*) as customers
from told
group by as_of, repeat_purchases, recency_days, silent_days, gap_days
