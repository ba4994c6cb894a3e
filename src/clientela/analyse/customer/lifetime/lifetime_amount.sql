-- lifetime_amount
-- How many customers had so many purchase days whose mean amount lies in the same fiftieth of e: what the model of
-- amounts learns from. Amounts of 0 or less are left out.
-- Grain: as_of, purchases, bucket
-- Kind: state
with sized as (
    select
        as_of,
        repeat_purchases + 1                                            as purchases,
        cast(floor(ln(nullif(cast(amount as double), 0)) * 50) as bigint)          as bucket,
        amount
    from lifetime_money
    where amount > 0
)
select
    as_of,
    purchases,
    bucket,
    count(*)                                    as customers,
    cast(sum(amount) as decimal(18, 4))         as amount
from sized
group by as_of, purchases, bucket
