-- lifetime_basis
-- What customers' money is counted at: margin where the cost is known of at least four fifths of the revenue, else
-- revenue. Lines whose cost is not known then bring the margin that a unit of revenue brings on average.
-- Grain: basis
-- Kind: state
with latest as (
    select max(as_of) as as_of
    from customer_feature
),
known as (
    select
        sum(customer_feature.revenue)               as revenue,
        sum(customer_feature.revenue_with_cost)     as revenue_with_cost,
        sum(customer_feature.margin)                as margin
    from customer_feature
    join latest
        on latest.as_of = customer_feature.as_of
),
decided as (
    select
        revenue,
        revenue_with_cost,
        margin,
        revenue > 0 and revenue_with_cost * 5 >= revenue * 4 as is_margin
    from known
)
select
    case when is_margin then 'margin' else 'revenue' end                                                as basis,
    cast(case when is_margin then margin / nullif(revenue_with_cost, 0) else 1 end as decimal(18, 6))   as share_kept,
    cast(coalesce(revenue_with_cost / nullif(revenue, 0), 0) as decimal(18, 6))                         as share_known
from decided
where revenue is not null
