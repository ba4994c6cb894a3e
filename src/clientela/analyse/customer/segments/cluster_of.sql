-- cluster_of
-- The cluster whose middle each customer lies nearest to, at every date that is looked from.
-- Grain: customer_id, as_of
-- Kind: state
with measured as (
    select
        customer_id,
        as_of,
        last_bought_on,
        date_diff('day', last_bought_on, as_of)                                            as days_since,
        repeat_purchases + 1                                                               as purchase_days,
        ln(nullif(1 + date_diff('day', last_bought_on, as_of), 0))                                  as log_days_since,
        ln(nullif(2 + repeat_purchases, 0))                                                          as log_purchase_days,
        ln(nullif(1 + cast(cast(greatest(revenue, 0) / nullif(repeat_purchases + 1, 0) as decimal(18, 6)) as double), 0))
                                                                                           as log_basket,
        ln(nullif(1 + age_days, 0))                                                                  as log_age_days
    from customer_feature
),
placed as (
    select
        measured.customer_id,
        measured.as_of,
        measured.last_bought_on,
        measured.days_since,
        measured.purchase_days,
        cluster_centre.cluster,
        cluster_centre.model_version,
        coalesce(
            (least(greatest(measured.log_days_since, cluster_centre.days_since_low), cluster_centre.days_since_high)
            - cluster_centre.days_since_middle) / nullif(cluster_centre.days_since_width, 0), 0
        ) - cluster_centre.days_since_centre                                               as by_days_since,
        coalesce(
            (least(
                greatest(measured.log_purchase_days, cluster_centre.purchase_days_low),
                cluster_centre.purchase_days_high
            ) - cluster_centre.purchase_days_middle) / nullif(cluster_centre.purchase_days_width, 0), 0
        ) - cluster_centre.purchase_days_centre                                            as by_purchase_days,
        coalesce(
            (least(greatest(measured.log_basket, cluster_centre.basket_low), cluster_centre.basket_high)
            - cluster_centre.basket_middle) / nullif(cluster_centre.basket_width, 0), 0
        ) - cluster_centre.basket_centre                                                   as by_basket,
        coalesce(
            (least(greatest(measured.log_age_days, cluster_centre.age_days_low), cluster_centre.age_days_high)
            - cluster_centre.age_days_middle) / nullif(cluster_centre.age_days_width, 0), 0
        ) - cluster_centre.age_days_centre                                                 as by_age_days
    from measured
    cross join cluster_centre
),
ranked as (
    select
        customer_id,
        as_of,
        last_bought_on,
        days_since,
        purchase_days,
        cluster,
        model_version,
        row_number() over (
            partition by customer_id, as_of
            order by by_days_since * by_days_since + by_purchase_days * by_purchase_days + by_basket * by_basket
                + by_age_days * by_age_days, cluster
        )                                                                                  as place
    from placed
)
select
    customer_id,
    as_of,
    days_since,
    purchase_days,
    last_bought_on,
    cluster                                                                                as segment,
    model_version
from ranked
where place = 1
