-- decided_consent
-- What each customer may be contacted for.
-- Grain: customer_id, purpose, channel
-- Kind: state
select
    customer_id,
    purpose,
    channel,
    decision
from customer_consent
