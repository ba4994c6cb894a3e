-- churn_reach
-- Which part of the expected loss is reached by contacting so many customers, most at stake first.
-- About fifty steps of equal size up to all of them; ties are broken by the customer's id.
-- Grain: contacted
-- Kind: as-of
with ranked as (
    select
        row_number() over (order by value desc, customer_id)                                      as place,
        sum(value) over (
            order by value desc, customer_id rows between unbounded preceding and current row
        )                                                                                          as reached,
        count(*) over ()                                                                           as customers
    from score
    where analysis = 'churn-loss'
)
select
    place                                as contacted,
    cast(reached as decimal(18, 6))      as expected_loss
from ranked
where place % nullif(1 + customers // 50, 0) = 0 or place = customers
