-- duplicate_effect
-- Customers who bought under several records within the 365 days before the date.
-- Grain: customer_id
-- Kind: as-of
select
    customer_id,
    records,
    repeat_records,
    purchase_days,
    revenue,
    is_hidden_best
from duplicate_effect
