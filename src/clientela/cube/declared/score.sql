-- score
-- What was forecast of each customer for the date.
-- Grain: analysis, customer_id
-- Kind: as-of
select
    analysis,
    customer_id,
    value
from score
