-- What a careful person would write by hand for files that are known to be clean: from the Parquet to the published tables.
-- Each step begins with a line "-- step: name". The variables are set by sql_peer.py.

-- step: identity
create table memory.person as
with key as (
    select distinct customer_key as record_id
    from read_parquet(getvariable('paths'))
    where customer_key is not null
),
named as (
    select
        record_id,
        sha256(
            getvariable('secret')
            || unhex(sha256(getvariable('secret') || encode('shop' || chr(31) || record_id)))
        ) as customer_ref
    from key
)
select record_id, customer_ref, cast('0x' || substr(customer_ref, 1, 15) as bigint) as customer_id
from named;

create table identity as
select customer_ref, 'shop' as source, customer_id
from memory.person;

create table people.identity as
select customer_ref, record_id
from memory.person;

create table customer as
select customer_id, count(*) as records
from identity
group by customer_id;

-- step: order_line
create table order_line as
select
    'shop'                                                                   as source,
    order_id,
    cast(line_no as varchar)                                                 as line_no,
    customer_id,
    case when quantity < 0 or net_revenue < 0 then 'return' else 'sale' end  as kind,
    cast(null as varchar)                                                    as returns_order_id,
    product_id,
    cast(quantity as decimal(18, 6))                                         as quantity,
    cast(net_revenue as decimal(18, 4))                                      as net_revenue,
    cast(null as decimal(18, 4))                                             as tax,
    cast(null as decimal(18, 4))                                             as discount,
    cast(cost_of_goods as decimal(18, 4))                                    as cost_of_goods,
    'EUR'                                                                    as currency,
    cast(null as varchar)                                                    as channel,
    cast(null as varchar)                                                    as territory_id,
    cast(null as varchar)                                                    as campaign_id,
    cast(null as varchar)                                                    as payment_method,
    ordered_at                                                               as happened_at,
    cast(ordered_at as date)                                                 as happened_on,
    least(ordered_at, getvariable('now'))                                    as known_from,
    cast(null as timestamp)                                                  as known_until,
    true                                                                     as known_assumed
from read_parquet(getvariable('paths')) as line
left join memory.person on person.record_id = line.customer_key
order by customer_id, happened_at;

drop table memory.person;

-- step: quality
create table quality as
select
    source,
    count(*)                                        as lines,
    count(*) filter (where customer_id is null)     as without_customer,
    count(*) filter (where product_id is null)      as without_product,
    count(*) filter (where net_revenue = 0)         as without_revenue,
    count(*) filter (where cost_of_goods is null)   as without_cost,
    max(happened_on)                                as newest_on
from order_line
group by source;

-- step: customer_feature
create table memory.customer_day as
select
    customer_id,
    happened_on,
    count(*) filter (where kind = 'sale')                          as sales,
    sum(net_revenue)                                               as revenue,
    sum(case when cost_of_goods is not null then net_revenue end)  as revenue_with_cost,
    sum(net_revenue - cost_of_goods)                               as margin
from order_line
where kind in ('sale', 'return', 'cancellation') and customer_id is not null
group by customer_id, happened_on;

create table customer_feature as
with date_asked as (
    select
        getvariable('as_of') - cast(k * getvariable('horizon_days') as integer)   as as_of,
        case when k = 0 then 1000 else getvariable('sample_permille') end         as permille
    from range(5) as origin (k)
),
seen as (
    select customer_day.*, as_of, date_diff('day', happened_on, as_of) as days_ago
    from memory.customer_day
    join date_asked on happened_on < as_of and customer_id % 1000 < permille
)
select
    customer_id,
    as_of,
    min(happened_on) filter (where sales > 0)                                                   as first_bought_on,
    max(happened_on) filter (where sales > 0)                                                   as last_bought_on,
    count(*) filter (where sales > 0) - 1                                                       as repeat_purchases,
    max(days_ago) filter (where sales > 0) - min(days_ago) filter (where sales > 0)             as recency_days,
    max(days_ago) filter (where sales > 0) - 1                                                  as age_days,
    count(*) filter (where sales > 0 and days_ago <= getvariable('horizon_days'))               as recent_purchases,
    cast(sum(revenue) as decimal(18, 4))                                                        as revenue,
    cast(coalesce(sum(revenue) filter (where days_ago <= getvariable('horizon_days')), 0) as decimal(18, 4))
                                                                                                as recent_revenue,
    cast(coalesce(sum(revenue) filter (where days_ago <= 365), 0) as decimal(18, 4))            as year_revenue,
    cast(sum(margin) as decimal(18, 4))                                                         as margin,
    cast(sum(revenue_with_cost) as decimal(18, 4))                                              as revenue_with_cost
