-- interaction
-- Every contact with a customer on any channel.
-- Grain: source, interaction_id
-- Kind: as-of
select
    source,
    interaction_id,
    happened_on     as day,
    customer_id,
    channel,
    direction,
    kind            as contact_kind,
    device,
    agent_id,
    outcome,
    campaign_id,
    duration_s,
    pages
from interaction
