"""Each customer once: the golden record, what they may be contacted for, and whom they belong to."""

from __future__ import annotations

from collections.abc import Sequence

from clientela.capture.deliveries import Deliveries
from clientela.capture.versions import base_table
from clientela.config import Settings
from clientela.contracts.delivered.people import CONSENT, RELATION
from clientela.pipeline.joining.keys import drop
from clientela.unify.golden.consent import customer_consent
from clientela.unify.golden.customer import customer
from clientela.unify.golden.fields import Survivorship
from clientela.unify.golden.lineage import customer_lineage
from clientela.unify.golden.members import TOGETHER, said, write_together
from clientela.unify.golden.relation import customer_relation
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


def write_golden(build: Build, settings: Settings, consents: Sequence[Deliveries], *, spoken: bool) -> None:
    """Write ``customer`` and what follows from it; the base tables are there.

    Parameters
    ----------
    spoken : whether any record says anything; then the work tables ``record`` and ``linkable`` are there.
    """
    rules = survivorship(settings)
    related = RELATION.name in build.tables()
    write_together(build.engine)
    fields = said(build.engine) if spoken else ()
    if spoken:
        write_placed(build.engine, rules, fields)
    build.create("customer", customer(fields, records=spoken), reads=("identity", "customer_record"))
    build.create(
        "customer_lineage", customer_lineage(rules, fields, records=spoken), reads=("identity", "customer_record")
    )
    build.create("customer_consent", customer_consent(base_table(CONSENT, consents)), reads=("identity", "consent"))
    build.create(
        "customer_relation",
        customer_relation(shared_by=settings.identity.shared_by, records=spoken, delivered=related),
        reads=("identity", "relation", "customer_record"),
    )
    drop(build.engine, TOGETHER, PLACED, BEST)
