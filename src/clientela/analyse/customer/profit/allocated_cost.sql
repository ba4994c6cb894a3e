-- allocated_cost
-- What each customer gets of each pool of costs in each month, by what drives it there, and what nobody gets; and of
-- what campaigns and bought lists cost.
-- An amount is cut at the cumulated units, rounded: so the shares sum to it exactly, whatever is rounded. That of a pool
-- is cut in each month, that of a campaign or list once, over all months in which somebody bought by it.
-- Grain: pool, happened_on, place
-- Kind: state
with driven as (
    select
        'orders' as driver,
        cast(date_trunc('month', happened_on) as date) as month,
        customer_id,
        channel,
        cast(count(distinct (source, order_id)) as decimal(18, 6)) as units
    from order_line
    where cast(date_trunc('month', happened_on) as date) in (select cost_pool_month.month from cost_pool_month where cost_pool_month.driver = 'orders')
        and kind = 'sale'
    group by cast(date_trunc('month', happened_on) as date), customer_id, channel
    union all
    select
        'lines' as driver,
        cast(date_trunc('month', happened_on) as date) as month,
        customer_id,
        channel,
        cast(count(*) as decimal(18, 6)) as units
    from order_line
    where cast(date_trunc('month', happened_on) as date) in (select cost_pool_month.month from cost_pool_month where cost_pool_month.driver = 'lines')
        and kind = 'sale'
    group by cast(date_trunc('month', happened_on) as date), customer_id, channel
    union all
    select
        'pieces' as driver,
        cast(date_trunc('month', happened_on) as date) as month,
        customer_id,
        channel,
        cast(sum(quantity) as decimal(18, 6)) as units
    from order_line
    where cast(date_trunc('month', happened_on) as date) in (select cost_pool_month.month from cost_pool_month where cost_pool_month.driver = 'pieces')
        and kind = 'sale'
    group by cast(date_trunc('month', happened_on) as date), customer_id, channel
    union all
    select
        'revenue' as driver,
        cast(date_trunc('month', happened_on) as date) as month,
        customer_id,
        channel,
        cast(sum(net_revenue) as decimal(18, 6)) as units
    from order_line
    where cast(date_trunc('month', happened_on) as date) in (select cost_pool_month.month from cost_pool_month where cost_pool_month.driver = 'revenue')
        and kind in ('sale', 'return', 'cancellation')
    group by cast(date_trunc('month', happened_on) as date), customer_id, channel
    union all
    select
        'returns' as driver,
        cast(date_trunc('month', happened_on) as date) as month,
        customer_id,
        channel,
        cast(count(*) as decimal(18, 6)) as units
    from order_line
    where cast(date_trunc('month', happened_on) as date) in (select cost_pool_month.month from cost_pool_month where cost_pool_month.driver = 'returns')
        and kind = 'return'
    group by cast(date_trunc('month', happened_on) as date), customer_id, channel
    union all
    select
        'contacts' as driver,
        cast(date_trunc('month', happened_on) as date) as month,
        customer_id,
        channel,
        cast(count(*) as decimal(18, 6)) as units
    from interaction
    where cast(date_trunc('month', happened_on) as date) in (select cost_pool_month.month from cost_pool_month where cost_pool_month.driver = 'contacts')
    group by cast(date_trunc('month', happened_on) as date), customer_id, channel
    union all
    select
        'visits' as driver,
        cast(date_trunc('month', happened_on) as date) as month,
        customer_id,
        channel,
        cast(count(*) as decimal(18, 6)) as units
    from interaction
    where cast(date_trunc('month', happened_on) as date) in (select cost_pool_month.month from cost_pool_month where cost_pool_month.driver = 'visits')
        and kind = 'visit'
    group by cast(date_trunc('month', happened_on) as date), customer_id, channel
    union all
    select
        'calls' as driver,
        cast(date_trunc('month', happened_on) as date) as month,
        customer_id,
        channel,
        cast(count(*) as decimal(18, 6)) as units
    from interaction
    where cast(date_trunc('month', happened_on) as date) in (select cost_pool_month.month from cost_pool_month where cost_pool_month.driver = 'calls')
        and kind in ('call', 'sales_call')
    group by cast(date_trunc('month', happened_on) as date), customer_id, channel
    union all
    select
        'cases' as driver,
        cast(date_trunc('month', happened_on) as date) as month,
        customer_id,
        channel,
        cast(count(*) as decimal(18, 6)) as units
    from service_case
    where cast(date_trunc('month', happened_on) as date) in (select cost_pool_month.month from cost_pool_month where cost_pool_month.driver = 'cases')
    group by cast(date_trunc('month', happened_on) as date), customer_id, channel
    union all
    select
        'minutes' as driver,
        cast(date_trunc('month', happened_on) as date) as month,
        customer_id,
        channel,
        cast(sum(handling_minutes) as decimal(18, 6)) as units
    from service_case
    where cast(date_trunc('month', happened_on) as date) in (select cost_pool_month.month from cost_pool_month where cost_pool_month.driver = 'minutes')
    group by cast(date_trunc('month', happened_on) as date), customer_id, channel
    union all
    select
        'messages' as driver,
        cast(date_trunc('month', happened_on) as date) as month,
        customer_id,
        cast(null as varchar) as channel,
        cast(count(*) as decimal(18, 6)) as units
    from contact
    where cast(date_trunc('month', happened_on) as date) in (select cost_pool_month.month from cost_pool_month where cost_pool_month.driver = 'messages')
        and status = 'sent'
    group by cast(date_trunc('month', happened_on) as date), customer_id
    union all
    select
        'new_customers' as driver,
        first_bought.month,
        first_bought.customer_id,
        cast(null as varchar) as channel,
        cast(1 as decimal(18, 6)) as units
    from (
        select customer_id, cast(date_trunc('month', min(happened_on)) as date) as month
        from order_line
        where kind = 'sale' and customer_id is not null
        group by customer_id
    ) as first_bought
    where first_bought.month in (select cost_pool_month.month from cost_pool_month where cost_pool_month.driver = 'new_customers')
),
weighed as (
    select
        cost_pool_month.pool,
        cost_pool_month.month                            as cut_in,
        cost_pool_month.month,
        cost_pool_month.amount,
        cost_pool_month.cost_line,
        cost_pool_month.driver,
        cost_pool_month.version,
        driven.customer_id,
        cast(sum(driven.units) as decimal(18, 6))        as units
    from cost_pool_month
    join driven
        on driven.driver = cost_pool_month.driver
        and driven.month = cost_pool_month.month
        and (cost_pool_month.channel is null or cost_pool_month.channel = driven.channel)
    group by
        cost_pool_month.pool, cost_pool_month.month, cost_pool_month.amount, cost_pool_month.cost_line,
        cost_pool_month.driver, cost_pool_month.version, driven.customer_id
    having sum(driven.units) > 0
),
cumulated as (
    select
        pool,
        month,
        amount,
        cost_line,
        driver,
        version,
        customer_id,
        units,
        row_number() over (partition by pool, cut_in order by month, coalesce(customer_id, -1), cost_line) as place,
        sum(units) over (
            partition by pool, cut_in
            order by month, coalesce(customer_id, -1), cost_line rows between unbounded preceding and current row
        )                                               as up_to_here,
        sum(units) over (partition by pool, cut_in)     as all_units
    from (
        select pool, cut_in, month, amount, cost_line, driver, version, customer_id, units
        from weighed
        union all
        select
            pool, cast(null as date) as cut_in, happened_on as month, pool_amount as amount, cost_line, driver,
            version, customer_id, units
        from acquisition_cost
        where units is not null
    ) as to_be_cut
)
select
    pool,
    month as happened_on,
    place,
    case when customer_id is null then 'no customer known' else 'shared out' end as allocation,
    customer_id,
    cost_line,
    cast(
        cast(round(amount * (up_to_here / nullif(all_units, 0)), 4) as decimal(18, 4))
        - cast(round(amount * ((up_to_here - units) / nullif(all_units, 0)), 4) as decimal(18, 4))
        as decimal(18, 4)
    )                                               as amount,
    driver,
    units,
    version
from cumulated
union all
select
    cost_pool_month.pool,
    cost_pool_month.month as happened_on,
    0 as place,
    case when cost_pool_month.driver = 'none' then 'no driver' else 'nothing to share by' end as allocation,
    cast(null as bigint) as customer_id,
    cost_pool_month.cost_line,
    cost_pool_month.amount,
    cost_pool_month.driver,
    cast(null as decimal(18, 6)) as units,
    cost_pool_month.version
from cost_pool_month
left join (select distinct pool, month from weighed) as shared
    on shared.pool = cost_pool_month.pool and shared.month = cost_pool_month.month
where shared.pool is null
union all
select
    pool,
    happened_on,
    place,
    'nothing to share by' as allocation,
    customer_id,
    cost_line,
    pool_amount as amount,
    driver,
    units,
    version
from acquisition_cost
where units is null
