-- tier_input
-- What tiers are made of: what each customer is expected to bring and how likely they are to leave, with the range of
-- both; only customers of whom both were forecast.
-- Grain: customer_id
-- Kind: as-of
with worth as (
    select customer_id, value, low, high
    from score
    where analysis = 'lifetime-value'
),
chance as (
    select customer_id, value, low, high
    from score
    where analysis = 'churn-risk'
)
select
    worth.customer_id,
    worth.value                                    as worth,
    coalesce(worth.low, worth.value)               as worth_low,
    coalesce(worth.high, worth.value)              as worth_high,
    chance.value                                   as chance,
    coalesce(chance.low, chance.value)             as chance_low,
    coalesce(chance.high, chance.value)            as chance_high
from worth
join chance
    on chance.customer_id = worth.customer_id
where worth.value is not null and chance.value is not null
