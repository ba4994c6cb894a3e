-- wallet_peer
-- What is known of each customer that tells who is like them: kind with sector or, of a person, with the size of the
-- household; then the size that was stated (topic size) or else the magnitude of the credit limit. And what they stated
-- to spend in a year with anybody (topic wallet).
-- Grain: customer_id
-- Kind: as-of
with member as (
    select to_customer_id as household_id, from_customer_id as customer_id
    from customer_relation
    where kind = 'household'
    union
    select to_customer_id as household_id, to_customer_id as customer_id
    from customer_relation
    where kind = 'household'
),
household as (
    select household_id, count(*) as members
    from member
    group by household_id
),
living as (
    select member.customer_id, max(household.members) as members
    from member
    join household on household.household_id = member.household_id
    group by member.customer_id
),
stated as (
    select
        customer_id,
        arg_max(case when topic = 'size' then value end, happened_on) filter (where topic = 'size')     as size,
        arg_max(try_cast(value as decimal(18, 4)), happened_on) filter (where topic = 'wallet')         as wallet
    from preference
    where topic in ('size', 'wallet') and customer_id is not null
    group by customer_id
),
trait as (
    select
        customer.customer_id,
        case
            when customer.sector is not null then concat(coalesce(customer.kind, 'organisation'), ', ', customer.sector)
            when living.members is not null then
                concat(coalesce(customer.kind, 'person'), ', household ', cast(least(living.members, 5) as varchar))
            else customer.kind
        end                                                                                     as kinship,
        case
            when stated.size is not null then concat('size ', stated.size)
            when customer.credit_limit >= 1 then
                concat('limit 1e', cast(length(cast(cast(floor(customer.credit_limit) as bigint) as varchar)) as varchar))
        end                                                                                     as size,
        stated.wallet
    from customer
    left join living on living.customer_id = customer.customer_id
    left join stated on stated.customer_id = customer.customer_id
)
select
    customer_id,
    kinship                                                                                     as peer_1,
    case when size is not null then concat(coalesce(kinship, 'any'), ', ', size) end            as peer_2,
    case when wallet > 0 then wallet end                                                        as stated_wallet
from trait
