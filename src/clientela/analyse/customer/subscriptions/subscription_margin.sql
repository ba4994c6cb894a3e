-- subscription_margin
-- What each running contract leaves in a month: at the cost of its own product where that is known (by what the product left
-- where it was sold, else by its unit cost), else at what a unit of the company's revenue leaves. Where the company's
-- costs are not known, and those of less than four fifths of what contracts bring, no margin is told of any.
-- Grain: source, subscription_id
-- Kind: state
with newest as (
    select max(as_of) as as_of
    from subscription_feature
),
sold as (
    select product_id, sum(net_revenue) as revenue, sum(cost_of_goods) as cost
    from order_line
    where kind in ('sale', 'return', 'cancellation') and product_id is not null and cost_of_goods is not null
    group by product_id
),
costed as (
    select
        seen.source,
        seen.subscription_id,
        seen.customer_id,
        seen.amount_a_month,
        coalesce(
            case when sold.revenue > 0 then 1 - sold.cost / nullif(sold.revenue, 0) end,
            1 - product.unit_cost / nullif(coalesce(nullif(product.list_price, 0), subscription.amount), 0)
        )                                                                                       as share_kept
    from subscription_feature as seen
    join newest
        on newest.as_of = seen.as_of
    join subscription
        on subscription.source = seen.source and subscription.subscription_id = seen.subscription_id
    left join sold
        on sold.product_id = subscription.product_id
    left join product
        on product.product_id = subscription.product_id
),
own as (
    select
        source,
        subscription_id,
        customer_id,
        amount_a_month,
        case when share_kept is not null then cast(greatest(-100, least(1, share_kept)) as decimal(18, 6)) end as share_kept
    from costed
),
known as (
    select
        sum(amount_a_month)                                                                     as whole,
        sum(case when share_kept is not null then amount_a_month end)                           as amount,
        sum(cast(cast(amount_a_month as decimal(19, 4)) * share_kept as decimal(18, 4)))        as margin
    from own
),
usual as (
    select
        coalesce(
            lifetime_basis.share_kept,
            cast(
                case when known.amount * 5 >= known.whole * 4 then known.margin / nullif(known.amount, 0) end
                as decimal(18, 6)
            )
        )                                                                                       as share_kept,
        case when lifetime_basis.basis is not null then 'company' else 'contracts' end          as known_by
    from known
    left join lifetime_basis
        on lifetime_basis.basis = 'margin'
)
select
    own.source,
    own.subscription_id,
    own.customer_id,
    own.amount_a_month,
    case when usual.share_kept is not null then cast(
        cast(own.amount_a_month as decimal(19, 4)) * coalesce(own.share_kept, usual.share_kept) as decimal(18, 4)
    ) end                                                                                       as margin_a_month,
    case
        when usual.share_kept is null then cast(null as varchar)
        when own.share_kept is not null then 'product'
        else usual.known_by
    end                                                                                         as cost_known_by
from own
cross join usual
