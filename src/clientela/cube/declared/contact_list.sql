-- contact_list
-- Every address list, on the day it was delivered.
-- Grain: source, list_id
-- Kind: as-of
select
    source,
    list_id,
    delivered_on    as day,
    supplier,
    cost,
    records
from contact_list
