-- churn_reason
-- Why each customer has the chance of leaving that they have: the reasons of their purchase history.
-- Grain: customer_id
-- Kind: as-of
select
    customer_feature.customer_id,
    churn_cell.first_reason,
    churn_cell.first_move,
    churn_cell.second_reason,
    churn_cell.second_move,
    churn_cell.third_reason,
    churn_cell.third_move
from customer_feature
join churn_cell
    on churn_cell.repeat_purchases = customer_feature.repeat_purchases
    and churn_cell.recency_days = customer_feature.recency_days
    and churn_cell.age_days = customer_feature.age_days
    and churn_cell.recent_purchases = customer_feature.recent_purchases
where churn_cell.first_reason is not null
