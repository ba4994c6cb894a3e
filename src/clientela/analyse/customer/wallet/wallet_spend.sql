-- wallet_spend
-- What each customer spent in the window of days before the date, and in the one as long before that, by category and
-- in all (the empty category). Who came within a window has not spent for all of it and is left out of it. Of the
-- categories the eleven largest stand by themselves.
-- Grain: customer_id, period, category
-- Kind: as-of
with category_of as (
    select product_id, max(category) as category
    from product
    group by product_id
),
began as (
    select customer_id, date_diff('day', first_bought_on, cast(:as_of as date)) as days_known
    from customer_feature
),
traded as (
    select distinct happened_on, date_diff('day', happened_on, cast(:as_of as date)) as days_ago
    from order_line
    where kind in ('sale', 'return', 'cancellation')
),
counted_day as (  -- by day and not by line: to compare each line with the window costs more than all the rest
    select
        traded.happened_on,
        case when traded.days_ago <= wallet_window.window_days then 'now' else 'before' end     as period,
        case when traded.days_ago <= wallet_window.window_days then 1 else 2 end
            * wallet_window.window_days                                             as begun_days
    from traded
    cross join wallet_window
    where traded.days_ago <= 2 * wallet_window.window_days
),
bought as (
    select
        order_line.customer_id,
        counted_day.period,
        coalesce(category_of.category, 'other')                                     as category,
        max(counted_day.begun_days)                                                 as begun_days,
        sum(order_line.net_revenue)                                                 as spent
    from order_line
    join counted_day on counted_day.happened_on = order_line.happened_on
    left join category_of on category_of.product_id = order_line.product_id
    where order_line.kind in ('sale', 'return', 'cancellation') and order_line.customer_id is not null
    group by order_line.customer_id, counted_day.period, coalesce(category_of.category, 'other')
),
sold as (
    select
        bought.customer_id,
        bought.period,
        bought.category,
        bought.spent,
        sum(case when bought.category <> 'other' then bought.spent else 0 end) over (partition by bought.category)
                                                                                    as of_all
    from bought
    join began on began.customer_id = bought.customer_id
    where began.days_known > bought.begun_days
),
ranked as (
    select
        customer_id,
        period,
        category,
        spent,
        dense_rank() over (order by case when category = 'other' then 1 else 0 end, of_all desc, category) as place
    from sold
),
named as (
    select
        customer_id,
        period,
        case when place <= 11 and category <> 'other' then category else 'other' end as category,
        sum(spent)                                                                  as spent
    from ranked
    group by
        customer_id,
        period,
        case when place <= 11 and category <> 'other' then category else 'other' end
)
select
    customer_id,
    period,
    case when grouping(category) = 1 then '' else category end                      as category,
    cast(sum(spent) as decimal(18, 4))                                              as spent
from named
where spent > 0
group by grouping sets ((customer_id, period, category), (customer_id, period))
