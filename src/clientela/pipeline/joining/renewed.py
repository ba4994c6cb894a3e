"""A snapshot that begins as the one before: rows are written only of customers of whom anything is another now.

Whatever bears on a row beside its customer's records, keys and pairs, is in the name under which a run may begin so:
the code, the settings, the engine. Where it differs, or much changed, the tables are written whole.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlglot
from sqlglot import exp

from clientela.contracts.delivered.people import RELATION
from clientela.errors import SnapshotError
from clientela.pipeline.joining.keys import drop, work, write
from clientela.pipeline.joining.linked import LINKABLE, MEMBER, RECORD, at, hide, show
from clientela.unify.golden.relation import customer_relation, related
from clientela.unify.linking.scoring import TOLD
from clientela.unify.standardise import LINKABLE as FORMS
from clientela.warehouse.build import Build
from clientela.warehouse.engine import Engine
from clientela.warehouse.store.snapshot import Snapshot, current

PAIRS, RELATIONS = "identity_pair", "customer_relation"
TABLES = ("identity", "identifier", "customer", "customer_lineage", PAIRS, "identity_evidence", RELATIONS)
TOUCHED, TOUCHED_KEY = "touched_record", "touched_key"
MOST_TOUCHED = 0.1  # of the keys; where more are, writing all takes no longer
MOST_REPLACED = 0.3  # of the keys, in all runs since the tables were written whole: what is replaced lies scattered
_CUSTOMER, _REF = "touched_customer", "touched_ref"

# Who is now another customer than before, or less surely: of those who stood alone, whoever is found with others now.
_REFS = """
create or replace table memory.main.touched_ref as
select customer_ref from memory.main.record_new
union
select customer_ref from memory.main.record_gone
union
select customer_ref from memory.main.key_new
union
select customer_ref from memory.main.key_gone
union
select customer_ref from memory.main.relinked
union
select customer_ref from memory.main.record_lost
union
select identity.customer_ref
from (
    select customer_ref, customer_id, match_probability from facts.main.identity
    where customer_id in (select customer_id from facts.main.customer where records > 1)
) as identity
left join memory.main.found as found on found.customer_ref = identity.customer_ref
where
    identity.customer_id <> id63(coalesce(found.oldest_ref, identity.customer_ref))
    or identity.match_probability <> coalesce(found.match_probability, 1)
union
select found.customer_ref
from memory.main.found as found
where
    (found.oldest_ref <> found.customer_ref or found.match_probability <> 1)
    and found.customer_ref not in (
        select customer_ref from facts.main.identity
        where customer_id in (select customer_id from facts.main.customer where records > 1)
    )
"""
# Of whom anything is another: the customers these records were, and those they are.
_CUSTOMERS = """
create or replace table memory.main.touched_customer as
select customer_id from facts.main.identity where customer_ref in (select customer_ref from memory.main.touched_ref)
union
select id63(coalesce(found.oldest_ref, touched.customer_ref))
from memory.main.touched_ref as touched
semi join kept.main.customer_key as own on own.customer_ref = touched.customer_ref
left join memory.main.found as found on found.customer_ref = touched.customer_ref
"""
_RECORDS = """
create or replace table memory.main.touched_record as
select customer_ref from memory.main.touched_ref
union
select customer_ref from facts.main.identity
where customer_id in (select customer_id from memory.main.touched_customer)
"""
_KEYS = """
create or replace table memory.main.touched_key as
select
    own.customer_ref,
    own.source,
    own.record_id,
    id63(coalesce(found.oldest_ref, own.customer_ref)) as customer_id,
    coalesce(found.match_probability, 1)               as match_probability,
    own.first_run
