-- lifetime_tenth
-- Which part of what all customers are expected to bring comes from each tenth of them, the best first.
-- Grain: tenth
-- Kind: as-of
with ranked as (
    select
        value,
        ntile(10) over (order by value desc, customer_id) as tenth
    from score
    where analysis = 'lifetime-value'
)
select
    tenth,
    count(*)                                as customers,
    cast(sum(value) as decimal(18, 6))      as worth
from ranked
group by tenth
