-- identifier
-- Everything a customer may be looked up by, in the form it is compared in. A key is not among it: its pseudonym
-- finds its customer.
-- Grain: kind, value, customer_ref
-- Kind: state
with said as (
    select
        'e-mail' as kind,
        email    as value,
        customer_ref
    from linkable
    where email is not null
    union all
    select
        'phone' as kind,
        phone   as value,
        customer_ref
    from linkable
    where phone is not null
    union all
    select
        'tax number' as kind,
        tax_id       as value,
        customer_ref
    from linkable
    where tax_id is not null
    union all
    select
        'name'    as kind,
        full_name as value,
        customer_ref
    from linkable
    where full_name is not null
    union all
    select
        'name'  as kind,
        company as value,
        customer_ref
    from linkable
    where company is not null and company is distinct from full_name
)
select
    said.kind,
    said.value,
    said.customer_ref,
    identity.customer_id
from said
inner join identity on identity.customer_ref = said.customer_ref
order by said.kind, said.value, said.customer_ref
