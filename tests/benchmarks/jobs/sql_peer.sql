-- What a careful person would write by hand for one known file: from the Parquet to the published tables.
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
        sha256(getvariable('secret') || sha256(getvariable('secret') || 'shop' || chr(31) || record_id)) as customer_ref
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
        date_diff('day', lag(happened_on) over (partition by customer_id order by happened_on), happened_on) as gap_days
    from memory.customer_day
    where sales > 0
),
gap_count as (
    select gap_days, count(*) as gaps
    from gap
    where gap_days is not null
    group by gap_days
),
cumulated as (
    select gap_days, sum(gaps) over (order by gap_days) as up_to_here, sum(gaps) over () as gaps
    from gap_count
)
select 95 as percentile, min(gap_days) as lapse_days, max(gaps) as gaps
from cumulated
where up_to_here * 100 >= gaps * 95;

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

-- step: score
create table churn_cell as
with history as (
    select
        as_of, repeat_purchases, recency_days, age_days, recent_purchases,
        -(getvariable('r') + repeat_purchases) * ln(getvariable('alpha') + age_days)                      as now,
        -(getvariable('r') + repeat_purchases)
            * ln(getvariable('alpha') + age_days + getvariable('horizon_days'))                           as later,
        case
            when repeat_purchases > 0
                then ln(getvariable('a') / (getvariable('b') + repeat_purchases - 1))
                    - (getvariable('r') + repeat_purchases) * ln(getvariable('alpha') + recency_days)
        end                                                                                               as gone
    from churn_count
    where as_of >= getvariable('as_of') - cast(getvariable('horizon_days') as integer)
)
select
    as_of, repeat_purchases, recency_days, age_days, recent_purchases,
    cast(
        case
            when gone is null then exp(later - now)
            else (exp(later - gone) + 1) / (exp(now - gone) + 1)
        end as decimal(18, 6)
    )                                as probability,
    cast(null as decimal(18, 6))     as low,
    cast(null as decimal(18, 6))     as high,
    'by hand'                        as model_version
from history;

create table score as
with cell as (
    select
        feature.customer_id, feature.as_of, greatest(recent_revenue, 0) as at_stake, probability, low, high, model_version
    from customer_feature as feature
    join churn_cell as cell
        on cell.as_of = feature.as_of
        and cell.repeat_purchases = feature.repeat_purchases
        and cell.recency_days = feature.recency_days
        and cell.age_days = feature.age_days
        and cell.recent_purchases = feature.recent_purchases
),
tenth as (
    select customer_id, as_of, ntile(10) over (partition by as_of order by year_revenue desc, customer_id) as tenth
    from customer_feature
    where date_diff('day', last_bought_on, as_of) <= 365
)
select
    'churn-risk' as analysis, customer_id, as_of, probability as value, low, high, 'probability' as unit, model_version
from cell
union all
select
    'churn-loss', customer_id, as_of, cast(cast(at_stake as decimal(19, 4)) * probability as decimal(18, 6)),
    low, high, 'money', model_version
from cell
union all
select 'customer-value', customer_id, as_of, cast(tenth as decimal(18, 6)), null, null, 'tenth', 'by hand'
from tenth;

create table churn_reach as
with ranked as (
    select
        as_of,
        row_number() over (partition by as_of order by value desc, customer_id)                                   as place,
        sum(value) over (partition by as_of order by value desc, customer_id rows unbounded preceding)            as reached,
        count(*) over (partition by as_of)                                                                        as customers
    from score
    where analysis = 'churn-loss'
)
select as_of, place as contacted, cast(reached as decimal(18, 6)) as expected_loss
from ranked
where place % (1 + customers // 50) = 0 or place = customers;

-- step: publish
checkpoint facts;
checkpoint people;
