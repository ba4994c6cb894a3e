-- identity_pair
-- Two records that are, or may be, the same customer: those that were found alike, and those that a person decided
-- about.
-- Grain: customer_ref_l, customer_ref_r
-- Kind: state
select
    pair_status.customer_ref_l,
    pair_status.customer_ref_r,
    l.customer_id                                    as customer_id_l,
    r.customer_id                                    as customer_id_r,
    cast(scored_pair.match_weight as decimal(18, 6)) as match_weight,
    case
        when scored_pair.rule is not null and pair_status.status <> 'uncertain' then cast(1 as decimal(18, 6))
        when pair_status.decision is not null and pair_status.status = 'joined' then cast(1 as decimal(18, 6))
        else cast(coalesce(scored_pair.match_probability, 0) as decimal(18, 6))
    end                                              as match_probability,
    scored_pair.rule,
    pair_status.status,
    pair_status.is_bridge,
    pair_status.decision
from pair_status
inner join identity as l on l.customer_ref = pair_status.customer_ref_l
inner join identity as r on r.customer_ref = pair_status.customer_ref_r
left join scored_pair
    on
        scored_pair.customer_ref_l = pair_status.customer_ref_l
        and scored_pair.customer_ref_r = pair_status.customer_ref_r
