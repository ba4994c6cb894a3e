-- satisfaction_case
-- The latest answer to a survey of each customer that a whole horizon has followed, or else the latest complaint; and
-- how they bought ever before its day, in the two horizons before it and in the one after. The day itself counts to none.
-- Grain: customer_id
-- Kind: as-of
with told as (
    select
        customer_id,
        happened_on,
        1                                                                           as is_answer,
        about,
        case instrument
            when 'nps' then case when score >= 9 then 3 when score >= 7 then 2 else 1 end
            when 'csat' then case when score >= 4 then 3 when score >= 3 then 2 else 1 end
            else case when score >= 6 then 3 when score >= 4 then 2 else 1 end
        end                                                                         as step
    from survey_answer
    where customer_id is not null and score is not null and instrument is not null
    union all
    select customer_id, happened_on, 0 as is_answer, cast(null as varchar) as about, 0 as step
    from service_case
    where customer_id is not null and kind = 'complaint'
),
followed as (
    select
        customer_id,
        happened_on,
        about,
        step,
        row_number() over (
            partition by customer_id
            order by is_answer desc, happened_on desc, step, about
        )                                                                           as place
    from told
    where date_diff('day', happened_on, cast(:as_of as date)) > :horizon_days
),
chosen as (
    select customer_id, happened_on, about, step
    from followed
    where place = 1
),
bought as (
    select
        chosen.customer_id,
        order_line.happened_on,
        date_diff('day', chosen.happened_on, order_line.happened_on)                as since,
        order_line.kind,
        order_line.net_revenue,
        case when order_line.discount is not null then order_line.net_revenue end   as known,
        case when order_line.discount > 0 then order_line.net_revenue end           as discounted
    from chosen
    join order_line on order_line.customer_id = chosen.customer_id
    where order_line.kind in ('sale', 'return', 'cancellation')
        and order_line.happened_on <> chosen.happened_on
        and date_diff('day', chosen.happened_on, order_line.happened_on) <= :horizon_days
),
summed as (
    select
        customer_id,
        max(case when kind = 'sale' and since < 0 then -1 * since end)              as known_days,
        count(distinct case when kind = 'sale' and since < 0 then happened_on end)  as ever_days,
        count(distinct case when kind = 'sale' and since between -2 * :horizon_days and -1 * :horizon_days - 1
            then happened_on end)                                                   as older_days,
        count(distinct case when kind = 'sale' and since between -1 * :horizon_days and -1 then happened_on end)
                                                                                    as before_days,
        count(distinct case when kind = 'sale' and since > 0 then happened_on end)  as after_days,
        sum(case when since between -1 * :horizon_days and -1 then net_revenue else 0 end) as before_revenue,
        sum(case when since > 0 then net_revenue else 0 end)                        as after_revenue,
        coalesce(sum(case when kind = 'sale' and since between -1 * :horizon_days and -1 then known end), 0)
                                                                                    as before_known,
        coalesce(sum(case when kind = 'sale' and since > 0 then known end), 0)      as after_known,
        coalesce(sum(case when kind = 'sale' and since between -1 * :horizon_days and -1 then discounted end), 0)
                                                                                    as before_discounted,
        coalesce(sum(case when kind = 'sale' and since > 0 then discounted end), 0) as after_discounted
    from bought
    group by customer_id
)
select
    chosen.customer_id,
    case chosen.step when 3 then 'satisfied' when 2 then 'neutral' when 1 then 'dissatisfied' else 'complained' end
                                                                                    as feeling,
    chosen.about,
    chosen.happened_on                                                              as told_on,
    coalesce(summed.known_days, 0)                                                  as known_days,
    coalesce(summed.ever_days, 0)                                                   as ever_days,
    coalesce(summed.older_days, 0)                                                  as older_days,
    coalesce(summed.before_days, 0)                                                 as before_days,
    coalesce(summed.after_days, 0)                                                  as after_days,
    cast(coalesce(summed.before_revenue, 0) as decimal(18, 4))                      as before_revenue,
    cast(coalesce(summed.after_revenue, 0) as decimal(18, 4))                       as after_revenue,
    cast(coalesce(summed.before_known, 0) as decimal(18, 4))                        as before_known,
    cast(coalesce(summed.after_known, 0) as decimal(18, 4))                         as after_known,
    cast(coalesce(summed.before_discounted, 0) as decimal(18, 4))                   as before_discounted,
    cast(coalesce(summed.after_discounted, 0) as decimal(18, 4))                    as after_discounted
from chosen
left join summed on summed.customer_id = chosen.customer_id
