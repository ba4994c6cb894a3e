-- subscription_feature
-- What was known of each contract that ran on a date: how old it was, when it is renewed, and what it brings in a month.
-- An amount is told in steps of which two double it, so that contracts of about the same price count together.
-- Grain: source, subscription_id
-- Kind: as-of
with running as (
    select
        source,
        subscription_id,
        customer_id,
        happened_on                                                                             as started_on,
        coalesce(period, 'month') = 'year'                                                      as is_yearly,
        date_diff('day', happened_on, cast(:as_of as date))                                     as tenure_days,
        cast(
            case when period = 'year' then cast(amount as double) / 12 else cast(amount as double) end
            as decimal(18, 4)
        )                                                                                       as amount_a_month
    from subscription
    where ended_on is null or ended_on >= cast(:as_of as date)
)
select
    source,
    subscription_id,
    customer_id,
    started_on,
    is_yearly,
    tenure_days,
    amount_a_month,
    case when amount_a_month is not null then cast(
        floor(0.5 + 2.885390081777927 * ln(nullif(greatest(cast(amount_a_month as double), 0.01), 0))) as bigint
    ) end                                                                                       as amount_step
from running
