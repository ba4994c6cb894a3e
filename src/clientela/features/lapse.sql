-- lapse
-- After how many days without a purchase a customer counts as lost: the shortest gap that at least
-- 95 % of all gaps between two purchase days of one customer do not exceed.
-- Grain: percentile
-- Kind: state
with purchase_day as (
    select distinct customer_id, happened_on
    from order_line
    where kind = 'sale' and customer_id is not null
),
gap as (
    select date_diff('day', lag(happened_on) over (partition by customer_id order by happened_on), happened_on) as gap_days
    from purchase_day
),
gap_count as (
    select gap_days, count(*) as gaps
    from gap
    where gap_days is not null
    group by gap_days
),
cumulated as (
    select
        gap_days,
        sum(gaps) over (order by gap_days rows between unbounded preceding and current row) as up_to_here,
        sum(gaps) over ()                                                                    as gaps
    from gap_count
)
select
    95                            as percentile,
    min(gap_days)                 as lapse_days,
    cast(max(gaps) as bigint)     as gaps
from cumulated
where up_to_here * 100 >= gaps * 95
having count(*) > 0
