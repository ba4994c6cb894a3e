-- acquisition_cost
-- What campaigns and bought lists cost, and who bought by them: allocated_cost lays it on these. A campaign's budget, less
-- what its contacts cost themselves, goes by the orders that name it: those of a customer's first day are acquisition,
-- later ones cost of contacts. Of a campaign that still runs, the days that have passed are charged. A list's cost goes by
-- the first purchases of people on it. What nobody bought by has one row without units, in the month it began, or else of
-- the latest order.
-- Grain: pool, happened_on, place
-- Kind: state
with bought as (
    select customer_id, min(happened_on) as first_on
    from order_line
    where kind = 'sale' and customer_id is not null
    group by customer_id
),
sent as (
    select campaign_id, sum(cost) as amount
    from contact
    where campaign_id is not null and cost is not null
    group by campaign_id
),
passed as (
    select
        campaign_id,
        name,
        starts_on,
        budget,
        case
            when starts_on <= ends_on and ends_on >= cast(:as_of as date)
                then date_diff('day', starts_on, cast(:as_of as date))
                    / nullif(date_diff('day', starts_on, ends_on) + 1, 0)
            else 1
        end as share
    from campaign
    where budget > 0 and (starts_on is null or starts_on < cast(:as_of as date))
),
charged as (
    select
        concat('campaign ', passed.campaign_id, case when passed.name is null then '' else concat(': ', passed.name) end)
                                                                            as pool,
        'campaign_orders'                                                   as driver,
        passed.campaign_id,
        cast(null as varchar)                                               as list_id,
        passed.starts_on                                                    as begun_on,
        greatest(
            cast(round(passed.budget * passed.share, 4) as decimal(18, 4)) - coalesce(sent.amount, 0), 0
        )                                                                   as amount
    from passed
    left join sent
        on sent.campaign_id = passed.campaign_id
    union all
    select
        concat('list ', list_id, case when supplier is null then '' else concat(': ', supplier) end) as pool,
        'list_customers'                                                    as driver,
        cast(null as varchar)                                               as campaign_id,
        list_id,
        delivered_on                                                        as begun_on,
        cost                                                                as amount
    from contact_list
    where cost > 0 and (delivered_on is null or delivered_on < cast(:as_of as date))
),
driven as (
    select
        charged.pool,
        cast(date_trunc('month', order_line.happened_on) as date)           as month,
        order_line.customer_id,
        case when order_line.happened_on = bought.first_on then 'acquisition' else 'contact' end as cost_line,
        cast(count(distinct (order_line.source, order_line.order_id)) as decimal(18, 6)) as units
    from charged
    join order_line
        on order_line.campaign_id = charged.campaign_id
        and order_line.kind = 'sale'
    left join bought
        on bought.customer_id = order_line.customer_id
    group by
        charged.pool,
        cast(date_trunc('month', order_line.happened_on) as date),
        order_line.customer_id,
        case when order_line.happened_on = bought.first_on then 'acquisition' else 'contact' end
    union all
    select
        charged.pool,
        cast(date_trunc('month', bought.first_on) as date)                  as month,
        bought.customer_id,
        'acquisition'                                                       as cost_line,
        cast(1 as decimal(18, 6))                                           as units
    from charged
    join (
        select distinct list_id, customer_id
        from customer_record
        where list_id is not null and customer_id is not null
    ) as listed
        on listed.list_id = charged.list_id
    join bought
        on bought.customer_id = listed.customer_id
    where charged.begun_on is null or bought.first_on >= charged.begun_on
),
latest as (
    select coalesce(max(happened_on), cast(:as_of as date)) as happened_on
    from order_line
)
select
    charged.pool,
    driven.month                                                            as happened_on,
    row_number() over (
        partition by charged.pool
        order by driven.month, coalesce(driven.customer_id, -1), driven.cost_line
    )                                                                       as place,
    driven.customer_id,
    driven.cost_line,
    driven.units,
    cast(charged.amount as decimal(18, 4))                                  as pool_amount,
    coalesce(charged.begun_on, latest.happened_on)                          as begun_on,
    charged.driver,
    substring(md5(concat(charged.pool, '|', charged.driver)), 1, 8)         as version
from charged
cross join latest
join driven
    on driven.pool = charged.pool
where charged.amount > 0
union all
select
    charged.pool,
    cast(date_trunc('month', coalesce(charged.begun_on, latest.happened_on)) as date) as happened_on,
    0                                                                       as place,
    cast(null as bigint)                                                    as customer_id,
    'acquisition'                                                           as cost_line,
    cast(null as decimal(18, 6))                                            as units,
    cast(charged.amount as decimal(18, 4))                                  as pool_amount,
    coalesce(charged.begun_on, latest.happened_on)                          as begun_on,
    charged.driver,
    substring(md5(concat(charged.pool, '|', charged.driver)), 1, 8)         as version
from charged
cross join latest
left join (select distinct pool from driven) as shared
    on shared.pool = charged.pool
where shared.pool is null and charged.amount > 0
