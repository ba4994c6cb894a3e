-- duplicate_effect
-- Customers who bought under several records within the 365 days before the date: what they are as one, and what each
-- record alone would have shown. The tenth that brings the most is that of the customers, or of the records counted
-- apart; ties are broken by number, so that the tenths are the same in every run.
-- Grain: customer_id
-- Kind: as-of
with doubled as (
    select count(*) as orders
    from order_record
    having count(*) > 0
),
bought as (
    select
        order_line.customer_id,
        order_record.customer_ref,
        order_line.happened_on,
        order_line.kind = 'sale' as is_sale,
        order_line.net_revenue
    from order_line
    join doubled on doubled.orders > 0
    left join order_record
        on order_record.source = order_line.source
        and order_record.order_id = order_line.order_id
        and order_record.customer_id = order_line.customer_id
    where order_line.customer_id is not null
        and order_line.kind in ('sale', 'return', 'cancellation')
        and order_line.happened_on >= cast(cast(:as_of as date) - interval 365 day as date)
),
as_record as (
    select
        customer_id,
        customer_ref,
        count(distinct case when is_sale then happened_on end)  as purchase_days,
        sum(net_revenue)                                        as revenue
    from bought
    group by customer_id, customer_ref
    having count(case when is_sale then 1 end) > 0
),
as_customer as (
    select
        customer_id,
        count(distinct case when is_sale then happened_on end)  as purchase_days,
        sum(net_revenue)                                        as revenue
    from bought
    group by customer_id
    having count(case when is_sale then 1 end) > 0
),
record_tenth as (
    select
        customer_id,
        purchase_days,
        revenue,
        ntile(10) over (order by revenue desc, customer_id, customer_ref) as tenth
    from as_record
),
customer_tenth as (
    select
        customer_id,
        purchase_days,
        revenue,
        ntile(10) over (order by revenue desc, customer_id) as tenth
    from as_customer
),
apart as (
    select
        customer_id,
        count(*)                                            as records,
        count(case when purchase_days >= 2 then 1 end)      as repeat_records,
        max(revenue)                                        as best_record_revenue,
        min(tenth)                                          as best_tenth
    from record_tenth
    group by customer_id
    having count(*) > 1
)
select
    apart.customer_id,
    apart.records,
    apart.repeat_records,
    customer_tenth.purchase_days,
    cast(customer_tenth.revenue as decimal(18, 4))          as revenue,
    cast(apart.best_record_revenue as decimal(18, 4))       as best_record_revenue,
    customer_tenth.tenth = 1 and apart.best_tenth > 1       as is_hidden_best
from apart
join customer_tenth on customer_tenth.customer_id = apart.customer_id
