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
        golden_member.customer_id,
        golden_member.name_is_theirs,
        golden_member.address_is_theirs,
        golden_member.company_is_theirs,
        linkable.kind,
        linkable.last_key,
        linkable.company,
        linkable.street,
        linkable.house_number,
        linkable.postal_code,
        linkable.city,
        coalesce(linkable.country, '') as country,
        linkable.email_domain
    from golden_member
    inner join linkable on linkable.customer_ref = golden_member.customer_ref
),
crowded as (
    select
        street,
        house_number,
        postal_code,
        coalesce(country, '') as country
    from linkable
    where street is not null and house_number is not null and postal_code is not null
    group by street, house_number, postal_code, coalesce(country, '')
    having count(*) > :shared_by
),
home as (
    select
        named.customer_id,
        named.last_key,
        housed.street,
        housed.house_number,
        housed.postal_code,
        housed.country
    from member as named
    inner join member as housed on housed.customer_id = named.customer_id
    where
        named.name_is_theirs and named.kind = 'person' and named.last_key is not null
        and housed.address_is_theirs
        and housed.street is not null and housed.house_number is not null and housed.postal_code is not null
),
shared_home as (
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
housemate as (
    select
        home.customer_id,
        home.last_key,
        home.street,
        home.house_number,
        home.postal_code,
        home.country
    from home
    inner join shared_home
        on
            shared_home.last_key = home.last_key
            and shared_home.street = home.street
            and shared_home.house_number = home.house_number
            and shared_home.postal_code = home.postal_code
            and shared_home.country = home.country
    left join crowded
        on
            crowded.street = home.street
            and crowded.house_number = home.house_number
            and crowded.postal_code = home.postal_code
            and crowded.country = home.country
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
    inner join identity as own
        on own.customer_id = housemate.customer_id and id63(own.customer_ref) = own.customer_id
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
    where company_is_theirs and kind = 'person' and company is not null
),
employer as (
    select
        customer_id,
        company,
        postal_code,
        city,
        email_domain
    from member
    where kind = 'organisation' and company is not null
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
