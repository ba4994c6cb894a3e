-- identity_evidence
-- What each field says about a pair of records: how alike it is and how much that weighs.
-- Grain: customer_ref_l, customer_ref_r, field
-- Kind: state
select
    scored_field.customer_ref_l,
    scored_field.customer_ref_r,
    scored_field.field,
    scored_field.likeness,
    cast(scored_field.match_weight as decimal(18, 6)) as match_weight
from scored_field
