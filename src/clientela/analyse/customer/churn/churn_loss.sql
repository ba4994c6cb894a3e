-- churn_loss
-- What each customer puts at stake: the chance of leaving times the revenue of the last horizon.
-- Grain: analysis, customer_id
-- Kind: as-of
-- Part of: score (churn-loss)
with stake as (
    select
        customer_feature.customer_id,
        cast(greatest(customer_feature.recent_revenue, 0) as decimal(19, 4)) as at_stake,
        churn_cell.probability,
        churn_cell.low,
        churn_cell.high,
        churn_cell.model_version
    from customer_feature
    join churn_cell
        on churn_cell.repeat_purchases = customer_feature.repeat_purchases
        and churn_cell.recency_days = customer_feature.recency_days
        and churn_cell.age_days = customer_feature.age_days
        and churn_cell.recent_purchases = customer_feature.recent_purchases
)
select
    'churn-loss'                                   as analysis,
    customer_id,
    cast(at_stake * probability as decimal(18, 6)) as value,
    cast(at_stake * low as decimal(18, 6))         as low,
    cast(at_stake * high as decimal(18, 6))        as high,
    'money'                                        as unit,
    model_version
from stake
