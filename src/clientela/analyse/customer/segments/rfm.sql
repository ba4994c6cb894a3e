-- rfm
-- Every customer who has bought, in fifths by how recently, how often and for how much, and the group that gives.
-- Equal values stand in the same fifth: that of the middle of their places. Where the company draws its own lines
-- (rfm_limit), these decide in place of the fifths: above the line counts as the fifth 5, from half of it on as 3.
-- Grain: customer_id, as_of
-- Kind: state
with measured as (
    select
        customer_id,
        as_of,
        date_diff('day', last_bought_on, as_of)                              as days_since,
        repeat_purchases + 1                                                 as purchase_days,
        revenue,
        age_days,
        last_bought_on
    from customer_feature
),
whole as (
    select as_of, count(*) as customers
    from measured
    group by as_of
),
by_recency as (
    select as_of, days_since, count(*) as ties
    from measured
    group by as_of, days_since
),
recency_place as (
    select as_of, days_since, ties, sum(ties) over (partition by as_of order by days_since desc) as up_to
    from by_recency
),
recency as (
    select
        recency_place.as_of,
        recency_place.days_since,
        cast(
            floor(5 * (2 * recency_place.up_to - recency_place.ties) / nullif(2 * whole.customers, 0)) as bigint
        ) + 1                                                                as fifth
    from recency_place
    join whole on whole.as_of = recency_place.as_of
),
by_frequency as (
    select as_of, purchase_days, count(*) as ties
    from measured
    group by as_of, purchase_days
),
frequency_place as (
    select as_of, purchase_days, ties, sum(ties) over (partition by as_of order by purchase_days) as up_to
    from by_frequency
),
frequency as (
    select
        frequency_place.as_of,
        frequency_place.purchase_days,
        cast(
            floor(5 * (2 * frequency_place.up_to - frequency_place.ties) / nullif(2 * whole.customers, 0)) as bigint
        ) + 1                                                                as fifth
    from frequency_place
    join whole on whole.as_of = frequency_place.as_of
),
by_money as (
    select as_of, revenue, count(*) as ties
    from measured
    group by as_of, revenue
),
money_place as (
    select as_of, revenue, ties, sum(ties) over (partition by as_of order by revenue) as up_to
    from by_money
),
money_fifth as (
    select
        money_place.as_of,
        money_place.revenue,
        cast(
            floor(5 * (2 * money_place.up_to - money_place.ties) / nullif(2 * whole.customers, 0)) as bigint
        ) + 1                                                                as fifth
    from money_place
    join whole on whole.as_of = money_place.as_of
),
placed as (
    select
        measured.customer_id,
        measured.as_of,
        measured.days_since,
        measured.purchase_days,
        measured.revenue,
        measured.age_days,
        measured.last_bought_on,
        rfm_limit.recent_days,
        case
            when rfm_limit.recent_days is null then recency.fifth
            when measured.days_since <= rfm_limit.recent_days then 5
            when measured.days_since <= coalesce(rfm_limit.quiet_days, 2 * rfm_limit.recent_days) then 3
            else 1
        end                                                                  as recency_fifth,
        case
            when rfm_limit.often_purchases is null then frequency.fifth
            when measured.purchase_days >= rfm_limit.often_purchases then 5
            when 2 * measured.purchase_days >= rfm_limit.often_purchases then 3
            else 1
        end                                                                  as frequency_fifth,
        case
            when rfm_limit.high_revenue is null then money_fifth.fifth
            when measured.revenue >= rfm_limit.high_revenue then 5
            when 2 * measured.revenue >= rfm_limit.high_revenue then 3
            else 1
        end                                                                  as money_fifth
    from measured
    join recency on recency.as_of = measured.as_of and recency.days_since = measured.days_since
    join frequency on frequency.as_of = measured.as_of and frequency.purchase_days = measured.purchase_days
    join money_fifth on money_fifth.as_of = measured.as_of and money_fifth.revenue = measured.revenue
    cross join rfm_limit
)
select
    customer_id,
    as_of,
    days_since,
    purchase_days,
    revenue,
    recency_fifth,
    frequency_fifth,
    money_fifth,
    last_bought_on,
    case
        when recency_fifth >= 4 and purchase_days = 1 then 'rfm:new'
        when recency_fifth >= 4 and frequency_fifth + money_fifth >= 8 then 'rfm:champions'
        when recency_fifth >= 4 and frequency_fifth + money_fifth >= 6 then 'rfm:loyal'
        when recency_fifth >= 4 then 'rfm:promising'
        when recency_fifth = 3 and frequency_fifth + money_fifth >= 6 then 'rfm:need-attention'
        when recency_fifth = 3 then 'rfm:about-to-sleep'
        when frequency_fifth + money_fifth >= 8 then 'rfm:cannot-lose'
        when frequency_fifth + money_fifth >= 6 then 'rfm:at-risk'
        else 'rfm:hibernating'
    end                                                                      as segment
from placed