from kept.main.customer_key as own
left join memory.main.found as found on found.customer_ref = own.customer_ref
where own.customer_ref in (select customer_ref from memory.main.touched_record)
"""
# How customers belong together follows from addresses and companies: of the customers that were touched or of whom a
# system tells it, those that their records say or said. Whoever has one of these may belong to others now.
_RELATION_CUSTOMERS = """
create or replace table memory.main.relation_customer as
select customer_id from memory.main.touched_customer
union
select from_customer_id from facts.main.customer_relation where basis = 'delivered'
"""
_RELATION_TOLD = """
union
select from_customer_id from facts.main.relation where from_customer_id is not null
"""
_RELATION_SAID = """
create or replace table memory.main.relation_said as
select street, house_number, postal_code, coalesce(country, '') as country, company
from kept.main.linkable
where customer_ref in (
    select customer_ref from memory.main.touched_record
    union
    select customer_ref from facts.main.identity
    where customer_id in (select customer_id from memory.main.relation_customer)
)
union all
select street, house_number, postal_code, coalesce(country, '') as country, company from memory.main.form_left
"""
_RELATION_ADDRESSES = """
create or replace table memory.main.relation_address as
select distinct street, house_number, postal_code, country from memory.main.relation_said
where street is not null and house_number is not null and postal_code is not null
"""
_RELATION_COMPANIES = """
create or replace table memory.main.relation_company as
select distinct company from memory.main.relation_said where company is not null
"""
_RELATION_NEAR = """
create or replace table memory.main.relation_near as
select linkable.customer_ref
from kept.main.linkable as linkable
semi join memory.main.relation_address as address
    on address.street = linkable.street and address.house_number = linkable.house_number
    and address.postal_code = linkable.postal_code and address.country = coalesce(linkable.country, '')
union
select customer_ref from kept.main.linkable
where company in (select company from memory.main.relation_company)
"""
_RELATION_FORMS = """
create or replace table memory.main.relation_form as
select customer_ref, kind, last_key, street, house_number, postal_code, country, company, city, email_domain
from kept.main.linkable
where customer_ref in (
    select customer_ref from memory.main.relation_near
    union
    select other.customer_ref
    from kept.main.golden_member as own
    inner join kept.main.golden_member as other on other.customer_id = own.customer_id
    where own.customer_ref in (select customer_ref from memory.main.relation_near)
)
"""
_RELATION_IDENTITY = """
create or replace table memory.main.relation_identity as
select customer_id, customer_ref, source, first_run
from facts.main.identity
where customer_id in (
    select customer_id from facts.main.identity
    where customer_ref in (select customer_ref from memory.main.relation_near)
)
"""
_RELATED = """
create or replace table memory.main.related as
select customer_id, kind from related
union
select customer_id, 'household' as kind from memory.main.relation_customer
union
select customer_id, 'works_at' as kind from memory.main.relation_customer
"""
# Of a customer whose home alone may be another, where he works is as it was, and the other way round.
_RELATIONS = """
select from_customer_id, to_customer_id, kind, basis, valid_from, valid_to
from relations
where basis = 'delivered' or exists (
    select 1 as one from memory.main.related
    where related.customer_id = relations.from_customer_id and related.kind = relations.kind
)
union all
select from_customer_id, to_customer_id, kind, basis, valid_from, valid_to
from facts.main.customer_relation as was
where
    basis = 'derived'
    and from_customer_id in (select customer_id from memory.main.related)
    and not exists (
        select 1 as one from memory.main.related
        where related.customer_id = was.from_customer_id and related.kind = was.kind
    )
"""
_LOOKED_AT = tuple(
    f"relation_{each}" for each in ("customer", "said", "address", "company", "near", "form", "identity")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A snapshot that began as the one before. ``replaced``: keys replaced since its tables were written whole."""

    replaced: int

    @property
    def records(self) -> exp.Select:
        """The records of all customers of whom anything is another, those that are gone among them."""
        return exp.select("customer_ref").from_(work(TOUCHED))

    @property
    def customers(self) -> exp.Select:
        """These customers, those that are no more among them."""
        return exp.select("customer_id").from_(work(_CUSTOMER))

    @property
    def keys(self) -> exp.Table:
        """The rows of ``identity`` of these customers."""
        return work(TOUCHED_KEY)


def expect(build: Build, told: Mapping[str, Any], name: str, changed: int) -> None:
    """Copy the published snapshot beside what is done first, where `begun` will likely begin as it is.

    Parameters
    ----------
    told, name : as `begun` will be given them.
    changed : records that are another than before.
    """
    with suppress(SnapshotError):
        before = _before(build, told, name)
        if before is not None and _are_few(build.engine, changed, int(told.get("replaced", 0)) + changed):
            build.copy(before)


