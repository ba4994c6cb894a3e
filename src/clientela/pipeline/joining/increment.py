"""What a run left of records and pairs, brought up to date: only what is new, changed or gone is looked at.

Of deliveries that only add to what was there the new files are read; else all are, and compared with what was kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache

import sqlglot
from sqlglot import exp

from clientela.capture.conform import Conformed
from clientela.capture.deliveries import Deliveries
from clientela.contracts.delivered.people import CUSTOMER_RECORD
from clientela.pipeline.deliveries import deliveries
from clientela.pipeline.joining import records
from clientela.pipeline.joining.compare import MOST_CHANGED, Comparison, compared, figures_as_before
from clientela.pipeline.joining.keys import KEY, drop, keys, work, write
from clientela.pipeline.joining.linked import LINKABLE, RECORD, Linked, at, hide, show
from clientela.pipeline.quality.duplicates import Counted, changed, known
from clientela.unify.linking import Figure, LinkModel, link, number
from clientela.unify.linking.customer import CUSTOMER
from clientela.unify.linking.fresh import MATE, RELINKED, Before
from clientela.unify.linking.scoring import SCORED_FIELD, SCORED_PAIR, TOLD, write_view
from clientela.unify.linking.sharing import CROWDED, NUMBER
from clientela.unify.standardise import FLAGS, Standardised, content, write_standard
from clientela.unify.standardise import LINKABLE as FORMS
from clientela.unify.standardise.persons import birth_date_sql
from clientela.unify.standardise.record import told
from clientela.warehouse.engine import MAIN, Engine
from clientela.warehouse.store.copies import beside

SAID = "said"  # of a record the hash of all that is said of it
CHANGED, GONE = "changed_record", "record_gone"
FORMED = "linkable_new"
_FORMED, _FORM_LEFT = "formed_before", "form_left"
_NEW, _KEYS, _LOST_ONES, _KEYS_GONE = "record_new", "key_new", "record_lost", "key_gone"

_KEY_DIFFERENT = """
create or replace table memory.main.key_new as
select now.*
from memory.main.customer_key as now
left join kept.main.customer_key as before on before.customer_ref = now.customer_ref
where before.customer_ref is null or before.first_run <> now.first_run
    or before.source <> now.source or before.record_id <> now.record_id
"""
# Of those who changed, the form they had; then those whose form is another now.
_FORMED_BEFORE = """
create or replace table memory.main.formed_before as
select customer_ref, content from kept.main.linkable
where customer_ref in (select customer_ref from memory.main.record_gone)
"""
_CHANGED = """
create or replace table memory.main.changed_record as
select now.customer_ref
from memory.main.linkable_new as now
left join memory.main.formed_before as before on before.customer_ref = now.customer_ref
where before.customer_ref is null or before.content <> now.content
"""
_LOST = """
create or replace table memory.main.record_lost as
select before.customer_ref from memory.main.formed_before as before
anti join memory.main.linkable_new as now on now.customer_ref = before.customer_ref
"""
_LEFT = """
create or replace table memory.main.form_left as
select {names} from kept.main.linkable
where customer_ref in (
    select before.customer_ref from memory.main.formed_before as before
    where before.customer_ref in (
        select customer_ref from memory.main.changed_record union all select customer_ref from memory.main.record_lost
    )
)
"""
_UNMATED = """
delete from kept.main.mate
where customer_ref in (select customer_ref from memory.main.unpaired)
    or value in (select now.value from memory.main.mate as now where now.about = mate.about)
