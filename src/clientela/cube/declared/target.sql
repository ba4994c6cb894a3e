-- target
-- What was planned, by the day its period begins.
-- Grain: source, measure, territory_id, day
-- Kind: as-of
select
    source,
    measure,
    territory_id,
    period  as day,
    owner_id,
    value
from target
