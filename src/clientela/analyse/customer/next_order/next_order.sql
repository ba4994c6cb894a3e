-- next_order
-- In how many days from the date each active customer is expected to order next. The usual gap is their own mean, drawn
-- towards everybody's; who has been silent for longer than the steps go is not expected any more.
-- Grain: analysis, customer_id
-- Kind: as-of
-- Part of: score (next-order)
with rule as (
    select max(weight) as weight, max(everybodys_gap_days) as everybodys_gap_days
    from next_step
),
usual as (
    select
        customer_feature.customer_id,
        date_diff('day', customer_feature.last_bought_on, cast(:as_of as date))                      as silent_days,
        (customer_feature.recency_days + rule.weight * rule.everybodys_gap_days)
            / nullif(customer_feature.repeat_purchases + rule.weight, 0)                             as gap_days
    from customer_feature
    cross join rule
    where customer_feature.repeat_purchases > 0
),
placed as (
    select
        customer_id,
        silent_days,
        gap_days,
        cast(floor(10 * silent_days / nullif(gap_days, 0)) as bigint)                                as step
    from usual
)
select
    'next-order'                                                                                     as analysis,
    placed.customer_id,
    cast(greatest(placed.gap_days * next_step.likely - placed.silent_days, 0) as decimal(18, 6))     as value,
    cast(greatest(placed.gap_days * next_step.earliest - placed.silent_days, 0) as decimal(18, 6))   as low,
    cast(greatest(placed.gap_days * next_step.latest - placed.silent_days, 0) as decimal(18, 6))     as high,
    'days'                                                                                           as unit,
    next_step.model_version
from placed
join next_step on next_step.step = placed.step
