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
bought as (
    select
        owned.customer_id,
        owned.item_no,
        row_number() over (
            partition by owned.customer_id order by owned.weight desc, next_item.purchases desc, owned.item_no
        )                                                           as place
    from owned
    join next_item on next_item.item_no = owned.item_no
),
again as (
    select
        bought.customer_id,
        bought.item_no,
        bought.place                                                as because_place,
        bought.place
    from bought
    join setting on setting.kind = 'again'
    where bought.place <= 10
),
speaking as (
    select
        from_item,
        to_item,
        cast(round(weight * 1000000) as bigint)                     as weight  -- whole numbers are quick to add up
    from next_affinity
),
liked as (
    select
        bought.customer_id,
        speaking.to_item                                            as item_no,
        cast(sum(speaking.weight) as bigint)                        as weight,
        max(speaking.weight * 1000000 - bought.place)               as most  -- that speaks, of equal ones the likeliest
    from bought
    join speaking on speaking.from_item = bought.item_no
    group by bought.customer_id, speaking.to_item
),
unknown as (
    select
        liked.customer_id,
        liked.item_no,
        liked.most,
        row_number() over (
            partition by liked.customer_id
            order by (liked.weight + in_demand.weight) * 10000 - liked.item_no desc
        )                                                           as place
    from liked
    join speaking as in_demand
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
        because_place,
        place
    from again
    union all
    select
        customer_id,
        'new'                                                       as kind,
        item_no,
        (1000000 - most % 1000000) % 1000000                        as because_place,
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
    offered.revenue_each,
    case when listed.kind = 'new' then because.revenue_each end     as because_revenue_each,
    owned.days_bought,
    cast(offered.purchases / nullif(offered.customers, 0) as decimal(18, 6)) as days_usual,
    next_chance.model_version
from listed
join next_item as offered on offered.item_no = listed.item_no
join bought
    on bought.customer_id = listed.customer_id
    and bought.place = listed.because_place
join next_item as because on because.item_no = bought.item_no
join next_chance
    on next_chance.kind = listed.kind
    and next_chance.place = listed.place
left join owned
    on owned.customer_id = listed.customer_id
    and owned.item_no = listed.item_no
