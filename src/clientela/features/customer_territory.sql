-- customer_territory
-- Where each customer is at home: the territory in which they bought most often, of equal ones the latest.
-- Grain: customer_id
-- Kind: state
with visited as (
    select
        customer_id,
        territory_id,
        count(*)            as lines,
        max(happened_on)    as last_on
    from order_line
    where kind = 'sale' and customer_id is not null and territory_id is not null
    group by customer_id, territory_id
),
ranked as (
    select
        customer_id,
        territory_id,
        row_number() over (partition by customer_id order by lines desc, last_on desc, territory_id) as place
    from visited
)
select
    customer_id,
    territory_id
from ranked
where place = 1
