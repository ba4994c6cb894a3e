-- next_product
-- What each customer is most likely to buy next: ten products bought before, by how often and how lately; ten never
-- bought, by what those who bought the same also bought and by what sells now. Each with the chance that its place on
-- the list had in the test, and what that is worth.
-- Grain: customer_id, product_id
-- Kind: as-of
with purchase as (
    select distinct
        customer_id,
        product_id,
        happened_on
    from order_line
    where kind = 'sale'
        and product_id is not null
        and customer_id is not null
        and happened_on >= cast(cast(:as_of as date) - interval 365 day as date)
),
habit as (
    select
        customer_id,
        max(happened_on)                                            as last_bought_on
    from purchase
    group by customer_id
),
setting as (
    select
        kind,
        max(half_life_days)                                         as half_life_days
    from next_chance
    group by kind
),
owned as (
    select
        purchase.customer_id,
        next_item.item_no,
        count(*)                                                    as days_bought,
        sum(cast(exp(-0.693147181 * date_diff('day', purchase.happened_on, habit.last_bought_on)
            / nullif(setting.half_life_days, 0)) as decimal(18, 9))) as weight
    from purchase
    join habit on habit.customer_id = purchase.customer_id
    join next_item on next_item.product_id = purchase.product_id
    left join setting on setting.kind = 'again'
    group by purchase.customer_id, next_item.item_no
),
again as (
    select
        owned.customer_id,
        owned.item_no,
        owned.item_no                                               as because_no,
        row_number() over (
            partition by owned.customer_id order by owned.weight desc, next_item.purchases desc, owned.item_no
        )                                                           as place
    from owned
    join next_item on next_item.item_no = owned.item_no
    join setting on setting.kind = 'again'
),
liked as (
    select
        owned.customer_id,
        next_affinity.to_item                                       as item_no,
        sum(next_affinity.weight)                                   as weight,
        arg_max(owned.item_no, next_affinity.weight * 1000000 - owned.item_no) as because_no
    from owned
    join next_affinity on next_affinity.from_item = owned.item_no
    group by owned.customer_id, next_affinity.to_item
),
unknown as (
    select
        liked.customer_id,
        liked.item_no,
        liked.because_no,
        row_number() over (
            partition by liked.customer_id order by liked.weight + in_demand.weight desc, liked.item_no
        )                                                           as place
    from liked
    join next_affinity as in_demand
        on in_demand.to_item = liked.item_no
        and in_demand.from_item = 0
    left join owned
        on owned.customer_id = liked.customer_id
        and owned.item_no = liked.item_no
    where owned.customer_id is null
),
listed as (
    select
        customer_id,
        'again'                                                     as kind,
        item_no,
        because_no,
        place
    from again
    where place <= 10
    union all
    select
        customer_id,
        'new'                                                       as kind,
        item_no,
        because_no,
        place
    from unknown
    where place <= 10
)
select
    listed.customer_id,
    offered.product_id,
    listed.kind,
    case
        when listed.kind = 'again' then 'deep'
        when offered.item_group = because.item_group and offered.revenue_each > because.revenue_each then 'up'
        else 'cross'
    end                                                             as way,
    listed.place,
    next_chance.chance,
    next_chance.low,
    next_chance.high,
    cast(next_chance.chance * offered.revenue_each as decimal(18, 4)) as expected_revenue,
    cast(next_chance.chance * offered.margin_each as decimal(18, 4)) as expected_margin,
    case when listed.kind = 'new' then because.product_id end       as because_of,
    owned.days_bought,
    next_chance.model_version
from listed
join next_item as offered on offered.item_no = listed.item_no
join next_item as because on because.item_no = listed.because_no
join next_chance
    on next_chance.kind = listed.kind
    and next_chance.place = listed.place
left join owned
    on owned.customer_id = listed.customer_id
    and owned.item_no = listed.item_no
