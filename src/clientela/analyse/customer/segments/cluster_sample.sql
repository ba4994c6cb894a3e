-- cluster_sample
-- At most 20,000 customers who have bought, with what clusters are made of. A customer's number is made by chance, so
-- the first of them in its order are a sample, and the same one in every run as long as they are customers.
-- Grain: customer_id
-- Kind: as-of
with measured as (
    select
        customer_id,
        date_diff('day', last_bought_on, cast(:as_of as date))                             as days_since,
        repeat_purchases + 1                                                               as purchase_days,
        cast(greatest(revenue, 0) / nullif(repeat_purchases + 1, 0) as decimal(18, 6))     as basket,
        age_days,
        revenue,
        row_number() over (order by customer_id)                                           as place
    from customer_feature
)
select
    customer_id,
    days_since,
    purchase_days,
    basket,
    age_days,
    revenue
from measured
where place <= 20000
