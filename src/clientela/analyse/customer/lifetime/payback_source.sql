-- payback_source
-- By which campaign or channel each customer came, and what winning them cost: their shares of pools of acquisition
-- costs, and those of a campaign whose contacts were paid. Who came when no such cost was known is left out.
-- Grain: customer_id
-- Kind: state
with bought as (
    select customer_id, min(happened_on) as first_on
    from order_line
    where kind = 'sale' and customer_id is not null
    group by customer_id
),
came as (
    select
        bought.customer_id,
        bought.first_on,
        min(order_line.campaign_id)     as campaign_id,
        min(order_line.channel)         as channel
    from bought
    join order_line
        on order_line.customer_id = bought.customer_id
        and order_line.happened_on = bought.first_on
        and order_line.kind = 'sale'
    group by bought.customer_id, bought.first_on
),
shared_out as (
    select customer_id, sum(amount) as amount
    from allocated_cost
    where cost_line = 'acquisition' and customer_id is not null
    group by customer_id
),
sent as (
    select
        contact.campaign_id,
        sum(coalesce(contact.cost, treatment.cost_per_contact)) as amount
    from contact
    left join treatment
        on treatment.campaign_id = contact.campaign_id
        and treatment.treatment_id = contact.treatment_id
    where contact.campaign_id is not null and contact.status = 'sent'
    group by contact.campaign_id
),
won as (
    select campaign_id, count(*) as customers
    from came
    where campaign_id is not null
    group by campaign_id
)
select
    came.customer_id,
    came.first_on,
    case when came.campaign_id is not null then 'campaign' when came.channel is not null then 'channel' else 'unknown' end
                                                                                            as came_by,
    coalesce(campaign.name, came.campaign_id, came.channel, '')                             as name,
    came.customer_id % 20                                                                   as part,
    cast(
        coalesce(shared_out.amount, 0)
        + coalesce(cast(sent.amount as decimal(19, 4)) / nullif(won.customers, 0), 0) as decimal(18, 4)
    )                                                                                       as cost
from came
left join shared_out on shared_out.customer_id = came.customer_id
left join sent on sent.campaign_id = came.campaign_id
left join won on won.campaign_id = came.campaign_id
left join campaign on campaign.campaign_id = came.campaign_id
where shared_out.amount is not null or sent.amount is not null
