-- customer
-- Every customer once, with the number of records that are this customer.
-- Grain: customer_id
-- Kind: state
select
    customer_id,
    count(*) as records
from identity
group by customer_id