def begun(build: Build, told: Mapping[str, Any], name: str, decided: str) -> Renewal | None:
    """Begin as the published snapshot where that is allowed and worth it; else None, and the build is empty.

    Parameters
    ----------
    told : what the run that left the file of records said; the snapshot must be of that run.
    decided : the state of the journal of decisions; where it is another, pairs may be of which no record is.
    """
    try:
        before = _before(build, told, name)
        if before is None:
            return None
        tables = TABLES if told.get("decided") == decided else tuple(each for each in TABLES if each != PAIRS)
        build.begin_as(before, tables)
    except SnapshotError:
        build.begin_empty()
        return None
    engine = build.engine
    for statement in (_REFS, _CUSTOMERS, _RECORDS, _KEYS):
        engine.run(_tree(statement))
    touched = _count(engine, work(TOUCHED))
    replaced = int(told.get("replaced", 0)) + touched
    if not _are_few(engine, touched, replaced):
        build.begin_empty()
        forget(engine)
        return None
    return Renewal(replaced=replaced)


def _before(build: Build, told: Mapping[str, Any], name: str) -> Snapshot | None:
    """The published snapshot, where it is of the run that left the file of records, and made in the same way."""
    before = current(build.workspace)
    same = before is not None and told.get("run") == before.number and told.get("renews") == name
    return before if same else None


def _are_few(engine: Engine, touched: int, replaced: int) -> bool:
    keys = _count(engine, at("customer_key"))
    return touched <= MOST_TOUCHED * keys and replaced <= MOST_REPLACED * keys


def narrow(engine: Engine, renewal: Renewal) -> None:
    """Let the work tables of records and of what was told of pairs hold these customers' records alone."""
    is_mine = exp.column("customer_ref").isin(query=renewal.records)
    for name, names in ((RECORD, ("*",)), (LINKABLE, FORMS)):
        hide(engine, name)
        write(engine, name, exp.select(*names).from_(at(name)).where(is_mine.copy()))
    hide(engine, TOLD)
    ends = (exp.column(end).isin(query=renewal.records) for end in ("customer_ref_l", "customer_ref_r"))
    write(engine, TOLD, exp.select("*").from_(at(TOLD)).where(exp.or_(*ends)))


def widen(engine: Engine) -> None:
    """Let the work tables show all records again."""
    show(engine, RECORD, exp.select("*").from_(at(RECORD)))
    show(engine, LINKABLE, exp.select(*FORMS).from_(at(LINKABLE)))


def renew_members(engine: Engine, renewal: Renewal, members: exp.Query) -> None:
    """Bring up to date which records customers of several are taken from."""
    engine.run(exp.delete(at(MEMBER)).where(exp.column("customer_ref").isin(query=renewal.records)))
    engine.run(exp.Insert(this=at(MEMBER), expression=members))


def renew_relations(build: Build, *, shared_by: int, reads: Collection[str]) -> None:
    """Bring ``customer_relation`` up to date; the records of all customers, and their members, are.

    Parameters
    ----------
    shared_by : as `customer_relation` takes it
    """
    engine, delivered = build.engine, RELATION.name in build.tables()
    engine.run(_tree(_RELATION_CUSTOMERS + (_RELATION_TOLD if delivered else "")))
    for statement in (_RELATION_SAID, _RELATION_ADDRESSES, _RELATION_COMPANIES, _RELATION_NEAR, _RELATION_FORMS):
        engine.run(_tree(statement))
    engine.run(_tree(_RELATION_IDENTITY))
    identity = work("relation_identity")
    relations = customer_relation(
        shared_by=shared_by, delivered=delivered, members=at(MEMBER), forms=work("relation_form"), identity=identity
    )
    who = related(relations, identity, work("relation_address"), work("relation_company"))
    engine.run(_with(_RELATED, "related", who))
    among = exp.select("customer_id").from_(work("related"))
    query = _with(_RELATIONS, "relations", relations)
    assert isinstance(query, exp.Query)  # noqa: S101 - as the text is one
    build.renew(RELATIONS, query, among=among, by=("from_customer_id",), reads=reads)
    drop(engine, "related", *_LOOKED_AT)


def _with(sql: str, name: str, rows: exp.Query) -> exp.Expr:
    """A statement that reads the rows of a query under a name that no table has."""
    tree = _tree(sql).copy()
    for table in list(tree.find_all(exp.Table)):
        if table.name == name and not table.db:
            table.replace(rows.subquery(name))
    return tree


def forget(engine: Engine) -> None:
    """Remove the work tables of a renewal."""
    drop(engine, _REF, _CUSTOMER, TOUCHED, TOUCHED_KEY)


def _count(engine: Engine, place: exp.Table) -> int:
    counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(place)
    return int(engine.fetch(counted)["n"][0].as_py())


@cache
def _tree(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, dialect="duckdb")
