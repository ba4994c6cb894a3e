-- service_total
-- What all customers are expected to bring together and the part of it from contracts; and how many order lines are a
-- contract's.
-- Grain: customers
-- Kind: as-of
with valued as (
    select
        count(*)                                                            as customers,
        sum(value)                                                          as worth
    from score
    where analysis = 'lifetime-value'
),
contracted as (
    select
        sum(worth)                                                          as worth,
        sum(contracts)                                                      as contracts,
        sum(case when product_id = '' then contracts else 0 end)            as unnamed
    from contract_worth
),
told as (
    select sum(contracts) as contracts
    from contract_outlook
),
delivered as (
    select
        count(*)                                                            as customers,
        sum(brought)                                                        as brought
    from contract_delivery
)
select
    valued.customers,
    cast(valued.worth as decimal(18, 6))                                    as worth,
    cast(coalesce(contracted.worth, 0) as decimal(18, 6))                   as contract_worth,
    cast(coalesce(contracted.unnamed, 0) as bigint)                         as unnamed,
    cast(coalesce(told.contracts, 0) as bigint) - cast(coalesce(contracted.contracts, 0) as bigint) as of_nobody,
    delivered.customers                                                     as delivered_customers,
    cast(coalesce(delivered.brought, 0) as decimal(18, 6))                  as delivered
from valued
cross join contracted
cross join told
cross join delivered
where valued.customers > 0
