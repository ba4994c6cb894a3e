-- subscription_end
-- The day on which each subscription that ended did so.
-- Grain: source, subscription_id
-- Kind: as-of
select
    source,
    subscription_id,
    ended_on as day,
    customer_id,
    product_id,
    end_reason as reason
from subscription
where ended_on < cast(:as_of as date)
