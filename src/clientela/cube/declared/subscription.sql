-- subscription
-- Every subscription, and as of the date whether it runs; its amount as one of a month.
-- Grain: source, subscription_id
-- Kind: as-of
select
    source,
    subscription_id,
    happened_on                                                     as day,
    customer_id,
    product_id,
    ended_on is null or ended_on >= cast(:as_of as date)            as is_running,
    cast(case when period = 'year' then cast(amount as double) / 12 else cast(amount as double) end as decimal(18, 4)) as amount_a_month
from subscription
