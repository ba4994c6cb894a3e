-- record_field
-- What the records of each system know, field by field.
-- Grain: source, field
-- Kind: state
select
    source,
    field,
    records,
    filled,
    usable,
    copies
from record_field
