-- lapse
-- After how many days without a purchase a customer counts as lost: the shortest gap that at least 95 % of the gaps
-- between two purchase days of one customer do not exceed, where all gaps of a customer together weigh one.
-- Grain: percentile
-- Kind: state
with purchase_day as (
    select distinct customer_id, happened_on
    from order_line
    where kind = 'sale' and customer_id is not null
),
gap as (
    select
        date_diff('day', lag(happened_on) over (partition by customer_id order by happened_on), happened_on) as gap_days,
        count(*) over (partition by customer_id) - 1                                                         as own_gaps
    from purchase_day
),
alike as (
    select gap_days, own_gaps, count(*) as gaps
    from gap
    where gap_days is not null
    group by gap_days, own_gaps
),
gap_count as (
    select
        gap_days,
        sum(gaps)                                                                                       as gaps,
        cast(sum(gaps * cast(round(1 / nullif(own_gaps, 0), 9) as decimal(18, 9))) as decimal(18, 9))   as weight
    from alike
    group by gap_days
),
cumulated as (
    select
        gap_days,
        cast(
            sum(weight) over (order by gap_days rows between unbounded preceding and current row) as decimal(18, 9)
        )                                                                                               as up_to_here,
        cast(sum(weight) over () as decimal(18, 9))                                                     as customers,
        sum(gaps) over ()                                                                               as gaps
    from gap_count
)
select
    95                            as percentile,
    min(gap_days)                 as lapse_days,
    cast(max(gaps) as bigint)     as gaps
from cumulated
where up_to_here * 100 >= customers * 95
having count(*) > 0
