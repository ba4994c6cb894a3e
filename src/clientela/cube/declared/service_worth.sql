-- service_worth
-- What each customer with a contract is expected to bring by service: each product of their contracts, and their orders.
-- Grain: customer_id, kind, product_id
-- Kind: as-of
select
    customer_id,
    kind,
    product_id,
    contracts,
    worth,
    services
from service_worth
