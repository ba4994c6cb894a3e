-- contact
-- Every message, call or letter of a campaign, those held back as control among them.
-- Grain: source, contact_id
-- Kind: as-of
select
    source,
    contact_id,
    happened_on     as day,
    customer_id,
    campaign_id,
    arm,
    status,
    cost,
    status = 'sent' as is_sent
from contact
