-- of_territory
-- Each territory with the nearest district, region and nation that it is or lies in.
-- Grain: territory_id
-- Kind: as-of
-- Portable SQL knows no recursion: each step goes twice as far up as the one before, 64 levels in all.
with territory_1 as (
    select territory_id as low, territory_id as high, 0 as far from territory
    union all
    select territory_id as low, parent_id as high, 1 as far from territory where parent_id is not null
),

territory_2 as (
    select under.low, over.high, min(under.far + over.far) as far
    from territory_1 as under
    inner join territory_1 as over on over.low = under.high
    group by under.low, over.high
),

territory_4 as (
    select under.low, over.high, min(under.far + over.far) as far
    from territory_2 as under
    inner join territory_2 as over on over.low = under.high
    group by under.low, over.high
),

territory_8 as (
    select under.low, over.high, min(under.far + over.far) as far
    from territory_4 as under
    inner join territory_4 as over on over.low = under.high
    group by under.low, over.high
),

territory_16 as (
    select under.low, over.high, min(under.far + over.far) as far
    from territory_8 as under
    inner join territory_8 as over on over.low = under.high
    group by under.low, over.high
),

territory_32 as (
    select under.low, over.high, min(under.far + over.far) as far
    from territory_16 as under
    inner join territory_16 as over on over.low = under.high
    group by under.low, over.high
),

above as (
    select under.low, over.high, min(under.far + over.far) as far
    from territory_32 as under
    inner join territory_32 as over on over.low = under.high
    group by under.low, over.high
),

nearest as (
    select above.low, place.level, min(above.far) as far
    from above
    inner join territory as place on place.territory_id = above.high
    where place.level is not null
    group by above.low, place.level
)

select
    here.territory_id,
    max(here.name)                                               as name,
    max(case when nearest.level = 'district' then place.name end) as district,
    max(case when nearest.level = 'region' then place.name end)   as region,
    max(case when nearest.level = 'nation' then place.name end)   as nation
from territory as here
left join nearest on nearest.low = here.territory_id
left join above on above.low = nearest.low and above.far = nearest.far
left join territory as place on place.territory_id = above.high and place.level = nearest.level
group by here.territory_id
