-- of_staff
-- Who works for the company with their unit, and the one at the top that it lies in.
-- Grain: staff_id
-- Kind: as-of
-- Portable SQL knows no recursion: each step goes twice as far up as the one before, 64 levels in all.
with unit_1 as (
    select unit_id as low, unit_id as high, 0 as far from unit
    union all
    select unit_id as low, parent_id as high, 1 as far from unit where parent_id is not null
),

unit_2 as (
    select under.low, over.high, min(under.far + over.far) as far
    from unit_1 as under
    inner join unit_1 as over on over.low = under.high
    group by under.low, over.high
),

unit_4 as (
    select under.low, over.high, min(under.far + over.far) as far
    from unit_2 as under
    inner join unit_2 as over on over.low = under.high
    group by under.low, over.high
),

unit_8 as (
    select under.low, over.high, min(under.far + over.far) as far
    from unit_4 as under
    inner join unit_4 as over on over.low = under.high
    group by under.low, over.high
),

unit_16 as (
    select under.low, over.high, min(under.far + over.far) as far
    from unit_8 as under
    inner join unit_8 as over on over.low = under.high
    group by under.low, over.high
),

unit_32 as (
    select under.low, over.high, min(under.far + over.far) as far
    from unit_16 as under
    inner join unit_16 as over on over.low = under.high
    group by under.low, over.high
),

above as (
    select under.low, over.high, min(under.far + over.far) as far
    from unit_32 as under
    inner join unit_32 as over on over.low = under.high
    group by under.low, over.high
),

top as (select low, max(far) as far from above group by low)

select
    staff.staff_id,
    max(team.name)     as team,
    max(division.name) as division
from staff
left join unit as team on team.unit_id = staff.unit_id
left join top on top.low = staff.unit_id
left join above on above.low = top.low and above.far = top.far
left join unit as division on division.unit_id = above.high
group by staff.staff_id
