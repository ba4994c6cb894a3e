-- lifetime_trait
-- What each customer's first purchase was: where, of which category the most, and whether a campaign brought it. Nothing
-- that the customer did later changes it, unlike what a record of a customer says. Channel and campaign are those of the
-- order's lines as they stand today, the category is the product's of today: who corrects a line or sorts a product
-- elsewhere changes it at all dates.
-- Grain: customer_id
-- Kind: state
with first_day as (
    select customer_id, min(happened_on) as happened_on
    from order_line
    where kind = 'sale' and customer_id is not null
    group by customer_id
),
bought as (
    select
        order_line.customer_id,
        product.category,
        sum(order_line.net_revenue)         as revenue,
        min(order_line.channel)             as channel,
        max(case when order_line.campaign_id is not null then 1 else 0 end) as by_campaign
    from order_line
    join first_day
        on first_day.customer_id = order_line.customer_id
        and first_day.happened_on = order_line.happened_on
    left join product
        on product.product_id = order_line.product_id
    where order_line.kind = 'sale'
    group by order_line.customer_id, product.category
),
ranked as (
    select
        customer_id,
        category,
        row_number() over (partition by customer_id order by revenue desc, category) as place,
        min(channel) over (partition by customer_id)                                 as channel,
        max(by_campaign) over (partition by customer_id)                             as by_campaign
    from bought
)
select
    customer_id,
    coalesce(channel, '')                                       as channel,
    coalesce(category, '')                                      as category,
    case when by_campaign = 1 then 'campaign' else '' end       as campaign
from ranked
where place = 1
