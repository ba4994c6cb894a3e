-- payback_source
-- By which campaign, bought list or channel each customer came, and what winning them cost: what customer-profit calls
-- acquisition (their shares of pools, of campaigns' budgets and of lists), and what the campaign's contacts with people
-- who had not bought yet cost, shared out over whom it won. Who came when no such cost was known is left out.
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
listed as (
    select
        customer_record.customer_id,
        contact_list.list_id,
        coalesce(contact_list.supplier, contact_list.list_id)                               as name,
        row_number() over (
            partition by customer_record.customer_id
            order by contact_list.delivered_on, contact_list.list_id
        )                                                                                   as place
    from customer_record
    join contact_list
        on contact_list.list_id = customer_record.list_id
        and contact_list.cost > 0
    join bought
        on bought.customer_id = customer_record.customer_id
    where contact_list.delivered_on is null or bought.first_on >= contact_list.delivered_on
),
sent as (
    select
        contact.campaign_id,
        sum(
            coalesce(
                contact.cost, case when coalesce(campaign.budget, 0) <= 0 then treatment.cost_per_contact end
            )
        )                                                                                   as amount
    from contact
    left join treatment
        on treatment.campaign_id = contact.campaign_id
        and treatment.treatment_id = contact.treatment_id
    left join campaign
        on campaign.campaign_id = contact.campaign_id
    left join bought
        on bought.customer_id = contact.customer_id
    where contact.campaign_id is not null and contact.status = 'sent'
        and (bought.first_on is null or contact.happened_on <= bought.first_on)
    group by contact.campaign_id
),
won as (
    select campaign_id, count(*) as customers
    from came
    where campaign_id is not null
    group by campaign_id
),
costed as (
    select
        came.customer_id,
        came.first_on,
        came.campaign_id,
        came.channel,
        shared_out.amount                                                                   as acquisition,
        cast(cast(sent.amount as decimal(19, 4)) / nullif(won.customers, 0) as decimal(18, 4)) as contacts
    from came
    left join shared_out on shared_out.customer_id = came.customer_id
    left join sent on sent.campaign_id = came.campaign_id
    left join won on won.campaign_id = came.campaign_id
)
select
    costed.customer_id,
    costed.first_on,
    case
        when costed.campaign_id is not null then 'campaign'
        when listed.customer_id is not null then 'list'
        when costed.channel is not null then 'channel'
        else 'unknown'
    end                                                                                     as came_by,
    case
        when costed.campaign_id is not null then coalesce(campaign.name, costed.campaign_id)
        else coalesce(listed.name, costed.channel, '')
    end                                                                                     as name,
    costed.customer_id % 20                                                                 as part,
    cast(coalesce(costed.acquisition, 0) as decimal(18, 4))                                 as acquisition,
    cast(coalesce(costed.contacts, 0) as decimal(18, 4))                                    as contacts,
    cast(coalesce(costed.acquisition, 0) + coalesce(costed.contacts, 0) as decimal(18, 4))  as cost
from costed
left join listed on listed.customer_id = costed.customer_id and listed.place = 1
left join campaign on campaign.campaign_id = costed.campaign_id
where costed.acquisition is not null or costed.contacts is not null
