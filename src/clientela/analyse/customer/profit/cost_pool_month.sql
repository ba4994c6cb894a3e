-- cost_pool_month
-- What each pool of costs comes to in each month, and the rule by which it is shared out then.
-- A pool that contains what campaigns, their contacts and bought lists cost stands without it, as that counts by itself: it
-- is taken out of the month in which it began, and what exceeds a month out of the next ones.
-- Grain: pool, month
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
        cast(monthly.amount as decimal(18, 4))               as whole,
        coalesce(cost_rule.cost_line, 'other')               as cost_line,
        coalesce(cost_rule.driver, monthly.driver, 'none')   as driver,
        cost_rule.channel,
        coalesce(cost_rule.contains_budgets, false)          as contains_budgets,
        coalesce(
            cost_rule.version, substring(md5(concat(monthly.pool, '|', coalesce(monthly.driver, 'none'))), 1, 8)
        )                                                    as version
    from monthly
    left join cost_rule
        on cost_rule.pool = monthly.pool
        and cost_rule.since <= monthly.month
        and (cost_rule.until is null or cost_rule.until > monthly.month)
),
begun as (
    select distinct pool, begun_on, pool_amount as amount
    from acquisition_cost
),
spent as (
    select cast(date_trunc('month', begun_on) as date) as month, amount
    from begun
    union all
    select cast(date_trunc('month', happened_on) as date) as month, cost as amount
    from contact
    where cost is not null
),
spent_in as (
    select month, sum(amount) as amount
    from spent
    group by month
),
ahead as (
    select
        ruled.pool,
        ruled.month,
        greatest(ruled.whole, 0)                              as room,
        sum(coalesce(spent_in.amount, 0) - greatest(ruled.whole, 0)) over (
            partition by ruled.pool order by ruled.month rows between unbounded preceding and current row
        )                                                     as beyond
    from ruled
    left join spent_in
        on spent_in.month = ruled.month
    where ruled.contains_budgets
),
free as (
    select
        pool,
        month,
        room,
        least(min(beyond) over (
            partition by pool order by month rows between unbounded preceding and current row
        ), 0)                                                 as left_over
    from ahead
),
apart as (
    select
        pool,
        month,
        room + left_over - coalesce(lag(left_over) over (partition by pool order by month), 0) as amount
    from free
)
select
    ruled.pool,
    ruled.month,
    ruled.whole,
    cast(coalesce(apart.amount, 0) as decimal(18, 4))               as counted_apart,
    cast(ruled.whole - coalesce(apart.amount, 0) as decimal(18, 4)) as amount,
    ruled.cost_line,
    ruled.driver,
    ruled.channel,
    ruled.contains_budgets,
    ruled.version
from ruled
left join apart
    on apart.pool = ruled.pool
    and apart.month = ruled.month
