-- group_member
-- Since when each customer is in which group, over the dates that a run looks from: today, and one, two, three and four
-- horizons before it. A group turns when the customer bought since the date before; or since what they brought changed
-- without a purchase (it was returned, cancelled or corrected); or because time passed; or, where they stand as long
-- silent among the others as before, because these moved: fifths compare customers with each other. Where the company
-- draws all its lines itself, nobody is compared, and what they bought was corrected.
-- Grain: family, customer_id, valid_from
-- Kind: state
with grouped as (
    select
        'rfm' as family, customer_id, as_of, segment, '1' as version, days_since, purchase_days, last_bought_on,
        revenue, recency_fifth
    from rfm
    union all
    select
        'cluster' as family, customer_id, as_of, segment, model_version as version, days_since, purchase_days,
        last_bought_on, cast(null as decimal(18, 4)) as revenue, cast(null as bigint) as recency_fifth
    from cluster_of
    union all
    select
        'life' as family, customer_id, as_of, segment, '1' as version, days_since, purchase_days, last_bought_on,
        cast(null as decimal(18, 4)) as revenue, cast(null as bigint) as recency_fifth
    from life_cycle
),
limits as (
    select
        coalesce(
            max(case when often_purchases is null or high_revenue is null then 1 else 0 end), 1
        )                                                                          as compares
    from rfm_limit
),
seen as (
    select
        family,
        customer_id,
        as_of,
        segment,
        version,
        days_since,
        purchase_days,
        last_bought_on,
        revenue,
        recency_fifth,
        lag(revenue) over (partition by family, customer_id order by as_of)        as revenue_before,
        lag(recency_fifth) over (partition by family, customer_id order by as_of)  as recency_fifth_before,
        lag(segment) over (partition by family, customer_id order by as_of)        as segment_before,
        lag(as_of) over (partition by family, customer_id order by as_of)          as as_of_before,
        lag(days_since) over (partition by family, customer_id order by as_of)     as days_since_before,
        lag(purchase_days) over (partition by family, customer_id order by as_of)  as purchase_days_before
    from grouped
),
turned as (
    select
        family,
        customer_id,
        as_of,
        segment,
        version,
        last_bought_on,
        case
            when segment_before is null then 'known'
            when last_bought_on >= as_of_before then 'happened'
            when revenue <> revenue_before then 'changed'
            when recency_fifth = recency_fifth_before and limits.compares = 1 then 'others'
            when recency_fifth = recency_fifth_before then 'changed'
            else 'time'
        end                                                                        as because,
        case when revenue <> revenue_before then 1 else 0 end                      as has_other_revenue,
        days_since,
        purchase_days,
        days_since_before,
        purchase_days_before
    from seen
    cross join limits
    where segment_before is null or segment_before <> segment
),
told as (
    select
        family,
        customer_id,
        as_of,
        segment,
        version,
        because,
        case
            when because = 'happened' then 'purchase_days'
            when because = 'changed' and has_other_revenue = 1 then 'revenue'
            when because = 'changed' then 'purchase_days'
            when because = 'time' then 'days_since'
        end                                                                        as turned_by,
        case
            when because = 'happened' then cast(coalesce(purchase_days_before, 0) as varchar)
            when because = 'changed' and has_other_revenue = 0 then cast(purchase_days_before as varchar)
            when because = 'time' then cast(days_since_before as varchar)
        end                                                                        as was,
        case
            when because = 'happened' then cast(purchase_days as varchar)
            when because = 'changed' and has_other_revenue = 0 then cast(purchase_days as varchar)
            when because = 'time' then cast(days_since as varchar)
        end                                                                        as now_is,
        case when because in ('happened', 'changed') then 'order_line' end         as from_table,
        case when because = 'happened' then last_bought_on end                     as fact_on
    from turned
)
select
    family,
    customer_id,
    segment,
    version,
    as_of                                                                          as valid_from,
    lead(as_of) over (partition by family, customer_id order by as_of)             as valid_to,
    because                                                                        as entered_because,
    turned_by                                                                      as entered_by,
    was                                                                            as entered_was,
    now_is                                                                         as entered_is,
    from_table                                                                     as entered_table,
    fact_on                                                                        as entered_on,
    lead(because) over (partition by family, customer_id order by as_of)           as left_because,
    lead(turned_by) over (partition by family, customer_id order by as_of)         as left_by,
    lead(was) over (partition by family, customer_id order by as_of)               as left_was,
    lead(now_is) over (partition by family, customer_id order by as_of)            as left_is,
    lead(from_table) over (partition by family, customer_id order by as_of)        as left_table,
    lead(fact_on) over (partition by family, customer_id order by as_of)           as left_on
from told
