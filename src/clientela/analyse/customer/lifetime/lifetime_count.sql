-- lifetime_count
-- How many customers had the same purchase history on a date, and what their purchases brought.
-- Grain: as_of, repeat_purchases, recency_days, age_days
-- Kind: state
select
    as_of,
    repeat_purchases,
    recency_days,
    age_days,
    count(*)                                                                            as customers,
    cast(sum(amount) as decimal(18, 4))                                                 as amount,
    cast(sqrt(sum(cast(amount as decimal(19, 4)) * amount)) as decimal(18, 6))          as amount_norm,
    cast(sum(recent) as decimal(18, 4))                                                 as recent
from lifetime_money
group by as_of, repeat_purchases, recency_days, age_days
