-- alike_trait
-- What is known, at each date that is looked from, of every customer who has bought, and today of those who have not:
-- what they are, how they came, how they bought. Nothing personal; unknown is a value of its own.
-- Grain: customer_id, as_of
-- Kind: state
with looked_from as (
    select max(as_of) as today
    from customer_feature
),
first_record as (
    select customer_id, min(happened_at) as happened_at
    from customer_record
    where customer_id is not null
    group by customer_id
),
came_by as (
    select customer_record.customer_id, min(customer_record.source) as source
    from customer_record
    join first_record
        on first_record.customer_id = customer_record.customer_id
        and first_record.happened_at = customer_record.happened_at
    group by customer_record.customer_id
),
listed as (
    select customer_record.customer_id, min(coalesce(contact_list.kind, 'list')) as list_kind
    from customer_record
    left join contact_list
        on contact_list.list_id = customer_record.list_id
    where customer_record.list_id is not null and customer_record.customer_id is not null
    group by customer_record.customer_id
),
first_day as (
    select customer_id, min(happened_on) as happened_on
    from order_line
    where kind = 'sale' and customer_id is not null
    group by customer_id
),
first_channel as (
    select order_line.customer_id, min(order_line.channel) as channel
    from order_line
    join first_day
        on first_day.customer_id = order_line.customer_id and first_day.happened_on = order_line.happened_on
    where order_line.kind = 'sale'
    group by order_line.customer_id
),
bought as (
    select
        customer_feature.customer_id,
        customer_feature.as_of,
        looked_from.today,
        1                                                                                        as is_customer,
        date_diff('day', customer_feature.last_bought_on, customer_feature.as_of)                as days_since,
        customer_feature.recent_purchases,
        customer_feature.age_days,
        cast(customer_feature.revenue / nullif(customer_feature.repeat_purchases + 1, 0) as decimal(18, 4)) as basket,
        lifetime_money.recent,
        cast(lifetime_money.brought / nullif(greatest(customer_feature.age_days + 1, :horizon_days), 0)
            as decimal(18, 6))                                                                   as brought_a_day,
        case
            when date_diff('day', customer_feature.first_bought_on, looked_from.today) <= 2 * :horizon_days then 1
            else 0
        end                                                                                      as is_newcomer,
        lifetime_trial.came
    from customer_feature
    cross join looked_from
    join lifetime_money
        on lifetime_money.customer_id = customer_feature.customer_id and lifetime_money.as_of = customer_feature.as_of
    left join lifetime_trial
        on lifetime_trial.customer_id = customer_feature.customer_id and lifetime_trial.as_of = customer_feature.as_of
),
not_yet as (
    select
        customer.customer_id,
        looked_from.today                                                                        as as_of,
        looked_from.today,
        0                                                                                        as is_customer,
        cast(null as bigint)                                                                     as days_since,
        0                                                                                        as recent_purchases,
        0                                                                                        as age_days,
        cast(0 as decimal(18, 4))                                                                as basket,
        cast(0 as decimal(18, 4))                                                                as recent,
        cast(0 as decimal(18, 6))                                                                as brought_a_day,
        0                                                                                        as is_newcomer,
        cast(null as decimal(18, 4))                                                             as came
    from customer
    cross join looked_from
    left join first_day
        on first_day.customer_id = customer.customer_id
    where looked_from.today is not null and first_day.customer_id is null
        and (customer.first_created_on is null or customer.first_created_on < looked_from.today)
),
everybody as (
    select
        customer_id, as_of, today, is_customer, days_since, recent_purchases, age_days, basket, recent, brought_a_day,
        is_newcomer, came
    from bought
    union all
    select
        customer_id, as_of, today, is_customer, days_since, recent_purchases, age_days, basket, recent, brought_a_day,
        is_newcomer, came
    from not_yet
),
ranked as (
    select
        everybody.customer_id,
        everybody.as_of,
        everybody.is_customer,
        everybody.is_newcomer,
        everybody.days_since,
        everybody.recent_purchases,
        everybody.age_days,
        everybody.recent,
        everybody.brought_a_day,
        everybody.came,
        ntile(5) over (
            partition by everybody.as_of, everybody.is_customer order by everybody.basket, everybody.customer_id
        )                                                                                        as basket_fifth,
        ntile(10) over (
            partition by everybody.as_of, everybody.is_customer order by everybody.recent desc, everybody.customer_id
        )                                                                                        as recent_tenth,
        ntile(10) over (
            partition by everybody.as_of, everybody.is_customer
            order by everybody.brought_a_day desc, everybody.customer_id
        )                                                                                        as brought_tenth,
        ntile(10) over (
            partition by everybody.as_of, everybody.is_customer, everybody.is_newcomer
            order by everybody.brought_a_day desc, everybody.customer_id
        )                                                                                        as newcomer_tenth,
        ntile(10) over (
            partition by everybody.as_of, everybody.is_customer, case when everybody.came is null then 0 else 1 end
            order by everybody.came desc, everybody.customer_id
        )                                                                                        as came_tenth
    from everybody
)
select
    ranked.customer_id,
    ranked.as_of,
    ranked.is_customer,
    ranked.is_newcomer,
    case when ranked.recent_tenth = 1 and ranked.recent > 0 then 1 else 0 end                    as is_best,
    case when ranked.brought_tenth = 1 and ranked.brought_a_day > 0 then 1 else 0 end            as is_best_so_far,
    case
        when ranked.is_newcomer = 1 and ranked.newcomer_tenth = 1 and ranked.brought_a_day > 0 then 1
        else 0
    end                                                                                          as is_best_newcomer,
    case when ranked.came is null then 0 else 1 end                                              as is_observed,
    case when ranked.came_tenth = 1 and ranked.came > 0 then 1 else 0 end                        as becomes_best,
    coalesce(customer.kind, 'unknown')                                                           as kind,
    coalesce(customer.country, 'unknown')                                                        as country,
    coalesce(customer.region, 'unknown')                                                         as region,
    coalesce(customer.sector, 'unknown')                                                         as sector,
    coalesce(came_by.source, 'unknown')                                                          as came_by,
    coalesce(listed.list_kind, 'no list')                                                        as list_kind,
    coalesce(first_channel.channel, 'unknown')                                                   as channel,
    case
        when ranked.days_since is null then 'unknown'
        when 4 * ranked.days_since <= :horizon_days then '1'
        when 2 * ranked.days_since <= :horizon_days then '2'
        when ranked.days_since <= :horizon_days then '3'
        when ranked.days_since <= 2 * :horizon_days then '4'
        else '5'
    end                                                                                          as silence,
    case
        when ranked.is_customer = 0 then 'unknown'
        when ranked.recent_purchases <= 2 then cast(ranked.recent_purchases as varchar)
        when ranked.recent_purchases <= 4 then '3'
        when ranked.recent_purchases <= 9 then '5'
        else '10'
    end                                                                                          as purchases,
    case
        when ranked.is_customer = 0 then 'unknown'
        when ranked.age_days <= :horizon_days then '1'
        when ranked.age_days <= 2 * :horizon_days then '2'
        when ranked.age_days <= 4 * :horizon_days then '3'
        else '4'
    end                                                                                          as age,
    case when ranked.is_customer = 0 then 'unknown' else cast(ranked.basket_fifth as varchar) end as basket,
    case
        when ranked.is_customer = 0 then 'unknown'
        when ranked.recent <= 0 then '0'
        else cast(11 - ranked.recent_tenth as varchar)
    end                                                                                          as recent
from ranked
left join customer
    on customer.customer_id = ranked.customer_id
left join came_by
    on came_by.customer_id = ranked.customer_id
left join listed
    on listed.customer_id = ranked.customer_id
left join first_channel
    on first_channel.customer_id = ranked.customer_id
