-- service_cost
-- What serving customers cost directly: contacts, cases and campaigns, where the cost is known.
-- Grain: source, cost_id, serving
-- Kind: as-of
select source, interaction_id as cost_id, happened_on as day, customer_id, channel, cost, 'contacts' as serving
from interaction
where cost is not null
union all
select source, case_id as cost_id, happened_on as day, customer_id, channel, cost, 'cases' as serving
from service_case
where cost is not null
union all
select source, contact_id as cost_id, happened_on as day, customer_id, null as channel, cost, 'campaigns' as serving
from contact
where cost is not null
