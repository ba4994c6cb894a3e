-- life_move
-- How many customers went from one state to another from one date that is looked from to the next, and what they spent
-- in between.
-- Grain: as_of, from_segment, to_segment
-- Kind: state
with looked_from as (
    select distinct as_of
    from life_cycle
),
next_date as (
    select as_of, lead(as_of) over (order by as_of) as next_as_of
    from looked_from
),
moved as (
    select
        later.as_of,
        earlier.segment                                                as from_segment,
        later.segment                                                  as to_segment,
        coalesce(customer_feature.recent_revenue, 0)                   as recent_revenue
    from life_cycle as earlier
    join next_date on next_date.as_of = earlier.as_of
    join life_cycle as later on later.customer_id = earlier.customer_id and later.as_of = next_date.next_as_of
    left join customer_feature
        on customer_feature.customer_id = later.customer_id and customer_feature.as_of = later.as_of
)
select
    as_of,
    from_segment,
    to_segment,
    count(*)                                                           as customers,
    cast(sum(recent_revenue) as decimal(18, 4))                        as recent_revenue
from moved
group by as_of, from_segment, to_segment
