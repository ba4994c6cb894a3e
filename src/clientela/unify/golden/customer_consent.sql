-- customer_consent
-- What each customer may be contacted for. Of one record the latest decision holds, of one moment the withdrawal; across
-- a customer's records the strictest. A permission holds since the last of the records gave it, a withdrawal since the
-- first withdrew. An event that does not say what was decided is passed over.
-- Grain: customer_id, purpose, channel
-- Kind: state
with key_of as (
    select
        id63(customer_ref) as record_number,
        customer_id
    from identity
),
decided as (
    select
        record_id,
        purpose,
        channel,
        happened_at,
        decision = 'withdrawn' as is_withdrawn,
        row_number() over (
            partition by record_id, purpose, channel
            order by happened_at desc, case when decision = 'withdrawn' then 0 else 1 end
        )                      as place
    from consent_event
    where known_until is null and decision is not null
),
latest as (
    select
        key_of.customer_id,
        decided.purpose,
        decided.channel,
        decided.happened_at,
        decided.is_withdrawn
    from decided
    inner join key_of on key_of.record_number = decided.record_id
    where decided.place = 1
)
select
    customer_id,
    purpose,
    channel,
    case when count_if(is_withdrawn) > 0 then 'withdrawn' else 'given' end as decision,
    case
        when count_if(is_withdrawn) > 0 then min(happened_at) filter (where is_withdrawn)
        else max(happened_at)
    end                                                                    as "at",
    count(*)                                                               as records
from latest
group by customer_id, purpose, channel
