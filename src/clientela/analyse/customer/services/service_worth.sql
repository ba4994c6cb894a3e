-- service_worth
-- What each customer with a contract is expected to bring by service: each product of their contracts, and what they
-- order; together that is their lifetime value. Who has no contract has one service, their orders, and is not in it.
-- Grain: customer_id, kind, product_id
-- Kind: as-of
with contracted as (
    select
        customer_id,
        count(*)                                                            as services,
        sum(worth)                                                          as worth
    from contract_worth
    group by customer_id
),
ordered as (
    select
        contracted.customer_id,
        contracted.services,
        cast(score.value - contracted.worth as decimal(18, 4))              as worth
    from contracted
    join score
        on score.customer_id = contracted.customer_id
        and score.analysis = 'lifetime-value'
)
select
    contract_worth.customer_id,
    'contract'                                                              as kind,
    contract_worth.product_id,
    contract_worth.contracts,
    contract_worth.worth,
    ordered.services + case when ordered.worth <> 0 then 1 else 0 end       as services
from contract_worth
join ordered
    on ordered.customer_id = contract_worth.customer_id
union all
select
    customer_id,
    'orders'                                                                as kind,
    ''                                                                      as product_id,
    0                                                                       as contracts,
    worth,
    services + 1                                                            as services
from ordered
where worth <> 0
