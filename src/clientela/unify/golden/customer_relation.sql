-- customer_relation
-- How customers belong together: as systems say, else as their records show. A household is one family name at one
-- address and bears the number of its oldest member; an employer is the organisation that bears the company's name,
-- where several bear it the nearest. Never a reason to take two customers for one.
-- Grain: from_customer_id, to_customer_id, kind
-- Kind: state
with delivered as (
    select
        from_customer_id,
        to_customer_id,
        kind,
        min(valid_from)                                           as valid_from,
        case when count(*) = count(valid_to) then max(valid_to) end as valid_to  -- it ends when all say so
    from relation
    where
        known_until is null
        and from_customer_id is not null and to_customer_id is not null
        and from_customer_id <> to_customer_id
    group by from_customer_id, to_customer_id, kind
),
told as (
    select distinct
        from_customer_id,
        kind
    from delivered
),
member as (
    select
        identity.customer_id,
        coalesce(golden_member.company_is_theirs, true) as company_is_theirs,  -- who has one record bears all it says
        linkable.kind,
        linkable.company,
        linkable.postal_code,
        linkable.city,
        linkable.email_domain
    from linkable
    inner join identity on identity.customer_ref = linkable.customer_ref
    left join golden_member on golden_member.customer_ref = linkable.customer_ref
    where linkable.company is not null
),
home as (
    select
        linkable.customer_ref,
        linkable.last_key,
        linkable.street,
        linkable.house_number,
        linkable.postal_code,
        coalesce(linkable.country, '') as country
    from linkable
    left join golden_member on golden_member.customer_ref = linkable.customer_ref
    where
        golden_member.customer_ref is null
        and linkable.kind = 'person' and linkable.last_key is not null
        and linkable.street is not null and linkable.house_number is not null and linkable.postal_code is not null
    union all
    select
        named.customer_ref,
        named_as.last_key,
        housed_at.street,
        housed_at.house_number,
        housed_at.postal_code,
        coalesce(housed_at.country, '') as country
    from golden_member as named
    inner join golden_member as housed on housed.customer_id = named.customer_id
    inner join linkable as named_as on named_as.customer_ref = named.customer_ref
    inner join linkable as housed_at on housed_at.customer_ref = housed.customer_ref
    where
        named.name_is_theirs and housed.address_is_theirs
        and named_as.kind = 'person' and named_as.last_key is not null
        and housed_at.street is not null and housed_at.house_number is not null and housed_at.postal_code is not null
),
crowd as (
    select
        last_key,
        street,
        house_number,
        postal_code,
        country
    from home
    group by last_key, street, house_number, postal_code, country
    having count(*) > 1
),
shared_home as (
    select
        home.customer_ref,
        home.last_key,
        home.street,
        home.house_number,
        home.postal_code,
        home.country
    from home
    where exists (
        select 1 as one
        from crowd
        where
            crowd.last_key = home.last_key
            and crowd.street = home.street
            and crowd.house_number = home.house_number
            and crowd.postal_code = home.postal_code
            and crowd.country = home.country
    )
),
shared_address as (
    select distinct
        street,
        house_number,
        postal_code,
        country
    from shared_home
),
crowded as (
    select
        shared_address.street,
        shared_address.house_number,
        shared_address.postal_code,
        shared_address.country
    from shared_address
    inner join linkable
        on
            linkable.street = shared_address.street
            and linkable.house_number = shared_address.house_number
            and linkable.postal_code = shared_address.postal_code
            and coalesce(linkable.country, '') = shared_address.country
    group by
        shared_address.street, shared_address.house_number, shared_address.postal_code, shared_address.country
    having count(*) > :shared_by
),
housemate as (
    select
        identity.customer_id,
        shared_home.last_key,
        shared_home.street,
        shared_home.house_number,
        shared_home.postal_code,
        shared_home.country
    from shared_home
    inner join identity on identity.customer_ref = shared_home.customer_ref
    left join crowded
        on
            crowded.street = shared_home.street
            and crowded.house_number = shared_home.house_number
            and crowded.postal_code = shared_home.postal_code
            and crowded.country = shared_home.country
    where crowded.street is null
),
aged as (
    select
        housemate.customer_id,
        housemate.last_key,
        housemate.street,
        housemate.house_number,
        housemate.postal_code,
        housemate.country,
        own.first_run,
        own.source,
        who.record_id
    from housemate
    inner join identity as own on id63(own.customer_ref) = housemate.customer_id  -- the oldest gave them their number
    inner join people.identity as who on who.customer_ref = own.customer_ref
),
household as (
    select
        customer_id                         as from_customer_id,
        first_value(customer_id) over (
            partition by last_key, street, house_number, postal_code, country
            order by first_run, source, record_id
        )                                   as to_customer_id
    from aged
),
employee as (
    select
        customer_id,
        company,
        postal_code,
        city,
        email_domain
    from member
    where company_is_theirs and kind = 'person'
),
employer as (
    select
        customer_id,
        company,
        postal_code,
        city,
        email_domain
    from member
    where kind = 'organisation'
),
too_common as (
    select company
    from employer
    group by company
    having count(distinct customer_id) > :shared_by
),
near as (
    select
        employee.customer_id as from_customer_id,
        employer.customer_id as to_customer_id,
        max(
            case when employer.email_domain = employee.email_domain then 4 else 0 end
            + case when employer.postal_code = employee.postal_code then 2 else 0 end
            + case when employer.city = employee.city then 1 else 0 end
        )                    as nearness
    from employee
    inner join employer on employer.company = employee.company and employer.customer_id <> employee.customer_id
    left join too_common on too_common.company = employee.company
    where too_common.company is null
    group by employee.customer_id, employer.customer_id
),
nearest as (
    select
        from_customer_id,
        to_customer_id,
        nearness,
        count(*) over (partition by from_customer_id)           as employers,
        max(nearness) over (partition by from_customer_id)      as best,
        count(*) over (partition by from_customer_id, nearness) as as_near
    from near
),
derived as (
    select
        from_customer_id,
        to_customer_id,
        'household' as kind
    from household
    where from_customer_id <> to_customer_id
    union all
    select
        from_customer_id,
        to_customer_id,
        'works_at' as kind
    from nearest
    where employers = 1 or (nearness = best and best > 0 and as_near = 1)
)
select
    from_customer_id,
    to_customer_id,
    kind,
    'delivered' as basis,
    valid_from,
    valid_to
from delivered
union all
select
    derived.from_customer_id,
    derived.to_customer_id,
    derived.kind,
    'derived'            as basis,
    cast(null as date)   as valid_from,
    cast(null as date)   as valid_to
from derived
left join told on told.from_customer_id = derived.from_customer_id and told.kind = derived.kind
where told.kind is null
