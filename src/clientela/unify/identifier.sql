-- identifier
-- Everything a customer may be looked up by, in the form it is compared in. A key is not among it: its pseudonym
-- finds its customer.
-- Grain: kind, value, customer_ref
-- Kind: state
with said as (
    select
        1        as place,
        'e-mail' as kind,
        email    as value,
        customer_ref
    from linkable
    where email is not null
    union all
    select
        3       as place,
        'phone' as kind,
        phone   as value,
        customer_ref
    from linkable
    where phone is not null
    union all
    select
        4            as place,
        'tax number' as kind,
        tax_id       as value,
        customer_ref
    from linkable
    where tax_id is not null
    union all
    select
        2         as place,
        'name'    as kind,
        full_name as value,
        customer_ref
    from linkable
    where full_name is not null
    union all
    select
        2       as place,
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
-- by kind, value, customer_ref: numbers are cheaper to sort by than the texts they stand for
order by said.place, said.value, id63(said.customer_ref)
