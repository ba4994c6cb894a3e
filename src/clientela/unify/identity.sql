-- identity
-- Which customer each source's record is. A record that was found to be a customer's bears that customer's number;
-- any other is a customer of its own. The number comes from the oldest record, so replaying the landing store
-- gives the same numbers.
-- Grain: customer_ref
-- Kind: state
select
    customer_key.customer_ref,
    customer_key.source,
    customer_key.record_id,
    id63(coalesce(found.oldest_ref, customer_key.customer_ref)) as customer_id,
    coalesce(found.match_probability, 1)                        as match_probability,
    customer_key.first_run
from customer_key
left join found on found.customer_ref = customer_key.customer_ref
order by customer_key.customer_ref  -- so that a lookup by key reads few rows
