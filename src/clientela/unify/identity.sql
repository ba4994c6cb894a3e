-- identity
-- Which customer each source's record is. Without personal columns to compare, each key of a source is a
-- customer of its own; the id comes from the record, so replaying the landing store gives the same ids.
-- Grain: customer_ref
-- Kind: state
select
    customer_ref,
    source,
    record_id,
    id63(customer_ref) as customer_id
from customer_key
