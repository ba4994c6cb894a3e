-- customer_tier
-- What is at stake with each customer on the date, what an action may earn, and whether the tier is sure.
-- Grain: customer_id
-- Kind: as-of
select
    customer_id,
    at_stake,
    gain,
    is_sure
from customer_tier
