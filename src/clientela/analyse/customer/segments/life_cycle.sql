-- life_cycle
-- Where each customer stands at every date that is looked from: known but without a purchase (on a list of a
-- competitor's customers or lost to one, on another list, or known otherwise), new, active, lapsing, lost, or won back.
-- Of who never bought and whose day of becoming known is not known, it is said on the newest date alone.
-- Grain: customer_id, as_of
-- Kind: state
with threshold as (
    select coalesce(:lapse_days, max(lapse_days)) as days
    from lapse
),
purchase_day as (
    select distinct customer_id, happened_on
    from order_line
    where kind = 'sale' and customer_id is not null
),
spaced as (
    select
        customer_id,
        happened_on,
        lag(happened_on) over (partition by customer_id order by happened_on) as before_on
    from purchase_day
),
returned as (
    select spaced.customer_id, spaced.happened_on
    from spaced
    cross join threshold
    where date_diff('day', spaced.before_on, spaced.happened_on) > threshold.days
),
last_return as (
    select customer_feature.customer_id, customer_feature.as_of, max(returned.happened_on) as returned_on
    from customer_feature
    join returned on returned.customer_id = customer_feature.customer_id
    where returned.happened_on < customer_feature.as_of
    group by customer_feature.customer_id, customer_feature.as_of
),
bought as (
    select
        customer_feature.customer_id,
        customer_feature.as_of,
        date_diff('day', customer_feature.last_bought_on, customer_feature.as_of)      as days_since,
        customer_feature.repeat_purchases + 1                                          as purchase_days,
        customer_feature.last_bought_on,
        date_diff('day', customer_feature.first_bought_on, customer_feature.as_of)     as days_known,
        date_diff('day', last_return.returned_on, customer_feature.as_of)              as days_back,
        threshold.days
    from customer_feature
    cross join threshold
    left join last_return
        on last_return.customer_id = customer_feature.customer_id and last_return.as_of = customer_feature.as_of
    where threshold.days is not null
),
looked_from as (
    select distinct as_of
    from customer_feature
),
first_purchase as (
    select customer_id, min(happened_on) as first_on
    from purchase_day
    group by customer_id
),
spoken as (
    select lower(kind) as words
    from contact_list
    union
    select lower(lost_reason) as words
    from opportunity
),
rival as (  -- names competitors; what is not competitive, or lacks competence, does not
    select words
    from spoken
    where words like '%competitor%' or words like '%competition%'
        or words like '%competidor%' or words like '%competencia%'
        or words like '%concorrente%' or words like '%concorrenti%' or words like '%concorrenza%'
        or (words like '%concurrent%' and not words like '%concurrentieel%' and not words like '%concurrenti_l%')
),
listed as (
    select
        customer_record.customer_id,
        max(case when rival.words is null then 0 else 1 end)                           as is_a_competitors
    from customer_record
    left join contact_list on contact_list.list_id = customer_record.list_id
    left join rival on rival.words = lower(contact_list.kind)
    where customer_record.list_id is not null
    group by customer_record.customer_id
),
offered as (
    select customer_id, min(happened_on) as opened_on
    from opportunity
    where customer_id is not null
    group by customer_id
),
lost_to as (
    select opportunity.customer_id, min(opportunity.closed_on) as lost_on
    from opportunity
    join rival on rival.words = lower(opportunity.lost_reason)
    where opportunity.customer_id is not null and opportunity.status = 'lost'
    group by opportunity.customer_id
),
newest as (
    select max(as_of) as as_of
    from looked_from
),
never_bought as (
    select
        customer.customer_id,
        looked_from.as_of,
        case
            when listed.is_a_competitors = 1 or lost_to.lost_on < looked_from.as_of then 'life:competitors'
            when listed.customer_id is not null then 'life:qualified'
            else 'life:prospect'
        end                                                                            as segment
    from customer
    cross join looked_from
    cross join newest
    left join offered on offered.customer_id = customer.customer_id
    left join lost_to on lost_to.customer_id = customer.customer_id
    left join first_purchase on first_purchase.customer_id = customer.customer_id
    left join listed on listed.customer_id = customer.customer_id
    left join customer_feature  -- a purchase that was known then may have been corrected since
        on customer_feature.customer_id = customer.customer_id and customer_feature.as_of = looked_from.as_of
    where customer_feature.customer_id is null
        and (
            least(customer.first_created_on, offered.opened_on) < looked_from.as_of
            or (customer.first_created_on is null and offered.opened_on is null and looked_from.as_of = newest.as_of)
        )
        and (first_purchase.first_on is null or first_purchase.first_on >= looked_from.as_of)
)
select
    customer_id,
    as_of,
    days_since,
    purchase_days,
    last_bought_on,
    case
        when days_since > days then 'life:lost'
        when days_back <= days then 'life:won-back'
        when days_known <= days then 'life:new'
        when 2 * days_since > days then 'life:lapsing'
        else 'life:active'
    end                                                                                as segment
from bought
union all
select
    customer_id,
    as_of,
    cast(null as bigint)                                                               as days_since,
    0                                                                                  as purchase_days,
    cast(null as date)                                                                 as last_bought_on,
    segment
from never_bought
