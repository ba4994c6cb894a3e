-- look_alike
-- Each customer who is not one of the best yet, and each person who has not bought, with the chance of becoming one of
-- the best, why, and whether they may be contacted.
-- Grain: customer_id
-- Kind: as-of
with permitted as (
    select
        customer_id,
        max(case when decision = 'given' then 1 else 0 end)        as is_given
    from customer_consent
    group by customer_id
),
decided as (
    select count(*) as decisions
    from customer_consent
),
found as (
    select
        alike_trait.customer_id, 'customer' as task, alike_cell.chance, alike_cell.reason_1, alike_cell.reason_2,
        alike_cell.reason_3, alike_cell.model_version
    from alike_trait
    join alike_cell
        on alike_cell.task = 'customer'
    and alike_cell.kind = alike_trait.kind
    and alike_cell.country = alike_trait.country
    and alike_cell.region = alike_trait.region
    and alike_cell.sector = alike_trait.sector
    and alike_cell.came_by = alike_trait.came_by
    and alike_cell.list_kind = alike_trait.list_kind
    and alike_cell.channel = alike_trait.channel
    and alike_cell.silence = alike_trait.silence
    and alike_cell.purchases = alike_trait.purchases
    and alike_cell.age = alike_trait.age
    and alike_cell.basket = alike_trait.basket
    and alike_cell.recent = alike_trait.recent
    where alike_trait.is_customer = 1 and alike_trait.is_best = 0
    union all
    select
        alike_trait.customer_id, 'prospect' as task, alike_cell.chance, alike_cell.reason_1, alike_cell.reason_2,
        alike_cell.reason_3, alike_cell.model_version
    from alike_trait
    join alike_cell
        on alike_cell.task = 'prospect'
    and alike_cell.kind = alike_trait.kind
    and alike_cell.country = alike_trait.country
    and alike_cell.region = alike_trait.region
    and alike_cell.sector = alike_trait.sector
    and alike_cell.came_by = alike_trait.came_by
    and alike_cell.list_kind = alike_trait.list_kind
    where alike_trait.is_customer = 0
)
select
    found.customer_id,
    found.task                                                     as task,
    found.chance,
    found.reason_1,
    found.reason_2,
    found.reason_3,
    case
        when permitted.is_given = 1 then 'given'
        when permitted.is_given = 0 then 'withdrawn'
        when decided.decisions > 0 then 'not given'
        else 'unknown'
    end                                                            as consent,
    found.model_version
from found
cross join decided
left join permitted
    on permitted.customer_id = found.customer_id
