-- churn_risk
-- How likely each customer is not to buy within the horizon: the chance of their purchase history.
-- Grain: analysis, customer_id
-- Kind: as-of
-- Part of: score (churn-risk)
select
    'churn-risk'                                   as analysis,
    customer_feature.customer_id,
    churn_cell.probability                         as value,
    churn_cell.low,
    churn_cell.high,
    'probability'                                  as unit,
    churn_cell.model_version
from customer_feature
join churn_cell
    on churn_cell.repeat_purchases = customer_feature.repeat_purchases
    and churn_cell.recency_days = customer_feature.recency_days
    and churn_cell.age_days = customer_feature.age_days
    and churn_cell.recent_purchases = customer_feature.recent_purchases