"""
_UNPAIRED = """
delete from kept.main.{table}
where customer_ref_l in (select customer_ref from memory.main.unpaired)
    or customer_ref_r in (select customer_ref from memory.main.unpaired)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What an update found. ``pairs``: at most so many a search for all would compare."""

    figures: tuple[Figure, ...]
    pairs: int


def said(engine: Engine) -> exp.Select:
    """The rows of ``record``, each with the hash of all that it says."""
    rows = exp.select("*").from_(work(RECORD))
    columns = [exp.column(name, quoted=True) for name in sorted(engine.column_types(rows))]
    return rows.select(exp.alias_(exp.Anonymous(this="hash", expressions=columns), SAID))


@contextmanager
def numbered(file: Linked, model: LinkModel, conformed: Sequence[Conformed]) -> Iterator[None]:
    """Hash what the records said before, while those that came are read and put into form: much of that is planning.

    `update_pairs` then hashes only what came. Where nothing came, nothing is done.
    """
    if file.told["inputs"] == inputs(conformed):
        yield
        return
    rows = exp.select("rowid", *FORMS).from_(at(LINKABLE))
    hashing = beside(lambda: number(file.engine, model, rows))
    try:
        yield
    finally:
        failed = hashing.exception()  # when it has ended, whatever came of it
    if failed is not None:
        raise failed


def update_records(
    file: Linked,
    conformed: Sequence[Conformed],
    sources: Sequence[Deliveries],
    *,
    country: str | None,
    today: date,
    progress: Callable[[str], None],
) -> tuple[Standardised, int, Counted]:
    """Bring the keys, the records and their forms up to date; what was found of all, how many, what they know.

    The work tables ``key_new``, ``record_new``, ``record_gone``, ``changed_record`` tell what is another than before;
    ``customer_key``, ``record`` and ``linkable`` show all.
    """
    engine = file.engine
    new = _only_new(file, conformed)
    progress("Reading customer records")
    _write_said(file, conformed if new is None else new, sources, today, adds=new is not None)
    engine.run(exp.delete(at(KEY)).where(_is_among(_KEYS_GONE)))
    _add(engine, KEY, _KEYS)
    progress("Standardising customer records")
    if _count(engine, work(_NEW)):
        write_standard(engine, country=country, today=today, records=_NEW, into=FORMED)
    else:
        write(engine, FORMED, exp.select("*").from_(at(LINKABLE)).where(exp.false()))
    left = formed_before(engine)
    gone = known(engine, at(RECORD), at(LINKABLE), exp.select("customer_ref").from_(work(_FORMED))) if left else {}
    know = changed(file.told["fields"], gone, known(engine, work(_NEW), work(FORMED)))
    put_forms(engine, left=left)
    if left:
        engine.run(exp.delete(at(RECORD)).where(_is_among(_FORMED)))
    _add(engine, RECORD, _NEW)
    show(engine, RECORD, exp.select("*").from_(at(RECORD)))
    show(engine, KEY, exp.select("*").from_(at(KEY)))
    counted = exp.select(FLAGS, exp.alias_(exp.Count(this=exp.Star()), "rows")).from_(at(LINKABLE)).group_by(FLAGS)
    found = told([(row[FLAGS], row["rows"]) for row in engine.fetch(counted).to_pylist()])
    return found, found.rows, know


def formed_before(engine: Engine) -> bool:
    """Write ``formed_before``: of those in ``record_gone`` the form they had; whether any had one.

    Where none had, nobody has to look for their whole rows, which takes long also where there are none.
    """
    _run(engine, _FORMED_BEFORE)
    return _count(engine, work(_FORMED)) > 0


def put_forms(engine: Engine, *, left: bool) -> None:
    """Put ``linkable_new`` in place of what is kept of those in ``formed_before``, and show it all as ``linkable``.

    ``changed_record`` are those whose form is another now, ``record_lost`` those who have none any more.

    Parameters
    ----------
    left : what `formed_before` said
    """
    for statement in (_CHANGED, _LOST):
        _run(engine, statement)
    if left:
        _run(engine, _LEFT.format(names=", ".join(FORMS)))
        engine.run(exp.delete(at(LINKABLE)).where(_is_among(_FORMED)))
    else:
        write(engine, _FORM_LEFT, exp.select(*FORMS).from_(at(LINKABLE)).where(exp.false()))
    _add(engine, LINKABLE, FORMED)
    show(engine, LINKABLE, exp.select("rowid", *FORMS).from_(at(LINKABLE)))


def update_pairs(
    file: Linked, model: LinkModel, asked: Comparison, count: int, progress: Callable[[str], None]
) -> Looked | None:
    """Bring the pairs up to date, and show them as work tables; None where all records have to be compared anew."""
    progress("Comparing customer records")
    engine = file.engine
    changed, lost = _count(engine, work(CHANGED)), _count(engine, work(_LOST_ONES))
    pairs, most = int(file.told["pairs"]), asked.pairs_per_record * max(count, 1)
    if changed > MOST_CHANGED * count:
        return None
    if changed or lost:
        found = link(
            engine,
            model,
            ask_above=asked.ask_above,
            shared_by=asked.shared_by,
            pairs_per_record=asked.pairs_per_record,
            changed=exp.select("customer_ref").from_(work(CHANGED)),
            before=_before(),
            numbered=NUMBER in engine.tables(MAIN),
        ).figures
        pairs += compared(found)
        if pairs > most:  # then a rule may have to be left out, which depends on all records
            return None
        looked, taken = _count(engine, work(RELINKED)), _take_pairs(engine)
    else:
        show(engine, CROWDED, exp.select("*").from_(at(CROWDED)))
        found = figures_as_before(engine)
        hide(engine, CROWDED)
        write(engine, RELINKED, exp.select("customer_ref").from_(work(CHANGED)))
        looked, taken = 0, _count(engine, at(SCORED_PAIR))
    for name in (SCORED_PAIR, TOLD):
        show(engine, name, exp.select("*").from_(at(name)))
    write_view(engine, CUSTOMER, model)
    counted = (("records compared", looked), ("pairs taken over", taken))
    return Looked(figures=(*(Figure(figure=each, about="", value=n) for each, n in counted), *found), pairs=pairs)


def number_changed(engine: Engine) -> int:
    """How many records are new, say something else or are gone, after `update_records`."""
    return _count(engine, work(_NEW)) + _count(engine, work(_LOST_ONES))


def forget(engine: Engine) -> None:
    """Remove the work tables of an update."""
    hide(engine, KEY, RECORD, LINKABLE, SCORED_FIELD, SCORED_PAIR, TOLD, CROWDED, MATE)
    drop(
        engine,
        NUMBER,
        CHANGED,
        GONE,
        RELINKED,
        _NEW,
        FORMED,
        _KEYS,
        _LOST_ONES,
        _KEYS_GONE,
        _FORMED,
        _FORM_LEFT,
        "unpaired",
    )


def inputs(conformed: Sequence[Conformed]) -> list[list[object]]:
    """What was delivered, batch by batch, as far as it says who there is and what they say."""
    return [_input(each) for each in conformed]


def _input(each: Conformed) -> list[object]:
    source, batch = each.section.source, each.batch
    ways = [source.name, source.delivery, source.known, source.keys_of]
    files = [f"{path.parent.name}/{path.name}" if path is not None else None for path in (each.facts, each.refs)]
    return [batch.table, *ways, batch.sequence, batch.run, each.kept_out, *files]


def _only_new(file: Linked, conformed: Sequence[Conformed]) -> list[Conformed] | None:
    """The batches that came since, where all others stand as they did and what came goes before them; else None."""
    before = {tuple(each) for each in file.told["inputs"]}
    new = [each for each in conformed if tuple(_input(each)) not in before]
    old = [each for each in conformed if tuple(_input(each)) in before]
    if len(old) != len(before) or any(each.together for each in new):
        return None
    if old and any(
        each.batch.run <= max(one.batch.run for one in old)
        or each.batch.sequence <= max(one.batch.sequence for one in old)
        for each in new
    ):
        return None
    of_records = [each for each in conformed if each.batch.table == CUSTOMER_RECORD.name]
    told_by = deliveries(CUSTOMER_RECORD, of_records, ())
    plain = all(each.delivery != "full" and not each.says_when for each in told_by)
    return new if plain and not any(each.section.source.keys_of for each in of_records) else None


def _write_said(
    file: Linked, conformed: Sequence[Conformed], sources: Sequence[Deliveries], today: date, *, adds: bool
) -> None:
    """The work tables ``record_new`` and ``key_new`` of what is another than before; ``record_gone``: who went."""
    engine = file.engine
    write(engine, KEY, keys(conformed))
    if adds:  # whom an earlier run met keeps its number
        first = exp.func("coalesce", exp.column("first_run", "before"), exp.column("first_run", "now"))
        names = [exp.column(name, "now") for name in ("source", "record_id", "customer_ref")]
        rows = exp.select(*names, exp.alias_(first, "first_run")).from_(exp.alias_(work(KEY), "now", table=True))
        rows = rows.join(
            exp.alias_(at(KEY), "before", table=True), on="before.customer_ref = now.customer_ref", join_type="left"
        )
        write(engine, _KEYS, rows)
        write(engine, KEY, exp.select("*").from_(work(_KEYS)))
        sources = deliveries(CUSTOMER_RECORD, conformed, ())
    records.write_record(engine, conformed, sources, today=today)
    if adds:
        _add_of_age(file, today)
    _run(engine, _KEY_DIFFERENT)
    before = exp.alias_(at(RECORD), "before", table=True)
    rows = exp.select("now.*").from_(said(engine).subquery("now"))
    rows = rows.join(before, on="before.customer_ref = now.customer_ref", join_type="left")
    write(engine, _NEW, rows.where("before.customer_ref is null or before.said <> now.said"))
    gone: exp.Query = exp.select("customer_ref").from_(work(_NEW))
    if not adds:
        gone = exp.union(gone, _missing(RECORD), distinct=False)
    write(engine, GONE, gone)
    lost: exp.Query = exp.select("customer_ref").from_(work(_KEYS))
    if not adds:
        lost = exp.union(lost, _missing(KEY), distinct=False)
    write(engine, _KEYS_GONE, lost)


def _missing(name: str) -> exp.Select:
    """Who was there before and is not any more."""
    there = exp.alias_(work(name), "there", table=True)
    rows = exp.select("before.customer_ref").from_(exp.alias_(at(name), "before", table=True))
    return rows.join(there, on="there.customer_ref = before.customer_ref", join_type="anti")


def _add_of_age(file: Linked, today: date) -> None:
    """Add to ``record`` whose day of birth is believed today and was not when it was kept, or the other way round."""
    then = date.fromisoformat(str(file.told["today"]))
    if then == today:
        return
    there = exp.column("customer_ref").isin(query=exp.select("customer_ref").from_(work(RECORD)))
    turned = exp.NullSafeNEQ(this=birth_date_sql(today), expression=birth_date_sql(then))
    names = [name for name in file.engine.column_types(exp.select("*").from_(work(RECORD))) if name != "content"]
    columns = [exp.column(name, quoted=True) for name in names]
    rows = exp.select(*columns, exp.alias_(content(today), "content")).from_(at(RECORD))
    rows = rows.where(exp.column("birth_date").is_(exp.null()).not_(), turned, exp.not_(there))
    listed = [exp.to_identifier(name, quoted=True) for name in (*names, "content")]
    target = exp.Schema(this=work(RECORD), expressions=listed)
    file.engine.run(exp.Insert(this=target, expression=rows))


def _before() -> Before:
    return Before(
        crowded=exp.select("about", "value").from_(at(CROWDED)),
        mates=exp.select("about", "value", "customer_ref").from_(at(MATE)),
        forms=exp.select(*FORMS).from_(work(_FORM_LEFT)),
    )


def _take_pairs(engine: Engine) -> int:
    """Put the pairs that were looked at among those that stay; how many stay."""
    gone = exp.select("customer_ref").from_(work(_LOST_ONES))
    write(engine, "unpaired", exp.union(exp.select("customer_ref").from_(work(RELINKED)), gone, distinct=True))
    for table in (SCORED_PAIR, TOLD):
        _run(engine, _UNPAIRED.format(table=table))
    taken = _count(engine, at(SCORED_PAIR))
    looked = exp.select("customer_ref").from_(work(RELINKED))
    both = exp.and_(*(exp.column(f"customer_ref_{end}").isin(query=looked.copy()).not_() for end in "lr"))
    for table in (SCORED_PAIR, TOLD):
        engine.run(exp.delete(work(table)).where(both.copy()))  # said in passing, without all that they share
        _add(engine, table, table)
    _run(engine, _UNMATED)
    engine.run(exp.delete(at(CROWDED)))
    for table in (CROWDED, MATE):
        _add(engine, table, table)
    hide(engine, SCORED_FIELD, SCORED_PAIR, TOLD, CROWDED, MATE)
    return taken


def _is_among(name: str) -> exp.Expr:
    return exp.column("customer_ref").isin(query=exp.select("customer_ref").from_(work(name)))


def _add(engine: Engine, name: str, made: str) -> None:
    names = list(engine.column_types(exp.select("*").from_(at(name))))
    columns = [exp.column(each, quoted=True) for each in names]
    target = exp.Schema(this=at(name), expressions=[each.this for each in columns])
    engine.run(exp.Insert(this=target, expression=exp.select(*columns).from_(work(made))))


def _count(engine: Engine, place: exp.Table) -> int:
    counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(place)
    return int(engine.fetch(counted)["n"][0].as_py())


def _run(engine: Engine, sql: str) -> None:
    engine.run(_tree(sql))


@cache
def _tree(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, dialect="duckdb")
