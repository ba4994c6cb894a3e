-- customer_class
-- How safely each customer pays, by the declared rules (class_rule), on the date and 365 days before it. Counted are the
-- invoices that fell due, or were paid, within the 365 days before, and older ones still unpaid then. What the bought
-- score says is the latest value of the topic credit_score. How late is weighed by amount, or by invoice where no amount
-- is known, and a year at most, so that one old invoice does not make the average. The first rule that holds decides.
-- Grain: customer_id
-- Kind: as-of
with looked_from as (
    select cast(:as_of as date) as seen_on, 1 as is_now
    union all
    select cast(cast(:as_of as date) - interval 365 day as date) as seen_on, 0 as is_now
),
seen_invoice as (
    select
        invoice.customer_id,
        looked_from.seen_on,
        looked_from.is_now,
        coalesce(invoice.amount, 0)                                                     as amount,
        date_diff('day', invoice.happened_on, looked_from.seen_on)                      as days_issued,
        date_diff('day', invoice.due_on, looked_from.seen_on)                           as days_due,
        case when invoice.paid_on < looked_from.seen_on then 1 else 0 end               as is_paid,
        date_diff('day', invoice.paid_on, looked_from.seen_on)                          as days_paid,
        case when invoice.paid_on < looked_from.seen_on
            then greatest(date_diff('day', invoice.due_on, invoice.paid_on), 0)
            else date_diff('day', invoice.due_on, looked_from.seen_on) end              as all_days_late
    from invoice
    cross join looked_from
    where invoice.customer_id is not null
        and invoice.happened_on < looked_from.seen_on
        and (invoice.amount is null or invoice.amount > 0)  -- what is below 0 is credited, not to be paid
),
counted as (
    select
        customer_id,
        seen_on,
        is_now,
        amount,
        days_issued,
        days_due,
        is_paid,
        all_days_late,
        least(all_days_late, 365)                                                       as days_late,
        case when days_due > 0 and (days_due <= 365 or days_paid <= 365 or is_paid = 0) then 1 else 0 end as is_counted
    from seen_invoice
),
weighed as (
    select
        customer_id,
        is_now,
        amount,
        days_issued,
        days_due,
        is_paid,
        all_days_late,
        days_late,
        is_counted,
        case
            when is_counted = 0 then 0
            when sum(amount * is_counted) over (partition by customer_id, is_now) > 0 then amount
            else 1
        end                                                                             as weight
    from counted
),
behaved as (
    select
        weighed.customer_id,
        weighed.is_now,
        cast(sum(weighed.is_counted) as bigint)                                         as invoices_due,
        sum(weighed.weight)                                                             as due,
        sum(weighed.weight * weighed.days_late)                                         as late,
        sum(case when weighed.days_due <= 182 then weighed.weight end)                  as due_since,
        sum(case when weighed.days_due <= 182 then weighed.weight * weighed.days_late end) as late_since,
        sum(case when weighed.days_due > 182 and weighed.days_due <= 365 then weighed.weight end) as due_before,
        sum(
            case when weighed.days_due > 182 and weighed.days_due <= 365 then weighed.weight * weighed.days_late end
        )                                                                               as late_before,
        sum(
            case when weighed.is_paid = 0 and weighed.all_days_late > class_rule.weak_overdue_days then weighed.weight end
        )                                                                               as long_overdue,
        sum(weighed.amount * weighed.is_counted)                                        as fell_due,
        sum(case when weighed.is_paid = 0 then weighed.amount * weighed.is_counted else 0 end) as overdue,
        sum(case when weighed.is_paid = 0 then weighed.amount else 0 end)               as unpaid,
        sum(case when weighed.days_issued <= 365 then weighed.amount else 0 end)        as invoiced
    from weighed
    cross join class_rule
    group by weighed.customer_id, weighed.is_now
),
told_score as (
    select
        preference.customer_id,
        looked_from.is_now,
        preference.happened_on,
        max(try_cast(preference.value as decimal(18, 6)))                               as bought_score
    from preference
    cross join looked_from
    where preference.topic = 'credit_score' and preference.customer_id is not null
        and preference.happened_on < looked_from.seen_on
    group by preference.customer_id, looked_from.is_now, preference.happened_on
),
latest_score as (
    select customer_id, is_now, arg_max(bought_score, happened_on) as bought_score
    from told_score
    where bought_score is not null
    group by customer_id, is_now
),
known as (
    select customer_id, is_now from behaved
    union
    select customer_id, is_now from latest_score
),
measured as (
    select
        known.customer_id,
        known.is_now,
        coalesce(behaved.invoices_due, 0)                                               as invoices_due,
        behaved.late / nullif(behaved.due, 0)                                           as late_days,
        behaved.late_since / nullif(behaved.due_since, 0)
            - behaved.late_before / nullif(behaved.due_before, 0)                       as later_by,
        coalesce(behaved.long_overdue / nullif(behaved.due, 0), 0)                      as long_overdue_share,
        coalesce(behaved.overdue / nullif(behaved.fell_due, 0), 0)                      as overdue_share,
        coalesce(behaved.overdue, 0)                                                    as overdue,
        coalesce(behaved.unpaid, 0)                                                     as unpaid,
        coalesce(behaved.invoiced, 0)                                                   as invoiced,
        customer.credit_limit,
        latest_score.bought_score
    from known
    left join behaved on behaved.customer_id = known.customer_id and behaved.is_now = known.is_now
    left join latest_score on latest_score.customer_id = known.customer_id and latest_score.is_now = known.is_now
    left join customer on customer.customer_id = known.customer_id
),
decided as (
    select
        measured.customer_id,
        measured.is_now,
        measured.invoices_due,
        measured.late_days,
        measured.overdue,
        measured.unpaid,
        measured.invoiced,
        case
            when measured.bought_score < class_rule.low_score then 'low score'
            when measured.long_overdue_share > class_rule.sound_overdue then 'long overdue'
            when measured.invoices_due < class_rule.fewest_invoices then 'few invoices'
            when measured.overdue_share > class_rule.weak_overdue then 'much overdue'
            when measured.late_days > class_rule.weak_late_days then 'very late'
            when measured.unpaid > measured.credit_limit then 'over limit'
            when measured.overdue_share > class_rule.sound_overdue then 'some overdue'
            when measured.late_days > class_rule.sound_late_days then 'late'
            when measured.later_by > class_rule.worse_by_days then 'later than before'
            else 'on time'
        end                                                                             as because
    from measured
    cross join class_rule
),
classed as (
    select
        customer_id,
        is_now,
        invoices_due,
        late_days,
        overdue,
        unpaid,
        invoiced,
        because,
        case
            when because = 'few invoices' then 0
            when because = 'on time' then 1
            when because in ('over limit', 'some overdue', 'late', 'later than before') then 2
            else 3
        end                                                                             as step
    from decided
)
select
    today.customer_id,
    case today.step when 0 then 'unknown' when 1 then 'sound' when 2 then 'watch' else 'weak' end       as class,
    today.because,
    case earlier.step when 0 then 'unknown' when 1 then 'sound' when 2 then 'watch' when 3 then 'weak' end as class_before,
    earlier.because                                                                     as because_before,
    coalesce(today.step > earlier.step and earlier.step > 0, false)                     as is_worse,
    coalesce(today.step < earlier.step and today.step > 0, false)                       as is_better,
    today.invoices_due,
    cast(today.late_days as decimal(18, 6))                                             as late_days,
    cast(today.invoiced as decimal(18, 4))                                              as invoiced,
    cast(today.overdue as decimal(18, 4))                                               as overdue,
    cast(today.unpaid as decimal(18, 4))                                                as unpaid
from classed as today
left join classed as earlier on earlier.customer_id = today.customer_id and earlier.is_now = 0
where today.is_now = 1
