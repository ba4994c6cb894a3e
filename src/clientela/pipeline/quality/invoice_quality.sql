-- invoice_quality
-- How many invoices of each source ask for another amount than the lines of their order come to.
-- Grain: source
-- Kind: state
with billed as (
    select source, order_id, sum(amount) as amount, count(*) as invoices
    from invoice
    where order_id is not null and amount is not null
    group by source, order_id
),
sold as (
    select
        order_id,
        sum(net_revenue)                     as net,
        sum(net_revenue + coalesce(tax, 0))  as gross,
        count(tax)                           as taxed
    from order_line
    where order_id in (select order_id from billed)
    group by order_id
)
select
    billed.source                           as source,
    cast(sum(billed.invoices) as bigint)    as checked,
    cast(sum(case
        when abs(billed.amount - sold.net) <= 0.01 * abs(sold.net) + 0.01 then 0
        when abs(billed.amount - sold.gross) <= 0.01 * abs(sold.gross) + 0.01 then 0
        when sold.taxed = 0 and billed.amount >= sold.net and billed.amount <= 1.3 * sold.net then 0
        else billed.invoices
    end) as bigint)                         as weak  -- a cent and a percent are forgiven, and an unknown tax
from billed
join sold on sold.order_id = billed.order_id
group by billed.source
