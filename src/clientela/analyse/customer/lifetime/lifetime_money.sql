-- lifetime_money
-- What each customer brought up to a date, at what money is counted at, beside the purchase history.
-- Grain: as_of, customer_id
-- Kind: state
with counted as (
    select
        customer_feature.as_of,
        customer_feature.customer_id,
        customer_feature.repeat_purchases,
        customer_feature.recency_days,
        customer_feature.age_days,
        lifetime_basis.share_kept,
        customer_feature.recent_purchases,
        customer_feature.recent_revenue,
        case
            when lifetime_basis.basis = 'margin'
                then coalesce(customer_feature.margin, 0)
                    + cast(
                        cast(customer_feature.revenue - coalesce(customer_feature.revenue_with_cost, 0) as decimal(19, 4))
                        * lifetime_basis.share_kept as decimal(18, 4)
                    )
            else customer_feature.revenue
        end as brought
    from customer_feature
    cross join lifetime_basis
)
select
    as_of,
    customer_id,
    repeat_purchases,
    recency_days,
    age_days,
    recent_purchases,
    cast(brought as decimal(18, 4))                                                                 as brought,
    cast(brought / nullif(repeat_purchases + 1, 0) as decimal(18, 4))                                        as amount,
    cast(cast(recent_revenue as decimal(19, 4)) * share_kept as decimal(18, 4))                     as recent
from counted
