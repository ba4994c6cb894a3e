-- basket_set
-- Which products, and which groups of products, were bought together in one order of the 365 days before the date:
-- every single item and pair that at least five orders, five customers and one order in a thousand hold. Sets of three
-- are made of the most frequent pairs, as many as 1.5 million rows of orders hold; sets of four to six only where those
-- are all pairs, and sets of three are few. The empty set (size 0) counts all orders looked at. Orders with more than 60
-- different items are left out; an order of nobody known counts as a customer of its own.
-- Grain: set_no
-- Kind: as-of
with sold_line as (
    select
        source,
        order_id,
        product_id,
        customer_id
    from order_line
    where kind = 'sale'
        and product_id is not null
        and happened_on >= cast(cast(:as_of as date) - interval 365 day as date)
),
sold_order as (
    select
        source,
        order_id,
        max(customer_id)                                        as customer_id,
        row_number() over (order by source, order_id)           as basket_no
    from sold_line
    group by source, order_id
),
buyer as (
    select
        basket_no,
        coalesce(customer_id, -basket_no)                       as buyer_no
    from sold_order
),
sold_product as (
    select distinct product_id
    from sold_line
),
grouped as (
    select
        product_id,
        max(coalesce(subcategory, category))                    as item
    from product
    group by product_id
),
belongs as (
    select
        sold_product.product_id,
        'product'                                               as level,
        sold_product.product_id                                 as item
    from sold_product
    union all
    select
        sold_product.product_id,
        'group'                                                 as level,
        grouped.item
    from sold_product
    join grouped on grouped.product_id = sold_product.product_id
    where grouped.item is not null
),
numbered as (
    select
        product_id,
        level,
        item,
        dense_rank() over (order by level, item)                as item_no
    from belongs
),
named as (
    select distinct
        item_no,
        level,
        item
    from numbered
),
bought as (
    select distinct
        sold_order.basket_no,
        numbered.level,
        numbered.item_no
    from sold_line
    join sold_order
        on sold_order.source = sold_line.source
        and sold_order.order_id = sold_line.order_id
    join numbered on numbered.product_id = sold_line.product_id
),
basket_size as (
    select
        basket_no,
        level,
        count(*)                                                as items
    from bought
    group by basket_no, level
),
looked_at as (
    select
        basket_size.level,
        count(*) filter (where basket_size.items <= 60)         as baskets,
        count(distinct case when basket_size.items <= 60 then buyer.buyer_no end) as customers,
        count(*) filter (where basket_size.items > 60)          as too_large
    from basket_size
    join buyer on buyer.basket_no = basket_size.basket_no
    group by basket_size.level
),
enough as (
    select
        level,
        greatest(5, baskets / 1000)                             as fewest
    from looked_at
),
held as (
    select
        bought.basket_no,
        bought.level,
        bought.item_no
    from bought
    join basket_size
        on basket_size.basket_no = bought.basket_no
        and basket_size.level = bought.level
    where basket_size.items <= 60
),
often_1 as (
    select
        held.item_no                                            as item_1,
        count(*)                                                as baskets,
        count(distinct buyer.buyer_no)                          as customers
    from held
    join buyer on buyer.basket_no = held.basket_no
    join enough on enough.level = held.level
    group by held.item_no
    having count(*) >= max(enough.fewest) and count(distinct buyer.buyer_no) >= 5
),
row_1 as (
    select
        held.basket_no,
        held.level,
        held.item_no                                            as item_1
    from held
    join often_1 on often_1.item_1 = held.item_no
),
row_2 as (
    select
        one.basket_no,
        one.level,
        one.item_1,
        two.item_1                                              as item_2
    from row_1 as one
    join row_1 as two
        on two.basket_no = one.basket_no
        and two.level = one.level
        and two.item_1 > one.item_1
),
count_2 as (
    select
        row_2.level,
        row_2.item_1,
        row_2.item_2,
        count(*)                                                as baskets
    from row_2
    join enough on enough.level = row_2.level
    group by row_2.level, row_2.item_1, row_2.item_2
    having count(*) >= max(enough.fewest)
),
running as (
    select
        level,
        baskets,
        sum(baskets) over (partition by level order by baskets desc) as rows_so_far,
        sum(baskets) over (partition by level)                  as rows_in_all
    from count_2
),
room_3 as (
    select
        running.level,
        case
            when max(running.rows_in_all) <= 1500000 then max(enough.fewest)
            else min(running.baskets)
        end                                                     as fewest,
        max(running.rows_in_all)                                as rows_in_all
    from running
    join enough on enough.level = running.level
    where running.rows_so_far <= 1500000
    group by running.level
),
kept_2 as (
    select
        row_2.basket_no,
        row_2.level,
        row_2.item_1,
        row_2.item_2
    from row_2
    join count_2
        on count_2.item_1 = row_2.item_1
        and count_2.item_2 = row_2.item_2
),
base_3 as (
    select
        row_2.basket_no,
        row_2.level,
        row_2.item_1,
        row_2.item_2
    from row_2
    join count_2
        on count_2.item_1 = row_2.item_1
        and count_2.item_2 = row_2.item_2
    join room_3 on room_3.level = row_2.level
    where count_2.baskets >= room_3.fewest
),
often_2 as (
    select
        kept_2.item_1,
        kept_2.item_2,
        count(*)                                                as baskets,
        count(distinct buyer.buyer_no)                          as customers
    from kept_2
    join buyer on buyer.basket_no = kept_2.basket_no
    group by kept_2.item_1, kept_2.item_2
    having count(distinct buyer.buyer_no) >= 5
),
row_3 as (
    select
        one.basket_no,
        one.level, one.item_1, one.item_2, two.item_2 as item_3
    from base_3 as one
    join base_3 as two
        on two.basket_no = one.basket_no and two.item_1 = one.item_1 and two.item_2 > one.item_2
),
count_3 as (
    select
        row_3.item_1, row_3.item_2, row_3.item_3,
        count(*)                                                as baskets
    from row_3
    join room_3 on room_3.level = row_3.level
    group by row_3.item_1, row_3.item_2, row_3.item_3
    having count(*) >= max(room_3.fewest)
),
kept_3 as (
    select
        row_3.basket_no,
        row_3.level, row_3.item_1, row_3.item_2, row_3.item_3
    from row_3
    join count_3
        on count_3.item_1 = row_3.item_1 and count_3.item_2 = row_3.item_2 and count_3.item_3 = row_3.item_3
),
often_3 as (
    select
        kept_3.item_1, kept_3.item_2, kept_3.item_3,
        count(*)                                                as baskets,
        count(distinct buyer.buyer_no)                          as customers
    from kept_3
    join buyer on buyer.basket_no = kept_3.basket_no
    group by kept_3.item_1, kept_3.item_2, kept_3.item_3
    having count(distinct buyer.buyer_no) >= 5
),
room as (
    select kept_3.level
    from kept_3
    join room_3 on room_3.level = kept_3.level
    where room_3.rows_in_all <= 1500000
    group by kept_3.level
    having count(*) <= 500000
),
row_4 as (
    select
        one.basket_no,
        one.level, one.item_1, one.item_2, one.item_3, two.item_3 as item_4
    from kept_3 as one
    join room on room.level = one.level
    join kept_3 as two
        on two.basket_no = one.basket_no and two.item_1 = one.item_1 and two.item_2 = one.item_2
        and two.item_3 > one.item_3
),
count_4 as (
    select
        row_4.item_1, row_4.item_2, row_4.item_3, row_4.item_4,
        count(*)                                                as baskets
    from row_4
    join enough on enough.level = row_4.level
    group by row_4.item_1, row_4.item_2, row_4.item_3, row_4.item_4
    having count(*) >= max(enough.fewest)
),
kept_4 as (
    select
        row_4.basket_no,
        row_4.level, row_4.item_1, row_4.item_2, row_4.item_3, row_4.item_4
    from row_4
    join count_4
        on count_4.item_1 = row_4.item_1 and count_4.item_2 = row_4.item_2 and count_4.item_3 = row_4.item_3
        and count_4.item_4 = row_4.item_4
),
often_4 as (
    select
        kept_4.item_1, kept_4.item_2, kept_4.item_3, kept_4.item_4,
        count(*)                                                as baskets,
        count(distinct buyer.buyer_no)                          as customers
    from kept_4
    join buyer on buyer.basket_no = kept_4.basket_no
    group by kept_4.item_1, kept_4.item_2, kept_4.item_3, kept_4.item_4
    having count(distinct buyer.buyer_no) >= 5
),
row_5 as (
    select
        one.basket_no,
        one.level, one.item_1, one.item_2, one.item_3, one.item_4, two.item_4 as item_5
    from kept_4 as one
    join room on room.level = one.level
    join kept_4 as two
        on two.basket_no = one.basket_no and two.item_1 = one.item_1 and two.item_2 = one.item_2
        and two.item_3 = one.item_3 and two.item_4 > one.item_4
),
count_5 as (
    select
        row_5.item_1, row_5.item_2, row_5.item_3, row_5.item_4, row_5.item_5,
        count(*)                                                as baskets
    from row_5
    join enough on enough.level = row_5.level
    group by row_5.item_1, row_5.item_2, row_5.item_3, row_5.item_4, row_5.item_5
    having count(*) >= max(enough.fewest)
),
kept_5 as (
    select
        row_5.basket_no,
        row_5.level, row_5.item_1, row_5.item_2, row_5.item_3, row_5.item_4, row_5.item_5
    from row_5
    join count_5
        on count_5.item_1 = row_5.item_1 and count_5.item_2 = row_5.item_2 and count_5.item_3 = row_5.item_3
        and count_5.item_4 = row_5.item_4 and count_5.item_5 = row_5.item_5
),
often_5 as (
    select
        kept_5.item_1, kept_5.item_2, kept_5.item_3, kept_5.item_4, kept_5.item_5,
        count(*)                                                as baskets,
        count(distinct buyer.buyer_no)                          as customers
    from kept_5
    join buyer on buyer.basket_no = kept_5.basket_no
    group by kept_5.item_1, kept_5.item_2, kept_5.item_3, kept_5.item_4, kept_5.item_5
    having count(distinct buyer.buyer_no) >= 5
),
row_6 as (
    select
        one.basket_no,
        one.level, one.item_1, one.item_2, one.item_3, one.item_4, one.item_5, two.item_5 as item_6
    from kept_5 as one
    join room on room.level = one.level
    join kept_5 as two
        on two.basket_no = one.basket_no and two.item_1 = one.item_1 and two.item_2 = one.item_2
        and two.item_3 = one.item_3 and two.item_4 = one.item_4 and two.item_5 > one.item_5
),
count_6 as (
    select
        row_6.item_1, row_6.item_2, row_6.item_3, row_6.item_4, row_6.item_5, row_6.item_6,
        count(*)                                                as baskets
    from row_6
    join enough on enough.level = row_6.level
    group by row_6.item_1, row_6.item_2, row_6.item_3, row_6.item_4, row_6.item_5, row_6.item_6
    having count(*) >= max(enough.fewest)
),
kept_6 as (
    select
        row_6.basket_no,
        row_6.level, row_6.item_1, row_6.item_2, row_6.item_3, row_6.item_4, row_6.item_5, row_6.item_6
    from row_6
    join count_6
        on count_6.item_1 = row_6.item_1 and count_6.item_2 = row_6.item_2 and count_6.item_3 = row_6.item_3
        and count_6.item_4 = row_6.item_4 and count_6.item_5 = row_6.item_5 and count_6.item_6 = row_6.item_6
),
often_6 as (
    select
        kept_6.item_1, kept_6.item_2, kept_6.item_3, kept_6.item_4, kept_6.item_5, kept_6.item_6,
        count(*)                                                as baskets,
        count(distinct buyer.buyer_no)                          as customers
    from kept_6
    join buyer on buyer.basket_no = kept_6.basket_no
    group by kept_6.item_1, kept_6.item_2, kept_6.item_3, kept_6.item_4, kept_6.item_5, kept_6.item_6
    having count(distinct buyer.buyer_no) >= 5
),
every_set as (
    select
        level,
        0                                                       as size,
        0                                                       as item_1,
        0                                                       as item_2,
        0                                                       as item_3,
        0                                                       as item_4,
        0                                                       as item_5,
        0                                                       as item_6,
        baskets,
        customers,
        too_large
    from looked_at
    union all
    select
        named.level,
        1, often_1.item_1, 0, 0, 0, 0, 0,
        often_1.baskets,
        often_1.customers, 0
    from often_1
    join named on named.item_no = often_1.item_1
    union all
    select
        named.level,
        2, often_2.item_1, often_2.item_2, 0, 0, 0, 0,
        often_2.baskets,
        often_2.customers, 0
    from often_2
    join named on named.item_no = often_2.item_1
    union all
    select
        named.level,
        3, often_3.item_1, often_3.item_2, often_3.item_3, 0, 0, 0,
        often_3.baskets,
        often_3.customers, 0
    from often_3
    join named on named.item_no = often_3.item_1
    union all
    select
        named.level,
        4, often_4.item_1, often_4.item_2, often_4.item_3, often_4.item_4, 0, 0,
        often_4.baskets,
        often_4.customers, 0
    from often_4
    join named on named.item_no = often_4.item_1
    union all
    select
        named.level,
        5, often_5.item_1, often_5.item_2, often_5.item_3, often_5.item_4, often_5.item_5, 0,
        often_5.baskets,
        often_5.customers, 0
    from often_5
    join named on named.item_no = often_5.item_1
    union all
    select
        named.level,
        6, often_6.item_1, often_6.item_2, often_6.item_3, often_6.item_4, often_6.item_5, often_6.item_6,
        often_6.baskets,
        often_6.customers, 0
    from often_6
    join named on named.item_no = often_6.item_1
)
select
    row_number() over (
        order by every_set.level, every_set.size, every_set.item_1, every_set.item_2, every_set.item_3, every_set.item_4,
            every_set.item_5, every_set.item_6
    )                                                           as set_no,
    every_set.level,
    every_set.size,
    every_set.item_1,
    every_set.item_2,
    every_set.item_3,
    every_set.item_4,
    every_set.item_5,
    every_set.item_6,
    case when every_set.size = 1 then named.item end            as name,
    every_set.baskets,
    every_set.customers,
    every_set.too_large
from every_set
left join named on named.item_no = every_set.item_1
