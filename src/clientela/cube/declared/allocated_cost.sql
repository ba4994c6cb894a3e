-- allocated_cost
-- What each customer got of each pool of costs in each month, and what nobody got.
-- Grain: pool, day, allocation, customer_id
-- Kind: as-of
select
    pool,
    happened_on as day,
    allocation,
    customer_id,
    cost_line,
    amount,
    driver,
    units,
    version
from allocated_cost
where happened_on < cast(:as_of as date)
