-- price_quality
-- How many sales of each source were made at a price far from the usual price of their product.
-- Grain: source
-- Kind: state
with sold as (
    select
        source,
        product_id,
        cast(round(2 * ln(nullif(net_revenue / nullif(quantity, 0), 0)) / 2.302585092994046) as bigint)  as price_step  -- half powers of ten
    from order_line
    where kind = 'sale'
        and net_revenue > 0
        and quantity > 0
        and product_id is not null
),
priced as (
    select source, product_id, price_step, count(*) as lines
    from sold
    group by source, product_id, price_step
),
stepped as (
    select product_id, price_step, sum(lines) as lines
    from priced
    group by product_id, price_step
),
usual as (
    select
        product_id,
        price_step                                                                           as usual_step,
        sum(lines) over (partition by product_id)                                            as product_lines,
        row_number() over (partition by product_id order by lines desc, price_step)          as place
    from stepped
)
select
    priced.source                                                                            as source,
    cast(sum(priced.lines) as bigint)                                                        as checked,
    cast(sum(case when abs(priced.price_step - usual.usual_step) >= 4 then priced.lines else 0 end) as bigint)
                                                                                             as weak  -- 32 times or more
from priced
join usual on usual.product_id = priced.product_id
where usual.place = 1 and usual.product_lines >= 5
group by priced.source
