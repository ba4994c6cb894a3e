-- subscription_risk
-- How likely each running contract is to end within the horizon, why, and what it is expected to bring in a year: the
-- revenue, and where costs are known the margin.
-- Grain: source, subscription_id
-- Kind: as-of
select
    seen.source,
    seen.subscription_id,
    seen.customer_id,
    seen.started_on,
    seen.is_yearly,
    seen.tenure_days,
    seen.amount_a_month,
    cell.probability,
    cell.low,
    cell.high,
    cell.unpaid,
    cast(cell.probability * cast(seen.amount_a_month as double) as decimal(18, 4))      as at_stake,
    cast(cell.months * cast(seen.amount_a_month as double) as decimal(18, 4))           as year_value,
    kept.margin_a_month,
    cast(cell.probability * cast(kept.margin_a_month as double) as decimal(18, 4))      as margin_at_stake,
    cast(cell.months * cast(kept.margin_a_month as double) as decimal(18, 4))           as year_margin,
    kept.cost_known_by,
    cell.reason,
    cell.move,
    cell.model_version
from subscription_feature as seen
join subscription_cell as cell
    on cell.is_yearly = seen.is_yearly
    and cell.tenure_days = seen.tenure_days
    and cell.amount_step = coalesce(seen.amount_step, -100)
left join subscription_margin as kept
    on kept.source = seen.source
    and kept.subscription_id = seen.subscription_id
