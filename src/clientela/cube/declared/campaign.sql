-- campaign
-- Every campaign, on the day it starts.
-- Grain: source, campaign_id
-- Kind: as-of
select
    source,
    campaign_id,
    starts_on   as day,
    owner_id,
    budget
from campaign
