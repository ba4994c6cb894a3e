-- customer_value
-- Which tenth of the customers each one belongs to by revenue of the last 365 days: 1 brings the most.
-- Ties are broken by the customer's id, so that the tenths are the same in every run.
-- Grain: analysis, customer_id
-- Kind: as-of
-- Part of: score (customer-value)
with ranked as (
    select
        customer_id,
        ntile(10) over (order by year_revenue desc, customer_id) as tenth
    from customer_feature
    where date_diff('day', last_bought_on, cast(:as_of as date)) <= 365
)
select
    'customer-value'                     as analysis,
    customer_id,
    cast(tenth as decimal(18, 6))        as value,
    cast(null as decimal(18, 6))         as low,
    cast(null as decimal(18, 6))         as high,
    'tenth'                              as unit,
    'customer-value 1'                   as model_version
from ranked
