"""The base tables: deliveries landed and conformed, customers named, every fact kept in its versions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlglot import exp

from clientela.capture.arrive import Delivery, State, land
from clientela.capture.conform import Conformed, conform
from clientela.capture.deliveries import Deliveries
from clientela.capture.suppression.listed import suppressed
from clientela.capture.versions import base_table
from clientela.config import Settings
from clientela.contracts.delivered.people import CONSENT, CUSTOMER_RECORD
from clientela.contracts.delivered.sales import ORDER_LINE, PRODUCT
from clientela.contracts.schema import Contract, Kind
from clientela.contracts.tables import CONTRACTS
from clientela.errors import QualityGateError
from clientela.pipeline.costed import costed, says_costs
from clientela.pipeline.deliveries import deliveries, disjoint, is_of, utc
from clientela.pipeline.joining.golden import write_golden
from clientela.pipeline.joining.identify import Given, finish, identify
from clientela.pipeline.joining.linked import MEMBER, at
from clientela.pipeline.quality import notices, quarantine
from clientela.pipeline.quality.duplicates import write_order_records, write_record_fields
from clientela.pipeline.quality.notices import Notice
from clientela.pipeline.quality.quarantine import BatchKey, BatchState
from clientela.pipeline.quality.taken import Taken
from clientela.warehouse.build import Build
from clientela.warehouse.physical import all_columns, column, customer_column
from clientela.warehouse.store.landing import Landing


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What one source has brought to one table so far; days and moments as ISO text.

    ``repeated``: rows that say word for word what another of their key in the same delivery says, and are left out.
    """

    source: str
    table: str
    new_files: int
    rows: int
    quarantined: int
    newest_on: str | None
    arrived_at: str | None
    note: str = ""
    repeated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """Everything the sources delivered, conformed; ``notices`` say what had to stay out.

    ``states``: of each batch, whether its bad rows are open, held with it or mended.
    ``published``: the runs before this one that published; what came until a source's first of them is its first
    delivery, in however many attempts it was landed.
    """

    deliveries: tuple[Delivery, ...]
    conformed: tuple[Conformed, ...]
    notices: tuple[Notice, ...]
    states: Mapping[BatchKey, BatchState]
    published: frozenset[int] = frozenset()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What had to stay out, in English with its cause."""
        return tuple(dict.fromkeys(each.detail for each in self.notices))

    @property
    def taken(self) -> Taken:
        """What the quality is measured on."""
        return Taken(deliveries=self.deliveries, conformed=self.conformed, states=self.states)


def delivered(
    build: Build,
    settings: Settings,
    folder: Path,
    landing: Landing,
    secret: bytes,
    *,
    run: int,
    now: datetime,
    published: Collection[int],
    progress: Callable[[str], None],
) -> Delivered:
    """Land what is new and conform what is current; ``published`` are the runs that did so far."""
    progress("Looking for new files")
    erased = suppressed(landing, secret)
    deliveries = land(settings, folder, landing, run=run, now=now, suppressed=erased, progress=progress)
    conformed = conform(settings, folder, landing, build.engine, secret, progress=progress)
    states = quarantine.states(build.engine, conformed)
    return Delivered(
        deliveries=deliveries,
        conformed=conformed,
        notices=notices.of(Taken(deliveries=deliveries, conformed=conformed, states=states)),
        states=states,
        published=frozenset(published),
    )


def refuse_when_strict(found: Delivered, *, strict: bool) -> None:
    """With ``--strict`` nothing is published when a file had to stay out.

    Raises
    ------
    QualityGateError
        It names what stayed out.
    """
    if strict and found.warnings:
        raise QualityGateError("nothing was published (--strict): " + " ".join(found.warnings))


def publish_tables(
    build: Build,
    found: Delivered,
    needed: Collection[str],
    *,
    settings: Settings,
    landing: Landing,
    now: datetime,
    progress: Callable[[str], None],
) -> None:
    """Write who is who, every base table that was delivered or is ``needed`` (then empty), each customer once.

    Parameters
    ----------
    needed : tables that must be there even if nobody delivers them.
    """
    progress("Naming the customers")
    brought = {each.name: deliveries(each, found.conformed, found.published) for each in CONTRACTS.values()}
    known = identify(
        build,
        Given(
            conformed=found.conformed,
            sources=brought[CUSTOMER_RECORD.name],
            settings=settings,
            landing=landing,
            published=found.published,
            now=now,
            progress=progress,
            run=build.number,
        ),
    )
    for contract in CONTRACTS.values():
        sources = [disjoint(build.engine, contract, each) for each in brought[contract.name]]
        if not sources and contract.name not in needed:
            continue
        progress(f"Writing {contract.name}")
        if not sources:
            build.create_empty(contract.name, reads=[f"landing.{contract.name}"])
            continue
        versions = base_table(contract, sources)
        costs = [PRODUCT.name] if contract is ORDER_LINE and says_costs(brought[PRODUCT.name]) else []
        if contract is ORDER_LINE:
            versions = costed(versions, brought[PRODUCT.name])
        build.create(
            contract.name,
            named(contract, versions),
            reads=[f"landing.{name}" for name in dict.fromkeys((contract.name, *costs))],
            keys_proved=_keys_proved(contract, sources),
        )
    progress("Writing customer")
    write_golden(build, settings, brought[CONSENT.name], known)
    write_order_records(build, found.conformed)
    known.told["fields"] = write_record_fields(build, known.counted, at(MEMBER) if known.file is not None else None)
    finish(build, landing, known)
    quarantine.publish(build, build.workspace, found.conformed, found.states, run=build.number)


def named(contract: Contract, versions: exp.Select) -> exp.Select:
    """The versions of a base table with the customers' numbers in place of their pseudonyms, ordered by them."""
    persons = [each.name for each in contract.columns if each.person]
    query = exp.select().from_(versions.subquery("version"))
    numbers: dict[str, exp.Expr] = {}
    for person in persons:
        alias = f"identity_{person}"
        mapped = exp.column("customer_number", table=alias).eq(_of("version", person))
        query = query.join(_numbers().subquery(alias), on=mapped, join_type="left")
        numbers[customer_column(person)] = exp.column("customer_id", table=alias)
    columns = {name: numbers.get(name, _of("version", name)) for name in all_columns(contract)}
    for person in set(persons) & set(columns):  # the people file keeps the record's own pseudonym
        columns[person] = exp.column("customer_ref", table=f"identity_{person}")
    listed = [exp.alias_(each, name, quoted=True) for name, each in columns.items()]
    by_time = contract.kind is Kind.FACT
    order = [*list(numbers.values())[:1], _of("version", "happened_at" if by_time else "known_from")]
    return query.select(*listed).order_by(*(each.copy() for each in order))


