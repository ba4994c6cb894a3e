-- response
-- Every reaction to a campaign, with the campaign of the contact it answers.
-- Grain: source, response_id
-- Kind: as-of
select
    response.source,
    response.response_id,
    response.happened_on    as day,
    response.customer_id,
    contact.campaign_id,
    contact.arm,
    response.kind = 'opt_out' as is_opt_out,
    response.value
from response
left join contact on contact.source = response.source and contact.contact_id = response.contact_id
