-- lifetime_trial
-- What was known of each customer at an earlier date, and what they brought in the horizon after it: the test of every
-- method. What came is read from the later date, with what was known then. Of the date itself it is not known yet.
-- Grain: as_of, customer_id
-- Kind: state
select
    present.as_of,
    present.customer_id,
    present.repeat_purchases,
    present.recency_days,
    present.age_days,
    present.recent_purchases,
    present.brought,
    present.amount,
    present.recent,
    cast(later.brought - present.brought as decimal(18, 4))         as came
from lifetime_money as present
left join lifetime_money as later
    on later.customer_id = present.customer_id
    and date_diff('day', present.as_of, later.as_of) = :horizon_days
where later.customer_id is not null or present.as_of = cast(:as_of as date)
