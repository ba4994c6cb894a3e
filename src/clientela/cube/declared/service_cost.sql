-- service_cost
-- What serving customers cost directly: contacts, cases and campaigns, where the cost is known.
-- Grain: none
-- Kind: as-of
select happened_on as day, customer_id, channel, cost, 'contacts' as serving
from interaction
where cost is not null
union all
select happened_on as day, customer_id, channel, cost, 'cases' as serving
from service_case
where cost is not null
union all
select happened_on as day, customer_id, null as channel, cost, 'campaigns' as serving
from contact
where cost is not null
