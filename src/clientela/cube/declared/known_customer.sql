-- known_customer
-- Every customer known by any key: how many records they have, which systems know them, and since when. The day is that
-- of the first purchase; of a customer who never bought, that on which the oldest record was made; else unknown.
-- Grain: customer_id
-- Kind: as-of
with purchase as (
    select
        customer_id,
        min(happened_on)    as first_bought_on,
        max(happened_on)    as last_bought_on
    from order_line
    where kind = 'sale' and customer_id is not null
    group by customer_id
),
known_to as (
    select
        customer_id,
        min(source) as first_system,
        max(source) as last_system
    from identity
    group by customer_id
),
-- most customers are known to one system: only those of several have a list to be put in order
of_several as (
    select distinct customer_id, source
    from identity
    where customer_id in (select customer_id from known_to where first_system <> last_system)
),
system_list as (
    select customer_id, first_system as systems
    from known_to
    where first_system = last_system
    union all
    select
        customer_id,
        string_agg(source, ', ' order by source) as systems
    from of_several
    group by customer_id
)
select
    customer.customer_id,
    customer.records,
    customer.kind                                                   as customer_kind,
    system_list.systems,
    purchase.last_bought_on,
    coalesce(purchase.first_bought_on, customer.first_created_on)   as day
from customer
left join purchase on purchase.customer_id = customer.customer_id
left join system_list on system_list.customer_id = customer.customer_id
where coalesce(purchase.first_bought_on, customer.first_created_on) is null
    or coalesce(purchase.first_bought_on, customer.first_created_on) < cast(:as_of as date)
