-- alike_count
-- How many customers of the same traits there were at a date, and how many of them were or became one of the best: all
-- that look-alike learns from, and the kinds of customers it is asked about today.
-- Of customers (task 'customer'): those who were not among the best at the date, and whether they were in the horizon
-- after it. Of people who have not bought ('prospect'): what all customers were before they bought, and whether they
-- are among the best so far; 'newcomer': the same of those who came within two horizons, among themselves.
-- Grain: task, as_of, kind, country, region, sector, came_by, list_kind, channel, silence, purchases, age, basket, recent
-- Kind: state
with latest as (
    select max(as_of) as as_of
    from customer_feature
),
asked as (
    select
        'customer' as task,
        as_of,
        kind,
        country,
        region,
        sector,
        came_by,
        list_kind,
        channel,
        silence,
        purchases,
        age,
        basket,
        recent,
        is_observed as observed,
        becomes_best as best
    from alike_trait
    where is_customer = 1 and is_best = 0
    union all
    select
        'prospect' as task,
        as_of,
        kind,
        country,
        region,
        sector,
        came_by,
        list_kind,
        '' as channel,
        '' as silence,
        '' as purchases,
        '' as age,
        '' as basket,
        '' as recent,
        1 as observed,
        is_best_so_far as best
    from alike_trait
    where is_customer = 1
    union all
    select
        'newcomer' as task,
        as_of,
        kind,
        country,
        region,
        sector,
        came_by,
        list_kind,
        '' as channel,
        '' as silence,
        '' as purchases,
        '' as age,
        '' as basket,
        '' as recent,
        1 as observed,
        is_best_newcomer as best
    from alike_trait
    where is_customer = 1 and is_newcomer = 1
    union all
    select
        'not yet' as task,
        as_of,
        kind,
        country,
        region,
        sector,
        came_by,
        list_kind,
        '' as channel,
        '' as silence,
        '' as purchases,
        '' as age,
        '' as basket,
        '' as recent,
        0 as observed,
        0 as best
    from alike_trait
    where is_customer = 0
)
select
    asked.task,
    asked.as_of,
    asked.kind,
    asked.country,
    asked.region,
    asked.sector,
    asked.came_by,
    asked.list_kind,
    asked.channel,
    asked.silence,
    asked.purchases,
    asked.age,
    asked.basket,
    asked.recent,
    count(*)                                            as customers,
    cast(sum(asked.observed) as bigint)                 as observed,
    cast(sum(asked.best) as bigint)                     as best
from asked
join latest
    on asked.task <> 'newcomer' or latest.as_of = asked.as_of
group by asked.task, asked.as_of, asked.kind, asked.country, asked.region, asked.sector, asked.came_by, asked.list_kind, asked.channel, asked.silence, asked.purchases, asked.age, asked.basket, asked.recent
