"""``customer_relation``: how customers belong together, as systems say and as records show; never who is who."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from clientela.contracts.delivered.people import RELATION
from clientela.unify.golden.fields import ADDRESS, NAME, WORK
from clientela.unify.golden.members import CUSTOMER, REF, of, published, work
from clientela.unify.golden.standing import BEST, PLACED, wins
from clientela.unify.golden.written import query_of
from clientela.warehouse.physical import ENGINE_TYPES, column, customer_column

_FLAGS = {NAME: "name_is_theirs", ADDRESS: "address_is_theirs", WORK: "company_is_theirs"}


def customer_relation(
    *,
    shared_by: int,
    records: bool = True,
    delivered: bool = True,
    members: exp.Table | None = None,
    forms: exp.Table | None = None,
    identity: exp.Table | None = None,
) -> exp.Query:
    """The query for ``customer_relation``.

    Parameters
    ----------
    shared_by : an address that more records have makes no household, a company name that more customers bear no
        employer.
    records : whether any record says anything; without, only what was delivered stands.
    delivered : whether the table ``relation`` is there.
    members : the rows of `golden_member` of all customers, where they are written down.
    forms, identity : the rows of ``linkable`` and ``identity`` that are looked at, where not all are.
    """
    tables: dict[str, exp.Query | exp.Table] = {
        "relation": published("relation") if delivered else _nothing(),
        "identity": identity if identity is not None else published("identity"),
        "linkable": forms if forms is not None else work("linkable"),
        "golden_member": members if members is not None else golden_member(),
    }
    tree = query_of("customer_relation", tables)
    if not records:
        return _delivered_alone(tree)
    for limit in list(tree.find_all(exp.Placeholder)):
        limit.replace(exp.Literal.number(shared_by))
    return tree


def related(relations: exp.Query, identity: exp.Table, homes: exp.Table, companies: exp.Table) -> exp.Query:
    """The query (customer_id, kind) for who has a home at one of these addresses, or works at one of these companies.

    Parameters
    ----------
    relations : what `customer_relation` gave, which says where a customer is at home and works
    identity : the rows of ``identity`` that it looks at
    homes : a table (street, house_number, postal_code, country)
    companies : a table (company)
    """
    named = [each.copy() for each in relations.find_all(exp.CTE) if each.alias in {"member", "home", "employee"}]
    given = {"whose": identity, "address": homes, "firm": companies}
    tree = sqlglot.parse_one(_RELATED, dialect="duckdb")
    assert isinstance(tree, exp.Query)  # noqa: S101 - as the text is one
    for table in list(tree.find_all(exp.Table)):
        if table.name in given:
            table.replace(exp.alias_(given[table.name].copy(), table.name, table=True))
    for each in named:
        tree = tree.with_(each.alias, each.this, copy=False)
    return tree


_RELATED = """
select whose.customer_id, 'household' as kind
from home
inner join address
    on address.street = home.street and address.house_number = home.house_number
    and address.postal_code = home.postal_code and address.country = home.country
inner join whose on whose.customer_ref = home.customer_ref
union all
select employee.customer_id, 'works_at' as kind
from employee
where employee.company in (select firm.company from firm)
"""


def _delivered_alone(tree: exp.Query) -> exp.Select:
    said_so = next(each.this for each in tree.find_all(exp.CTE) if each.alias == "delivered")
    ends, days = ("from_customer_id", "to_customer_id", "kind"), ("valid_from", "valid_to")
    basis = exp.alias_(exp.Literal.string("delivered"), "basis")
    return exp.select(*map(column, ends), basis, *map(column, days)).from_(said_so.subquery("delivered"))


def _nothing() -> exp.Select:
    """No row of ``relation``."""
    kinds = {customer_column(each.name) if each.person else each.name: each for each in RELATION.columns}
    listed = {name: "bigint" if each.person else ENGINE_TYPES[each.type] for name, each in kinds.items()}
    listed["known_until"] = "timestamp"
    nulls = (exp.alias_(exp.cast(exp.null(), kind), name) for name, kind in listed.items())
    return exp.select(*nulls).from_(exp.select("1 as one").subquery("none")).where(exp.false())


def golden_member() -> exp.Query:
    """The records of customers with several, and whether the customer's name, address and company are taken from it."""
    theirs = (exp.alias_(exp.func("coalesce", wins(group), exp.false()), flag) for group, flag in _FLAGS.items())
    return (
        exp.select(of(PLACED, CUSTOMER), of(PLACED, REF), *theirs)
        .from_(exp.alias_(work(PLACED), PLACED, table=True))
        .join(exp.alias_(work(BEST), BEST, table=True), on=of(BEST, CUSTOMER).eq(of(PLACED, CUSTOMER)))
    )
