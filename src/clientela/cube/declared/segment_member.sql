-- segment_member
-- Every customer who is in a segment on the date asked about, once.
-- Grain: customer_id
-- Kind: as-of
select distinct customer_id
from segment_member
where valid_from <= cast(:as_of as date) and (valid_to is null or valid_to > cast(:as_of as date))
