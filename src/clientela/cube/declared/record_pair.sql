-- record_pair
-- Pairs of records that are, or may be, one customer.
-- Grain: customer_ref_l, customer_ref_r
-- Kind: state
select
    pair.customer_ref_l,
    pair.customer_ref_r,
    pair.status,
    pair.is_bridge,
    case
        when one.source = other.source then one.source
        else least(one.source, other.source) || ', ' || greatest(one.source, other.source)
    end as system_pair
from identity_pair as pair
left join identity as one on one.customer_ref = pair.customer_ref_l
left join identity as other on other.customer_ref = pair.customer_ref_r