def _numbers() -> exp.Select:
    """The customer of each pseudonym, by the pseudonym's number, as conformed rows name it."""
    number = exp.alias_(exp.Anonymous(this="id63", expressions=[exp.column("customer_ref")]), "customer_number")
    identity = exp.table_("identity", db="main", catalog="facts")
    return exp.select("customer_ref", "customer_id", number).from_(identity)


def days(build: Build, *, today: date) -> tuple[date | None, date | None]:
    """The first and the last day on which anything happened, of those not after today."""
    lowest: list[date] = []
    highest: list[date] = []
    for contract in CONTRACTS.values():
        if contract.kind is not Kind.FACT or contract.name not in build.tables():
            continue
        told = exp.select(
            exp.alias_(exp.Min(this=column("happened_on")), "first"),
            exp.alias_(exp.Max(this=column("happened_on")), "last"),
        ).from_(exp.table_(contract.name))
        row = build.engine.fetch(
            told.where(column("happened_on") <= exp.Placeholder(this="today")), {"today": today}
        ).to_pylist()[0]
        if row["first"] is not None:
            lowest.append(row["first"])
            highest.append(row["last"])
    return (min(lowest), max(highest)) if lowest else (None, None)


def loaded(found: Delivered) -> tuple[Loaded, ...]:
    """What each source has brought to each table."""
    keys = list(dict.fromkeys((each.source, each.table) for each in found.deliveries))
    return tuple(_loaded(found, source, table) for source, table in keys)


def lapse_days(build: Build, settings: Settings) -> int | None:
    """After how many days without a purchase a customer is lost: as set, else as measured, else unknown."""
    if settings.company.lapse_days is not None:
        return settings.company.lapse_days
    told = build.engine.fetch(exp.select("lapse_days").from_("lapse")).to_pylist()
    return int(told[0]["lapse_days"]) if told else None


def _keys_proved(contract: Contract, sources: Sequence[Deliveries]) -> bool:
    """Whether no key can stand twice: capture leaves one row of each in a batch, and no two batches share one."""
    if any(each.says_when or each.delivery == "full" for each in sources):
        return False
    apart = all(each.disjoint or each.one_batch for each in sources)
    return apart and ("source" in contract.key or len(sources) == 1)


def _loaded(found: Delivered, source: str, table: str) -> Loaded:
    brought = [each for each in found.conformed if is_of(each, source, table)]
    if brought and brought[0].section.source.delivery == "full":
        last = max(each.batch.run for each in brought)
        brought = [each for each in brought if each.batch.run == last]
    kept = [each for each in brought if not each.kept_out]
    files = [each for each in found.deliveries if (each.source, each.table) == (source, table)]
    newest = max((each.last_on for each in kept if each.last_on is not None), default=None)
    arrived = max((utc(each.batch.arrived_at) for each in kept), default=None)
    return Loaded(
        source=source,
        table=table,
        new_files=sum(each.state is State.LANDED for each in files),
        rows=sum(each.accepted for each in kept),
        quarantined=sum(each.quarantined for each in brought if found.taken.state(each) != quarantine.MENDED),
        newest_on=newest.isoformat() if newest else None,
        arrived_at=arrived.isoformat() if arrived else None,
        note=" ".join(each.note for each in files if each.note),
        repeated=sum(each.count.doubled for each in kept),
    )


def _of(table: str, name: str) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table=table)
