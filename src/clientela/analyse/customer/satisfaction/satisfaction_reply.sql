-- satisfaction_reply
-- How many of the customers who bought within 365 days answered a survey in that time, and what they spent: those who
-- did not answer may feel otherwise. Empty where nobody ever answered.
-- Grain: has_answered
-- Kind: as-of
with answered as (
    select distinct customer_id
    from survey_answer
    where customer_id is not null and score is not null and date_diff('day', happened_on, cast(:as_of as date)) <= 365
),
asked as (
    select count(*) as customers
    from answered
),
bought as (
    select customer_id, year_revenue
    from customer_feature
    where date_diff('day', last_bought_on, cast(:as_of as date)) <= 365
)
select
    case when answered.customer_id is not null then 1 else 0 end    as has_answered,
    count(*)                                                        as customers,
    cast(sum(bought.year_revenue) as decimal(18, 4))                as revenue
from bought
cross join asked
left join answered on answered.customer_id = bought.customer_id
where asked.customers > 0
group by case when answered.customer_id is not null then 1 else 0 end
