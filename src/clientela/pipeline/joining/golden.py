"""Each customer once: the golden record, what they may be contacted for, and whom they belong to."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from clientela.capture.deliveries import Deliveries
from clientela.capture.versions import base_table
from clientela.config import Settings
from clientela.contracts.delivered.people import CONSENT, RELATION
from clientela.pipeline.joining.identify import Known
from clientela.pipeline.joining.keys import drop
from clientela.pipeline.joining.linked import MEMBER, at, show
from clientela.pipeline.joining.renewed import RELATIONS, renew_members, renew_relations, widen
from clientela.pipeline.quality.duplicates import copied
from clientela.unify.golden.consent import customer_consent
from clientela.unify.golden.customer import customer
from clientela.unify.golden.fields import Survivorship
from clientela.unify.golden.lineage import customer_lineage
from clientela.unify.golden.members import TOGETHER, said, write_together
from clientela.unify.golden.relation import customer_relation, golden_member
from clientela.unify.golden.standing import BEST, PLACED, write_placed
from clientela.warehouse.build import Build

TABLES = ("customer", "customer_lineage", "customer_consent", "customer_relation")


def survivorship(settings: Settings) -> Survivorship:
    """What decides between the values of several records.

    Raises
    ------
    ConfigurationError
        The settings name an unknown field.
    """
    return Survivorship(believe=settings.identity.believe, instead=settings.identity.survivorship)


def write_golden(build: Build, settings: Settings, consents: Sequence[Deliveries], known: Known) -> None:
    """Write ``customer`` and what follows from it; the base tables are there.

    The work table ``together`` stays for who counts copies.

    Parameters
    ----------
    known : what was found; where any record says anything, the work tables ``record`` and ``linkable`` are there.
    """
    engine, rules, renewal = build.engine, survivorship(settings), known.renewal
    write_together(engine, renewal.keys if renewal is not None else None)
    fields = said(engine) if known.spoken else ()
    if known.spoken:
        write_placed(engine, rules, fields)
    of_whom = ("identity", "customer_record")
    if renewal is None:
        build.create("customer", customer(fields, records=known.spoken), reads=of_whom)
        build.create("customer_lineage", customer_lineage(rules, fields, records=known.spoken), reads=of_whom)
    else:
        for name, query in (
            ("customer", customer(fields, keys=renewal.keys)),
            ("customer_lineage", customer_lineage(rules, fields)),
        ):
            build.renew(name, query, among=renewal.customers, by=("customer_id",), reads=of_whom)
    _keep_members(build, known)
    build.create("customer_consent", customer_consent(base_table(CONSENT, consents)), reads=("identity", "consent"))
    of_both = ("identity", "relation", "customer_record")
    if renewal is not None and RELATIONS in build.tables():
        renew_relations(build, shared_by=settings.identity.shared_by, reads=of_both)
    else:
        relations = customer_relation(
            shared_by=settings.identity.shared_by,
            records=known.spoken,
            delivered=RELATION.name in build.tables(),
            members=at(MEMBER) if known.file is not None else None,
        )
        build.create(RELATIONS, relations, reads=of_both)
    drop(engine, PLACED, BEST)


def _keep_members(build: Build, known: Known) -> None:
    """Keep for the next run which records customers of several are taken from."""
    engine, renewal = build.engine, known.renewal
    if known.file is None:
        return
    members = exp.select(f"{MEMBER}.*", "copied.* exclude (customer_ref)", dialect="duckdb")
    members = members.from_(golden_member().subquery(MEMBER)).join(
        copied().subquery("copied"), on=f"copied.customer_ref = {MEMBER}.customer_ref", join_type="left"
    )
    if renewal is None:
        engine.run(exp.Create(this=at(MEMBER), kind="TABLE", replace=True, expression=members))
        return
    renew_members(engine, renewal, members)
    widen(engine)
    show(engine, TOGETHER, exp.select("*").from_(at(MEMBER)))
