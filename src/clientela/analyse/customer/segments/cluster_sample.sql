-- cluster_sample
-- Customers who have bought, with what clusters are made of: at most 20,000 as of the date, and at most 4,000 as of each
-- earlier day on which clusters were found, the same days in every run: the first quarter that began with 100
-- customers or more, and each new year since, at most six. Drawn by a hash of each customer's first order: by chance,
-- but the same ones in every run and under whatever numbers, as long as they are customers.
-- Grain: fitted_on, customer_id
-- Kind: as-of
with quarter_came as (
    select
        cast(date_trunc('quarter', first_bought_on) as date)                               as quarter_on,
        count(*)                                                                           as customers
    from customer_feature
    group by cast(date_trunc('quarter', first_bought_on) as date)
    union all
    select
        cast(date_trunc('quarter', cast(:as_of as date)) as date)                          as quarter_on,
        0                                                                                  as customers
    union all
    select
        cast(date_trunc('year', cast(cast(:as_of as date) - interval 0 day as date)) as date) as quarter_on,
        0                                                                                  as customers
    union all
    select
        cast(date_trunc('year', cast(cast(:as_of as date) - interval 365 day as date)) as date) as quarter_on,
        0                                                                                  as customers
    union all
    select
        cast(date_trunc('year', cast(cast(:as_of as date) - interval 730 day as date)) as date) as quarter_on,
        0                                                                                  as customers
    union all
    select
        cast(date_trunc('year', cast(cast(:as_of as date) - interval 1095 day as date)) as date) as quarter_on,
        0                                                                                  as customers
    union all
    select
        cast(date_trunc('year', cast(cast(:as_of as date) - interval 1460 day as date)) as date) as quarter_on,
        0                                                                                  as customers
    union all
    select
        cast(date_trunc('year', cast(cast(:as_of as date) - interval 1825 day as date)) as date) as quarter_on,
        0                                                                                  as customers
    union all
    select
        cast(date_trunc('year', cast(cast(:as_of as date) - interval 2190 day as date)) as date) as quarter_on,
        0                                                                                  as customers
),
quarter as (
    select
        quarter_on,
        sum(customers)                                                                     as customers
    from quarter_came
    group by quarter_on
),
known as (
    select
        quarter_on,
        sum(customers) over (order by quarter_on) - customers                              as customers  -- before it began
    from quarter
),
began as (
    select min(quarter_on) as began_on
    from known
    where customers >= 100
),
fitted as (
    select known.quarter_on as fitted_on
    from known
    cross join began
    where known.quarter_on < cast(:as_of as date)
        and (
            known.quarter_on = began.began_on
            or (
                known.quarter_on > began.began_on
                and month(known.quarter_on) = 1
                and known.quarter_on >= cast(cast(:as_of as date) - interval 2190 day as date)
            )
        )
),
first_order as (
    select
        order_line.customer_id,
        min(order_line.source || ' ' || order_line.order_id)                               as named
    from order_line
    join customer_feature
        on customer_feature.customer_id = order_line.customer_id
        and customer_feature.first_bought_on = order_line.happened_on
    where order_line.kind = 'sale'
    group by order_line.customer_id
),
drawn as (
    select
        customer_feature.customer_id,
        customer_feature.first_bought_on,
        coalesce(md5(first_order.named), '')                                               as hashed
    from customer_feature
    left join first_order on first_order.customer_id = customer_feature.customer_id
),
placed as (
    select
        fitted.fitted_on,
        drawn.customer_id,
        row_number() over (partition by fitted.fitted_on order by drawn.hashed, drawn.customer_id) as place
    from drawn
    join fitted on drawn.first_bought_on < fitted.fitted_on
),
chosen as (
    select
        fitted_on,
        customer_id
    from placed
    where place <= 4000
),
asked as (
    select distinct customer_id
    from chosen
),
customer_day as (
    select
        order_line.customer_id,
        order_line.happened_on,
        count(*) filter (where order_line.kind = 'sale')                                   as sales,
        sum(order_line.net_revenue)                                                        as revenue
    from order_line
    join asked on asked.customer_id = order_line.customer_id
    where order_line.kind in ('sale', 'return', 'cancellation')
    group by order_line.customer_id, order_line.happened_on
),
measured as (
    select
        chosen.fitted_on,
        chosen.customer_id,
        min(date_diff('day', customer_day.happened_on, chosen.fitted_on)) filter (where customer_day.sales > 0)
                                                                                           as days_since,
        count(*) filter (where customer_day.sales > 0)                                     as purchase_days,
        max(date_diff('day', customer_day.happened_on, chosen.fitted_on)) filter (where customer_day.sales > 0)
                                                                                           as first_days,
        cast(sum(customer_day.revenue) as decimal(18, 4))                                  as revenue
    from chosen
    join customer_day
        on customer_day.customer_id = chosen.customer_id
        and customer_day.happened_on < chosen.fitted_on
    group by chosen.fitted_on, chosen.customer_id
    having count(*) filter (where customer_day.sales > 0) > 0
),
today as (
    select
        customer_feature.customer_id,
        date_diff('day', customer_feature.last_bought_on, cast(:as_of as date))            as days_since,
        customer_feature.repeat_purchases + 1                                              as purchase_days,
        customer_feature.age_days,
        customer_feature.revenue,
        row_number() over (order by drawn.hashed, drawn.customer_id)                       as place
    from customer_feature
    join drawn on drawn.customer_id = customer_feature.customer_id
)
select
    fitted_on,
    customer_id,
    days_since,
    purchase_days,
    cast(greatest(revenue, 0) / nullif(purchase_days, 0) as decimal(18, 6))                as basket,
    first_days - 1                                                                         as age_days,
    revenue
from measured
union all
select
    cast(:as_of as date)                                                                   as fitted_on,
    customer_id,
    days_since,
    purchase_days,
    cast(greatest(revenue, 0) / nullif(purchase_days, 0) as decimal(18, 6))                as basket,
    age_days,
    revenue
from today
where place <= 20000
