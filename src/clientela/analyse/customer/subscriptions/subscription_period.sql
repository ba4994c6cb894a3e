-- subscription_period
-- The periods of contracts that ran on a date: in each of the equal parts of about a month into which the horizon after the
-- date is divided, how many had not ended before, and how many then did; apart, those whose reason says that they had not
-- paid. At the newest date nothing is known yet, and only the first part stands, with what the contracts leave.
-- Grain: as_of, is_yearly, tenure_days, amount_step, step
-- Kind: state
with newest as (
    select max(as_of) as as_of
    from subscription_feature
),
part as (
    select listed.step, greatest(1, least(12, :horizon_days // 30)) as parts
    from (values (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)) as listed (step)
    where listed.step <= greatest(1, least(12, :horizon_days // 30))
),
followed as (
    select
        seen.as_of,
        seen.is_yearly,
        seen.tenure_days,
        seen.amount_a_month,
        case when seen.as_of = newest.as_of then kept.margin_a_month end                            as margin_a_month,
        case when seen.as_of = newest.as_of and kept.cost_known_by = 'product' then seen.amount_a_month end
                                                                                                    as own_cost_a_month,
        coalesce(seen.amount_step, -100)                                                            as amount_step,
        case when date_diff('day', seen.as_of, newest.as_of) >= :horizon_days then 1 else 0 end     as is_observed,
        case when subscription.ended_on < newest.as_of
            then date_diff('day', seen.as_of, subscription.ended_on) end                            as ended_after_days,
        case when lower(end_reason) like '%pay%' or lower(end_reason) like '%paid%'
                or lower(end_reason) like '%dunning%' or lower(end_reason) like '%chargeback%'
                or lower(end_reason) like '%debt%' or lower(end_reason) like '%arrear%'
                or lower(end_reason) like '%card%' or lower(end_reason) like '%impag%'
                or lower(end_reason) like '%pago%' or lower(end_reason) like '%deuda%'
                or lower(end_reason) like '%moros%' or lower(end_reason) like '%devuel%'
                or lower(end_reason) like '%pagament%' or lower(end_reason) like '%insolut%'
                or lower(end_reason) like '%betal%' or lower(end_reason) like '%incasso%'
            then 1 else 0 end                                                                       as is_unpaid
    from subscription_feature as seen
    cross join newest
    join subscription
        on subscription.source = seen.source and subscription.subscription_id = seen.subscription_id
    left join subscription_margin as kept
        on kept.source = seen.source and kept.subscription_id = seen.subscription_id
),
told as (
    select
        followed.as_of,
        followed.is_yearly,
        followed.tenure_days,
        followed.amount_step,
        followed.amount_a_month,
        followed.margin_a_month,
        followed.own_cost_a_month,
        followed.is_observed,
        followed.is_unpaid,
        part.step,
        followed.is_observed = 1 and followed.ended_after_days is not null
            and 1 + followed.ended_after_days * part.parts // nullif(:horizon_days, 0) = part.step             as ends_now
    from followed
    cross join part
    where (followed.is_observed = 1 or part.step = 1)
        and (
            followed.is_observed = 0 or followed.ended_after_days is null
            or 1 + followed.ended_after_days * part.parts // nullif(:horizon_days, 0) >= part.step
        )
)
select
    as_of,
    is_yearly,
    tenure_days,
    amount_step,
    step,
    count(*)                                                                                        as contracts,
    cast(sum(is_observed) as bigint)                                                                as observed,
    cast(sum(case when ends_now and is_unpaid = 0 then 1 else 0 end) as bigint)                     as ended,
    cast(sum(case when ends_now and is_unpaid = 1 then 1 else 0 end) as bigint)                     as unpaid,
    cast(sum(coalesce(amount_a_month, 0)) as decimal(18, 4))                                        as amount_a_month,
    cast(sum(margin_a_month) as decimal(18, 4))                                                     as margin_a_month,
    cast(sum(coalesce(own_cost_a_month, 0)) as decimal(18, 4))                                      as own_cost_a_month
from told
group by as_of, is_yearly, tenure_days, amount_step, step
