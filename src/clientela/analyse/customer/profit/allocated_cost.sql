-- allocated_cost
-- What each customer gets of each pool of costs in each month, by what drives it there, and what nobody gets; and of
-- what campaigns and bought lists cost.
-- An amount is cut at the cumulated units, rounded: so the shares sum to it exactly, whatever is rounded.
-- Grain: pool, happened_on, place
-- Kind: state
with pool_period as (
    select
        pool,
        period,
        amount,
        driver,
        year(period) * 12 + month(period) - 1 as number,
        lead(year(period) * 12 + month(period)) over (partition by pool order by period)
            - year(period) * 12 - month(period) as months_to_next,
        year(period) * 12 + month(period)
            - lag(year(period) * 12 + month(period)) over (partition by pool order by period) as months_before
    from cost_pool
    where amount is not null
),
lasting as (
    select
        pool_period.pool,
        pool_period.amount,
        pool_period.driver,
        pool_period.number,
        greatest(coalesce(cost_rule.months, months_to_next, months_before, 1), 1) as months
    from pool_period
    left join cost_rule
        on cost_rule.pool = pool_period.pool
        and cost_rule.since <= pool_period.period
        and (cost_rule.until is null or cost_rule.until > pool_period.period)
),
cut as (
    select
        lasting.pool,
        cost_month.month,
        lasting.driver,
        cast(round(lasting.amount * ((cost_month.number - lasting.number + 1) / nullif(lasting.months, 0)), 4) as decimal(18, 4))
            - cast(round(lasting.amount * ((cost_month.number - lasting.number) / nullif(lasting.months, 0)), 4) as decimal(18, 4)) as amount
    from lasting
    join cost_month
        on cost_month.number >= lasting.number
        and cost_month.number < lasting.number + lasting.months
),
monthly as (
    select cut.pool, cut.month, min(cut.driver) as driver, sum(cut.amount) as amount
    from cut
    left join cost_figure on cost_figure.pool = cut.pool and cost_figure.month = cut.month
    where cost_figure.pool is null
    group by cut.pool, cut.month
    union all
    select pool, month, cast(null as varchar) as driver, amount
    from cost_figure
),
ruled as (
    select
        monthly.pool,
        monthly.month,
        cast(monthly.amount as decimal(18, 4))               as amount,
        coalesce(cost_rule.cost_line, 'other')               as cost_line,
        coalesce(cost_rule.driver, monthly.driver, 'none')   as driver,
        cost_rule.channel,
        coalesce(
            cost_rule.version, substring(md5(concat(monthly.pool, '|', coalesce(monthly.driver, 'none'))), 1, 8)
        )                                                    as version
    from monthly
    left join cost_rule
        on cost_rule.pool = monthly.pool
        and cost_rule.since <= monthly.month
        and (cost_rule.until is null or cost_rule.until > monthly.month)
),
driven as (
    select
        'orders' as driver,
        cast(date_trunc('month', happened_on) as date) as month,
        customer_id,
        channel,
        cast(count(distinct (source, order_id)) as decimal(18, 6)) as units
    from order_line
    where cast(date_trunc('month', happened_on) as date) in (select ruled.month from ruled where ruled.driver = 'orders')
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
    where cast(date_trunc('month', happened_on) as date) in (select ruled.month from ruled where ruled.driver = 'lines')
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
    where cast(date_trunc('month', happened_on) as date) in (select ruled.month from ruled where ruled.driver = 'pieces')
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
    where cast(date_trunc('month', happened_on) as date) in (select ruled.month from ruled where ruled.driver = 'revenue')
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
    where cast(date_trunc('month', happened_on) as date) in (select ruled.month from ruled where ruled.driver = 'returns')
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
    where cast(date_trunc('month', happened_on) as date) in (select ruled.month from ruled where ruled.driver = 'contacts')
    group by cast(date_trunc('month', happened_on) as date), customer_id, channel
    union all
    select
        'visits' as driver,
        cast(date_trunc('month', happened_on) as date) as month,
        customer_id,
        channel,
        cast(count(*) as decimal(18, 6)) as units
    from interaction
    where cast(date_trunc('month', happened_on) as date) in (select ruled.month from ruled where ruled.driver = 'visits')
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
    where cast(date_trunc('month', happened_on) as date) in (select ruled.month from ruled where ruled.driver = 'calls')
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
    where cast(date_trunc('month', happened_on) as date) in (select ruled.month from ruled where ruled.driver = 'cases')
    group by cast(date_trunc('month', happened_on) as date), customer_id, channel
    union all
    select
        'minutes' as driver,
        cast(date_trunc('month', happened_on) as date) as month,
        customer_id,
        channel,
        cast(sum(handling_minutes) as decimal(18, 6)) as units
    from service_case
    where cast(date_trunc('month', happened_on) as date) in (select ruled.month from ruled where ruled.driver = 'minutes')
    group by cast(date_trunc('month', happened_on) as date), customer_id, channel
    union all
    select
        'messages' as driver,
        cast(date_trunc('month', happened_on) as date) as month,
        customer_id,
        cast(null as varchar) as channel,
        cast(count(*) as decimal(18, 6)) as units
    from contact
    where cast(date_trunc('month', happened_on) as date) in (select ruled.month from ruled where ruled.driver = 'messages')
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
    where first_bought.month in (select ruled.month from ruled where ruled.driver = 'new_customers')
),
weighed as (
    select
        ruled.pool,
        ruled.month,
        ruled.amount,
        ruled.cost_line,
        ruled.driver,
        ruled.version,
        driven.customer_id,
        cast(sum(driven.units) as decimal(18, 6)) as units
    from ruled
    join driven
        on driven.driver = ruled.driver
        and driven.month = ruled.month
        and (ruled.channel is null or ruled.channel = driven.channel)
    group by
        ruled.pool, ruled.month, ruled.amount, ruled.cost_line, ruled.driver, ruled.version, driven.customer_id
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
        row_number() over (partition by pool, month order by coalesce(customer_id, -1)) as place,
        sum(units) over (
            partition by pool, month
            order by coalesce(customer_id, -1) rows between unbounded preceding and current row
        )                                           as up_to_here,
        sum(units) over (partition by pool, month)  as all_units
    from weighed
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
    ruled.pool,
    ruled.month as happened_on,
    0 as place,
    case when ruled.driver = 'none' then 'no driver' else 'nothing to share by' end as allocation,
    cast(null as bigint) as customer_id,
    ruled.cost_line,
    ruled.amount,
    ruled.driver,
    cast(null as decimal(18, 6)) as units,
    ruled.version
from ruled
left join (select distinct pool, month from weighed) as shared
    on shared.pool = ruled.pool and shared.month = ruled.month
where shared.pool is null
union all
select
    pool,
    happened_on,
    place,
    allocation,
    customer_id,
    cost_line,
    amount,
    driver,
    units,
    version
from acquisition_cost
