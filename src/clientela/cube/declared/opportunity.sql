-- opportunity
-- Every opportunity, and as of the date whether it is open, won or lost.
-- Grain: source, opportunity_id
-- Kind: as-of
select
    source,
    opportunity_id,
    happened_on                                 as day,
    customer_id,
    owner_id,
    territory_id,
    product_id,
    coalesce(status, 'open')                    as status,
    lost_reason,
    amount,
    margin,
    coalesce(status, 'open') = 'open'           as is_open,
    status = 'won'                              as is_won,
    status = 'lost'                             as is_lost,
    date_diff('day', happened_on, closed_on)    as days_to_close
from opportunity
