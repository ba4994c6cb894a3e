-- customer_page
-- Each customer once, with the figures that their page shows. Money and orders are counted as the cube counts them.
-- Grain: customer_id
-- Kind: state
with line as (
    select
        customer_id,
        happened_on,
        kind,
        source,
        order_id,
        product_id,
        channel,
        net_revenue,
        net_revenue - cost_of_goods                                   as margin,
        date_diff('day', happened_on, cast(:as_of as date)) <= 365    as is_of_year
    from order_line
    where customer_id is not null and kind in ('sale', 'return', 'cancellation')
),
bought_line as (
    select
        customer_id,
        source,
        order_id,
        channel,
        count(*) filter (where is_of_year)                            as year_lines
    from line
    where kind = 'sale'
    group by customer_id, source, order_id, channel
),
placed as (
    select
        customer_id,
        source,
        order_id,
        sum(year_lines) > 0                                           as is_of_year
    from bought_line
    group by customer_id, source, order_id
),
ordered as (
    select
        customer_id,
        count(*)                                                      as orders,
        count(*) filter (where is_of_year)                            as year_orders
    from placed
    group by customer_id
),
customer_day as (
    select
        customer_id,
        happened_on,
        date_diff('day', happened_on, cast(:as_of as date))           as days_ago,
        count(*) filter (where kind = 'sale')                         as sales,
        sum(net_revenue)                                              as revenue,
        sum(margin)                                                   as margin
    from line
    group by customer_id, happened_on
),
habit as (
    select
        customer_id,
        min(happened_on) filter (where sales > 0)                     as first_bought_on,
        max(happened_on) filter (where sales > 0)                     as last_bought_on,
        count(*) filter (where sales > 0)                             as purchase_days,
        count(*) filter (where sales > 0 and days_ago <= 365)         as year_purchase_days,
        count(*) filter (where sales > 0 and days_ago <= :horizon_days) as recent_purchase_days,
        cast(
            (max(days_ago) filter (where sales > 0) - min(days_ago) filter (where sales > 0))
            / nullif(count(*) filter (where sales > 0) - 1, 0) as decimal(18, 6)
        )                                                             as usual_gap_days,
        cast(sum(revenue) as decimal(18, 4))                          as revenue,
        cast(coalesce(sum(revenue) filter (where days_ago <= 365), 0) as decimal(18, 4)) as year_revenue,
        cast(sum(margin) as decimal(18, 4))                           as margin,
        cast(sum(margin) filter (where days_ago <= 365) as decimal(18, 4)) as year_margin
    from customer_day
    group by customer_id
),
spent as (
    select
        line.customer_id,
        product.category,
        sum(line.net_revenue)                                         as revenue
    from line
    inner join product on product.product_id = line.product_id
    where product.category is not null
    group by line.customer_id, product.category
),
ranked_category as (
    select
        customer_id,
        category,
        row_number() over (partition by customer_id order by revenue desc, category) as place
    from spent
    where revenue > 0
),
favourite as (
    select
        customer_id,
        max(case when place = 1 then category end)                    as category_1,
        max(case when place = 2 then category end)                    as category_2,
        max(case when place = 3 then category end)                    as category_3
    from ranked_category
    where place <= 3
    group by customer_id
),
used as (
    select
        customer_id,
        channel,
        count(*)                                                      as orders
    from bought_line
    where channel is not null
    group by customer_id, channel
),
ranked_channel as (
    select
        customer_id,
        channel,
        row_number() over (partition by customer_id order by orders desc, channel) as place
    from used
),
way as (
    select
        customer_id,
        max(case when place = 1 then channel end)                     as channel_1,
        max(case when place = 2 then channel end)                     as channel_2,
        max(case when place = 3 then channel end)                     as channel_3
    from ranked_channel
    where place <= 3
    group by customer_id
),
ranked_interaction as (
    select
        customer_id,
        happened_on,
        channel,
        count(*) over (partition by customer_id)                      as interactions,
        min(happened_on) over (partition by customer_id)              as first_on,
        row_number() over (
            partition by customer_id order by happened_at desc, source, interaction_id
        )                                                             as place
    from interaction
    where customer_id is not null
),
talked as (
    select
        customer_id,
        happened_on                                                   as last_on,
        channel,
        interactions,
        first_on
    from ranked_interaction
    where place = 1
),
written_to as (
    select
        customer_id,
        max(happened_on)                                              as last_on,
        count(*) filter (
            where date_diff('day', happened_on, cast(:as_of as date)) <= 30
        )                                                             as recent_contacts
    from contact
    where customer_id is not null and status = 'sent' and coalesce(arm, 'treated') = 'treated'
    group by customer_id
),
asked as (
    select
        customer_id,
        count(*)                                                      as cases,
        count(*) filter (where closed_at is null)                     as open_cases,
        min(happened_on)                                              as first_on,
        max(happened_on)                                              as last_on
    from service_case
    where customer_id is not null
    group by customer_id
),
ranked_answer as (
    select
        customer_id,
        happened_on,
        instrument,
        score,
        row_number() over (partition by customer_id order by happened_at desc, source, answer_id) as place
    from survey_answer
    where customer_id is not null
),
answered as (
    select
        customer_id,
        happened_on,
        instrument,
        score
    from ranked_answer
    where place = 1
),
judged as (
    select
        customer_id,
        max(case when analysis = 'churn-risk' then value end)         as churn_chance,
        max(case when analysis = 'churn-risk' then low end)           as churn_low,
        max(case when analysis = 'churn-risk' then high end)          as churn_high,
        max(case when analysis = 'churn-loss' then value end)         as expected_loss,
        max(case when analysis = 'customer-value' then value end)     as value_tenth,
        max(case when analysis = 'lifetime-value' then value end)     as worth,
        max(case when analysis = 'lifetime-value' then low end)       as worth_low,
        max(case when analysis = 'lifetime-value' then high end)      as worth_high
    from score
    where analysis in ('churn-risk', 'churn-loss', 'customer-value', 'lifetime-value')
    group by customer_id
),
counted_at as (
    select max(basis) as basis
    from lifetime_basis
),
contracts_at as (
    select max(basis) as basis
    from contract_outlook
),
counted_until as (
    select max(value_days) as value_days
    from lifetime_period
),
of_all as (
    select cast(sum(churn_chance) / nullif(count(churn_chance), 0) as decimal(18, 6)) as churn_average
    from judged
)
select
    customer.customer_id,
    customer.records,
    customer.sources,
    customer.kind,
    customer.company,
    customer.city,
    customer.region,
    customer_territory.territory_id,
    least(
        coalesce(customer.first_created_on, habit.first_bought_on, talked.first_on, asked.first_on),
        coalesce(habit.first_bought_on, customer.first_created_on, talked.first_on, asked.first_on),
        coalesce(talked.first_on, customer.first_created_on, habit.first_bought_on, asked.first_on),
        coalesce(asked.first_on, customer.first_created_on, habit.first_bought_on, talked.first_on)
    )                                                                 as first_seen_on,
    habit.first_bought_on,
    habit.last_bought_on,
    coalesce(habit.purchase_days, 0)                                  as purchase_days,
    coalesce(habit.year_purchase_days, 0)                             as year_purchase_days,
    coalesce(habit.recent_purchase_days, 0)                           as recent_purchase_days,
    coalesce(ordered.orders, 0)                                       as orders,
    coalesce(ordered.year_orders, 0)                                  as year_orders,
    coalesce(habit.revenue, cast(0 as decimal(18, 4)))                as revenue,
    coalesce(habit.year_revenue, cast(0 as decimal(18, 4)))           as year_revenue,
    habit.margin,
    habit.year_margin,
    habit.usual_gap_days,
    favourite.category_1,
    favourite.category_2,
    favourite.category_3,
    way.channel_1,
    way.channel_2,
    way.channel_3,
    talked.last_on                                                    as last_interaction_on,
    talked.channel                                                    as last_interaction_channel,
    coalesce(talked.interactions, 0)                                  as interactions,
    written_to.last_on                                                as last_contact_on,
    coalesce(written_to.recent_contacts, 0)                           as recent_contacts,
    coalesce(asked.cases, 0)                                          as cases,
    coalesce(asked.open_cases, 0)                                     as open_cases,
    asked.last_on                                                     as last_case_on,
    answered.happened_on                                              as last_answer_on,
    answered.instrument                                               as last_answer_instrument,
    answered.score                                                    as last_answer_score,
    judged.churn_chance,
    judged.churn_low,
    judged.churn_high,
    case when judged.churn_chance is not null then of_all.churn_average end as churn_average,
    judged.expected_loss,
    judged.value_tenth,
    judged.worth,
    judged.worth_low,
    judged.worth_high,
    case
        when judged.worth is not null then coalesce(counted_at.basis, contracts_at.basis)
    end                                                               as worth_basis,
    case when judged.worth is not null then counted_until.value_days end as worth_days,
    customer_tier.tier                                                as investment_tier
from customer
left join customer_territory on customer_territory.customer_id = customer.customer_id
left join customer_tier on customer_tier.customer_id = customer.customer_id
left join habit on habit.customer_id = customer.customer_id
left join ordered on ordered.customer_id = customer.customer_id
left join favourite on favourite.customer_id = customer.customer_id
left join way on way.customer_id = customer.customer_id
left join talked on talked.customer_id = customer.customer_id
left join written_to on written_to.customer_id = customer.customer_id
left join asked on asked.customer_id = customer.customer_id
left join answered on answered.customer_id = customer.customer_id
left join judged on judged.customer_id = customer.customer_id
cross join of_all
cross join counted_at
cross join contracts_at
cross join counted_until
order by customer.customer_id
