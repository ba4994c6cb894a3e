-- duplicate_record
-- Every record that is the same customer as an older one: which systems know the two, and who or what found it.
-- A customer bears the number of their oldest record.
-- Grain: customer_ref
-- Kind: state
with later as (
    select customer_ref, source, customer_id, match_probability
    from identity
    where id63(customer_ref) <> customer_id
),
oldest as (
    select customer_id, source
    from identity
    where id63(customer_ref) = customer_id and customer_id in (select customer_id from later)
),
newest as (
    select customer_ref, max(run) as run
    from identity_event
    group by customer_ref
),
event as (
    select identity_event.customer_ref, identity_event."by" as found_by
    from identity_event
    join newest on newest.customer_ref = identity_event.customer_ref and newest.run = identity_event.run
)
select
    later.customer_ref,
    later.customer_id,
    case
        when later.source = oldest.source then later.source
        else least(later.source, oldest.source) || ', ' || greatest(later.source, oldest.source)
    end as system_pair,
    event.found_by,
    later.match_probability
from later
left join oldest on oldest.customer_id = later.customer_id
left join event on event.customer_ref = later.customer_ref
