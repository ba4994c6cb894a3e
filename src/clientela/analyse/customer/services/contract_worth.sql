-- contract_worth
-- What the running contracts of each customer for a product are expected to bring, at what orders are counted at; what
-- is at stake with them; and the range in which eight of ten such customers end, as if each contract ended by itself.
-- Grain: customer_id, product_id
-- Kind: as-of
with each_contract as (
    select
        seen.customer_id,
        coalesce(subscription.product_id, '')                                                   as product_id,
        cell.probability,
        cell.low,
        cell.high,
        cell.months_ahead,
        cell.months_low,
        cell.months_high,
        cell.model_version,
        case when contract_outlook.basis = 'margin' then kept.margin_a_month else seen.amount_a_month end as money
    from subscription_feature as seen
    cross join contract_outlook
    join subscription_cell as cell
        on cell.is_yearly = seen.is_yearly
        and cell.tenure_days = seen.tenure_days
        and cell.amount_step = coalesce(seen.amount_step, -100)
    join subscription
        on subscription.source = seen.source
        and subscription.subscription_id = seen.subscription_id
    left join subscription_margin as kept
        on kept.source = seen.source
        and kept.subscription_id = seen.subscription_id
    where seen.customer_id is not null and seen.amount_a_month > 0
),
valued as (
    select
        customer_id,
        product_id,
        model_version,
        probability,
        low,
        high,
        cast(months_ahead * cast(money as double) as decimal(18, 4))                            as worth,
        cast(abs(months_ahead - months_low) * abs(cast(money as double)) as decimal(18, 4))     as one_side,
        cast(abs(months_high - months_ahead) * abs(cast(money as double)) as decimal(18, 4))    as other_side,
        money < 0                                                                               as is_loss
    from each_contract
    where money is not null
),
ranged as (
    select
        customer_id,
        product_id,
        model_version,
        probability,
        low,
        high,
        worth,
        greatest(worth, 0)                                                                      as stake,
        case when is_loss then other_side else one_side end                                     as below,
        case when is_loss then one_side else other_side end                                     as above
    from valued
),
together as (
    select
        customer_id,
        product_id,
        max(model_version)                                                                      as model_version,
        count(*)                                                                                as contracts,
        cast(sum(worth) as decimal(18, 4))                                                      as worth,
        cast(sqrt(sum(cast(below as decimal(19, 4)) * below)) as decimal(18, 4))                as below,
        cast(sqrt(sum(cast(above as decimal(19, 4)) * above)) as decimal(18, 4))                as above,
        cast(sum(cast(cast(stake as decimal(19, 4)) * probability as decimal(18, 4))) as decimal(18, 4)) as at_stake,
        cast(sum(cast(cast(stake as decimal(19, 4)) * low as decimal(18, 4))) as decimal(18, 4))    as at_stake_low,
        cast(sum(cast(cast(stake as decimal(19, 4)) * high as decimal(18, 4))) as decimal(18, 4))   as at_stake_high
    from ranged
    group by customer_id, product_id
)
select
    customer_id,
    product_id,
    contracts,
    worth,
    cast(worth - below as decimal(18, 4))                                                       as low,
    cast(worth + above as decimal(18, 4))                                                       as high,
    at_stake,
    at_stake_low,
    at_stake_high,
    model_version
from together