from seen
group by customer_id, as_of
having count(*) filter (where sales > 0) > 0;

-- step: lapse
create table lapse as
with gap as (
    select
        date_diff('day', lag(happened_on) over (partition by customer_id order by happened_on), happened_on) as gap_days,
        cast(1 / nullif(count(*) over (partition by customer_id) - 1, 0) as decimal(18, 9))                   as weight
    from memory.customer_day
    where sales > 0
),
gap_count as (
    select gap_days, count(*) as gaps, sum(weight) as weight
    from gap
    where gap_days is not null
    group by gap_days
),
cumulated as (
    select
        gap_days,
        sum(weight) over (order by gap_days)   as up_to_here,
        sum(weight) over ()                    as customers,
        sum(gaps) over ()                      as gaps
    from gap_count
)
select 95 as percentile, min(gap_days) as lapse_days, max(gaps) as gaps
from cumulated
where up_to_here * 100 >= customers * 95;

drop table memory.customer_day;

-- step: churn_count
create table churn_count as
select
    present.as_of,
    present.repeat_purchases,
    present.recency_days,
    present.age_days,
    present.recent_purchases,
    count(*)                                                                as customers,
    count(later.customer_id)                                                as observed,
    count(*) filter (where later.last_bought_on < present.as_of)            as has_left,
    cast(sum(greatest(present.recent_revenue, 0)) as decimal(18, 4))        as at_stake,
    cast(
        sqrt(sum(cast(greatest(present.recent_revenue, 0) as decimal(19, 4)) * greatest(present.recent_revenue, 0)))
        as decimal(18, 6)
    )                                                                       as at_stake_norm
from customer_feature as present
left join customer_feature as later
    on later.customer_id = present.customer_id
    and later.as_of = present.as_of + cast(getvariable('horizon_days') as integer)
group by all;

-- step: fit
-- (sql_peer.py: the arithmetic of the forecast is no SQL; both sides call the same function)

-- step: score
create table score as
with today as (
    select *, cast(greatest(recent_revenue, 0) as decimal(19, 4)) as at_stake
    from customer_feature
    where as_of = getvariable('as_of')
),
chance as (
    select today.customer_id, today.as_of, at_stake, probability, low, high, model_version
    from today
    join churn_cell as cell
        on cell.as_of = today.as_of
        and cell.repeat_purchases = today.repeat_purchases
        and cell.recency_days = today.recency_days
        and cell.age_days = today.age_days
        and cell.recent_purchases = today.recent_purchases
),
tenth as (
    select customer_id, as_of, ntile(10) over (order by year_revenue desc, customer_id) as tenth
    from today
    where date_diff('day', last_bought_on, as_of) <= 365
)
select
    'churn-risk' as analysis, customer_id, as_of, probability as value, low, high, 'probability' as unit, model_version
from chance
union all
select
    'churn-loss', customer_id, as_of, cast(at_stake * probability as decimal(18, 6)),
    cast(at_stake * low as decimal(18, 6)), cast(at_stake * high as decimal(18, 6)), 'money', model_version
from chance
union all
select 'customer-value', customer_id, as_of, cast(tenth as decimal(18, 6)), null, null, 'tenth', 'by hand'
from tenth;

create table churn_reach as
with ranked as (
    select
        as_of,
        row_number() over (order by value desc, customer_id)                                 as place,
        sum(value) over (order by value desc, customer_id rows unbounded preceding)          as reached,
        count(*) over ()                                                                     as customers
    from score
    where analysis = 'churn-loss'
)
select as_of, place as contacted, cast(reached as decimal(18, 6)) as expected_loss
from ranked
where place % (1 + customers // 50) = 0 or place = customers;

-- step: publish
checkpoint facts;
checkpoint people;
