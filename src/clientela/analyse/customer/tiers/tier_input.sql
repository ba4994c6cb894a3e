-- tier_input
-- What tiers are made of: what each customer is expected to bring, by orders and contracts, and how likely they are to
-- leave, with the range of both; only customers of whom all of it was forecast. The chance of a customer with several
-- services is the mean of the chances of each, weighted by what it brings: so worth times chance is what is at stake with
-- all of them together. No tier where it was not forecast what customers will order, or who will stop.
-- Grain: customer_id
-- Kind: as-of
with forecast as (
    select max(model_version) as model_version
    from lifetime_cell
),
worth as (
    select customer_id, value, low, high
    from score
    cross join forecast
    where analysis = 'lifetime-value' and forecast.model_version is not null
),
chance as (
    select customer_id, value, low, high
    from score
    where analysis = 'churn-risk'
),
foreseen as (
    select count(*) as chances
    from chance
),
contracted as (
    select
        customer_id,
        cast(sum(greatest(worth, 0)) as decimal(18, 4))         as stakes,
        cast(sum(worth) as decimal(18, 4))                      as worth,
        cast(sum(at_stake) as decimal(18, 4))                   as at_stake,
        cast(sum(at_stake_low) as decimal(18, 4))               as at_stake_low,
        cast(sum(at_stake_high) as decimal(18, 4))              as at_stake_high
    from contract_worth
    group by customer_id
),
known as (
    select
        worth.customer_id,
        worth.value                                             as worth,
        coalesce(worth.low, worth.value)                        as worth_low,
        coalesce(worth.high, worth.value)                       as worth_high,
        chance.value                                            as chance,
        coalesce(chance.low, chance.value)                      as chance_low,
        coalesce(chance.high, chance.value)                     as chance_high,
        contracted.stakes,
        contracted.at_stake,
        contracted.at_stake_low,
        contracted.at_stake_high,
        case when contracted.customer_id is not null
            then greatest(cast(worth.value - contracted.worth as decimal(18, 4)), 0) end   as ordered
    from worth
    left join chance
        on chance.customer_id = worth.customer_id
    left join contracted
        on contracted.customer_id = worth.customer_id
    where worth.value is not null
)
select
    customer_id,
    worth,
    worth_low,
    worth_high,
    case when stakes > 0 then cast(
        (cast(ordered as decimal(19, 4)) * coalesce(chance, 0) + at_stake) / nullif(ordered + stakes, 0)
        as decimal(18, 6)
    ) else chance end                                                           as chance,
    case when stakes > 0 then cast(
        (cast(ordered as decimal(19, 4)) * coalesce(chance_low, 0) + at_stake_low) / nullif(ordered + stakes, 0)
        as decimal(18, 6)
    ) else chance_low end                                                       as chance_low,
    case when stakes > 0 then cast(
        (cast(ordered as decimal(19, 4)) * coalesce(chance_high, 0) + at_stake_high) / nullif(ordered + stakes, 0)
        as decimal(18, 6)
    ) else chance_high end                                                      as chance_high
from known
cross join foreseen
where foreseen.chances > 0 and (chance is not null or (stakes > 0 and ordered = 0))
