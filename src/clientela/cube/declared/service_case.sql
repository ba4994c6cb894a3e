-- service_case
-- Every case, with the days until the first reply and until it was closed.
-- Grain: source, case_id
-- Kind: as-of
select
    source,
    case_id,
    happened_on                                 as day,
    customer_id,
    product_id,
    channel,
    kind                                        as case_kind,
    reason,
    severity,
    outcome,
    handling_minutes,
    closed_on is null                           as is_open,
    date_diff('day', happened_on, first_reply_on) as days_to_reply,
    date_diff('day', happened_on, closed_on)      as days_to_close
from service_case
