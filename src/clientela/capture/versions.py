"""Versions: how the deliveries of a source become facts that know when they were true and when they were known.

A row is current until the next delivery of its *group* replaces it: its own key where the source
names it (``append``, ``upsert``), the whole order where lines have no number (``upsert``), everything
the source has (``full``). The later row is known from the moment the contract says (contracts.md,
"How facts are kept"); what was replaced at the very moment it became known was never known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlglot import exp

from clientela.capture.deliveries import ARRIVED, HAPPENED, RUN, SEQUENCE, Deliveries, Rows
from clientela.contracts.schema import Contract, Kind, Type
from clientela.warehouse.engine import read_parquet
from clientela.warehouse.physical import ENGINE_TYPES, column, day_of

ALWAYS = datetime(1900, 1, 1)  # noqa: DTZ001 - naive UTC, as all moments in the tables


def base_table(contract: Contract, sources: Sequence[Deliveries]) -> exp.Select:
    """The versions of a base table from the conformed batches of its sources.

    Columns: ``source``, the contract's columns (each ``x_at`` with its ``x_on``), ``happened_at`` and
    ``happened_on`` for a fact, ``known_from``, ``known_until``, ``known_assumed``. Persons are still
    named by the number of their pseudonym (its first 60 bits).
    """
    parts = [_versions(contract, each) for each in sources if each.rows]
    if not parts:
        return _empty(contract)
    if len(parts) == 1:
        return parts[0]
    listed = [column(name) for name in columns(contract)]
    if "source" in contract.key:
        return exp.select(*listed).from_(union(parts).subquery("version"))
    return _merged(contract, union(parts))


def current_rows(contract: Contract, sources: Sequence[Deliveries]) -> exp.Select:
    """What holds now: the rows of `base_table` that nothing replaced, without the moments at which they were known.

    To find the newest row of a key costs a fraction of telling since when each version of it was known.
    """
    names = [name for name in columns(contract) if not name.startswith("known_")]
    own = "source" in contract.key and "line_no" not in contract.key
    parts = [_current(contract, each) for each in sources if each.rows] if own else [_still_known(contract, sources)]
    listed = [exp.select(*map(column, names)).from_(each.subquery("current")) for each in parts or [_empty(contract)]]
    return exp.select(*map(column, names)).from_(union(listed).subquery("current"))


def _current(contract: Contract, source: Deliveries) -> exp.Select:
    if source.says_when:
        return _still_known(contract, [source])
    if source.delivery == "full":
        held = source.wholes[-1].sequences if source.wholes else ()
        rows = tuple(replace(each, sequence=held.index(each.sequence)) for each in source.rows if each.sequence in held)
        if not rows:
            return _still_known(contract, [source])
        return _state(contract, replace(source, delivery="upsert", rows=rows), 1, ranked=False)
    if source.one_batch or source.disjoint:
        return _lines(contract, source)
    key = [name for name in contract.key if name != "source"]
    number = exp.alias_(exp.Max(this=column("_sequence")), "_newest")
    each_key = exp.select(*map(column, key), column("_sequence")).from_(_lines(contract, source).subquery("line"))
    often = exp.select(*map(column, key), number).from_(each_key.subquery("each")).group_by(*map(column, key))
    often = often.having(exp.Count(this=exp.Star()) > 1)
    same = exp.and_(*(_of(name, "line").eq(_of(name, "often")) for name in key))
    newest = exp.or_(_of("_newest", "often").is_(exp.null()), _of("_newest", "often").eq(_of("_sequence", "line")))
    rows_of = exp.select("line.*").from_(_lines(contract, source).subquery("line"))
    return rows_of.join(often.subquery("often"), on=same, join_type="left").where(newest)


def _still_known(contract: Contract, sources: Sequence[Deliveries]) -> exp.Select:
    versions = base_table(contract, sources).subquery("version")
    return exp.select("*").from_(versions).where(column("known_until").is_(exp.null()))


def _merged(contract: Contract, versions: exp.Query) -> exp.Select:
    """Several systems describe the same thing: what any of them said last holds, at one moment the later name."""
    key = _key(contract)
    latest = exp.Window(
        this=exp.RowNumber(),
        partition_by=[*map(column, key), column("known_from")],
        order=_order(("source",), desc=True),
    )
    names = list(columns(contract))
    placed = exp.select(*map(column, names), exp.alias_(latest, "_place")).from_(versions.subquery("version"))
    kept = exp.select(*map(column, names)).from_(placed.subquery("placed")).where(column("_place").eq(1))
    following = exp.Window(
        this=exp.Lead(this=column("known_from")), partition_by=[*map(column, key)], order=_order(("known_from",))
    )
    until = exp.Least(this=column("known_until"), expressions=[following], ignore_nulls=True)
    listed = [exp.alias_(until, name) if name == "known_until" else column(name) for name in names]
    return exp.select(*listed).from_(kept.subquery("kept"))


def _empty(contract: Contract) -> exp.Select:
    nothing = (exp.alias_(_null(kind), name, quoted=True) for name, kind in columns(contract).items())
    return exp.select(*nothing).where(exp.false())


def columns(contract: Contract) -> dict[str, str]:
    """The columns of a versioned table before its customers are known, with their engine types."""
    return {
        **_content(contract),
        **({"happened_at": "timestamp", "happened_on": "date"} if contract.kind is Kind.FACT else {}),
        "known_from": "timestamp",
        "known_until": "timestamp",
        "known_assumed": "boolean",
    }


def _content(contract: Contract) -> dict[str, str]:
    """What a delivery says: the source, every column but the event's, each instant with its day."""
    found = {"source": "varchar"}
    for each in contract.columns:
        if each.name == contract.event_time:
            continue
        found[each.name] = ENGINE_TYPES[Type.INT if each.person else each.type]
        if each.type is Type.INSTANT:
            found[day_of(each.name)] = "date"
    return found


def _versions(contract: Contract, source: Deliveries) -> exp.Select:
    ranked = "line_no" in contract.key and not source.numbered
    if source.delivery == "full":
        return _full(contract, source, ranked=ranked)
    line = _lines(contract, source)
    if source.delivery == "append" and ranked:
        return _shown(contract, _ranked(contract, line, ("order_id",)), until=_null("timestamp"))
    if ranked:
        return _whole_orders(contract, source, line)
    return _by_key(contract, source, line)


def _lines(contract: Contract, source: Deliveries) -> exp.Select:
    """All rows of all batches, each with its place in the arrivals and the moment it was known."""
    parts = [_batch(contract, source, rows) for rows in (_together(source) if source.disjoint else source.rows)]
    return parts[0] if len(parts) == 1 else exp.select("*").from_(union(parts).subquery("batch"))


def _batch(contract: Contract, source: Deliveries, rows: Rows) -> exp.Select:
    listed = [
        column(name) if name in rows.columns else exp.alias_(_null(kind), name, quoted=True)
        for name, kind in _content(contract).items()
    ]
    known, told, assumed = _known(contract, source, rows)
    happened = _happened(contract)
    return exp.select(
        *listed,
        *happened,
        exp.alias_(known, "known_from"),
        exp.alias_(assumed, "known_assumed"),
        exp.alias_(told, "_told"),
        exp.alias_(sequence_of(rows), "_sequence"),
        column("_line"),
    ).from_(read_parquet(rows.files))


def sequence_of(rows: Rows) -> exp.Expr:
    """The place of a row among the arrivals."""
    return column(SEQUENCE) if rows.together else exp.Literal.number(rows.sequence)


def _together(source: Deliveries) -> list[Rows]:
    """Batches between which nothing has to be told apart, read in one go: a scan for each costs memory."""
    alike: dict[tuple[frozenset[str], int, datetime], list[Rows]] = {}
    for rows in source.rows:
        if not rows.together:
            alike.setdefault((rows.columns, rows.run, rows.arrived_at), []).append(rows)
    joined = [replace(first, more=tuple(each.file for each in others)) for first, *others in alike.values()]
    return [*(rows for rows in source.rows if rows.together), *joined]


def _happened(contract: Contract) -> list[exp.Expr]:
    if contract.kind is not Kind.FACT or contract.event_time is None:
        return []
    event = contract.column(contract.event_time)
    if event.type is Type.INSTANT:
        return [
            exp.alias_(column(event.name), "happened_at"),
            exp.alias_(column(day_of(event.name)), "happened_on"),
        ]
    return [
        exp.alias_(exp.cast(column(event.name), "timestamp"), "happened_at"),
        exp.alias_(column(event.name), "happened_on"),
    ]


def _known(contract: Contract, source: Deliveries, rows: Rows) -> tuple[exp.Expr, exp.Expr, exp.Expr]:
    """Since when a row of the batch was known, since when it replaces an older one, whether that is assumed."""
    if not rows.together:
        return _known_of(contract, source, _moment(rows.arrived_at), first=rows.run <= source.first_run)
    early, late = (_known_of(contract, source, column(ARRIVED), first=first) for first in (True, False))
    first = exp.LTE(this=column(RUN), expression=exp.Literal.number(source.first_run))
    known, told, assumed = (
        one if one == other else exp.Case(ifs=[exp.If(this=first.copy(), true=one)], default=other)
        for one, other in zip(early, late, strict=True)
    )
    return known, told, assumed


def _known_of(
    contract: Contract, source: Deliveries, arrived: exp.Expr, *, first: bool
) -> tuple[exp.Expr, exp.Expr, exp.Expr]:
    """The same for what came with the source's ``first`` delivery, or after it.

    What is known as it happens corrects the past itself: what it replaces was never known.
    """
    certain = exp.Boolean(this=False)
    if contract.kind is not Kind.FACT:
        known = _moment(ALWAYS) if first else arrived.copy()
        return known, known.copy(), certain
    if source.known == HAPPENED or (source.known is None and first):
        event = _happened(contract)[0].this
        known = exp.Least(this=event.copy(), expressions=[arrived.copy()])
        return known, _moment(ALWAYS), exp.Boolean(this=source.known is None)
    if not source.says_when:
        return arrived.copy(), arrived.copy(), certain
    said = exp.Least(this=exp.func("coalesce", column("_known"), arrived.copy()), expressions=[arrived.copy()])
    return said, said.copy(), certain


def _ranked(contract: Contract, line: exp.Select, within: Sequence[str]) -> exp.Select:
    """Lines without a number get their rank by content: never by their place in a file."""
    content = [name for name in (*_content(contract), "happened_at") if name not in ("line_no", "source", *within)]
    rank = exp.Window(
        this=exp.RowNumber(),
        partition_by=[column(name) for name in ("source", *within)],
        order=_order(content),
    )
    numbered = exp.alias_(exp.cast(rank, "varchar"), "line_no")
    kept = [column(name) for name in _carried(contract) if name != "line_no"]
    return exp.select(*kept, numbered).from_(line.subquery("line"))


def _by_key(contract: Contract, source: Deliveries, line: exp.Select) -> exp.Select:
    """Each key on its own: a row holds until a later arrival replaces it."""
    if not source.says_when and (source.one_batch or source.disjoint):
        return _shown(contract, line, until=_null("timestamp"))
    key = _key(contract)
    if source.says_when:
        return _newest_known(contract, key, line)
    until = exp.alias_(_replaced(key, ("_sequence", "_line")), "_until")
    followed = exp.select(*map(column, _carried(contract)), until).from_(line.subquery("line"))
    return _shown(contract, followed, until=column("_until"), where=_was_known())


def _newest_known(contract: Contract, key: Sequence[str], line: exp.Select) -> exp.Select:
    """The source says when it knew: the newest known holds, and of one moment the latest arrival."""
    latest = exp.Window(
        this=exp.RowNumber(),
        partition_by=[*map(column, key), column("known_from")],
        order=_order(("_sequence", "_line"), desc=True),
    )
    newest = exp.select(*map(column, _carried(contract)), exp.alias_(latest, "_place")).from_(line.subquery("line"))
    kept = exp.select(*map(column, _carried(contract))).from_(newest.subquery("placed")).where(column("_place").eq(1))
    following = exp.Window(
        this=exp.Lead(this=column("known_from")), partition_by=[*map(column, key)], order=_order(("known_from",))
    )
    return _shown(contract, kept, until=following)


def _whole_orders(contract: Contract, source: Deliveries, line: exp.Select) -> exp.Select:
    """Orders whose lines have no number: a later delivery replaces the whole order.

    Where the source says when it knew, an order is known as a whole since the newest of its lines; the newest holds.
    """
    ranked = _ranked(contract, line, ("order_id", "_sequence"))
    if not source.says_when and (source.one_batch or source.disjoint):
        return _shown(contract, ranked, until=_null("timestamp"))
    order = ("source", "order_id")
    told = exp.alias_(exp.Min(this=column("_told")), "_told")
    since = exp.alias_(exp.Max(this=column("known_from")), "_since")
    once = (
        exp.select(*map(column, order), column("_sequence"), told, since)
        .from_(line.copy().subquery("line"))
        .group_by(*map(column, order), column("_sequence"))
    )
    until: exp.Expr = _replaced(order, ("_sequence",))
    if source.says_when:
        latest = exp.Window(
            this=exp.RowNumber(),
            partition_by=[*map(column, order), column("_since")],
            order=_order(("_sequence",), desc=True),
        )
        placed = exp.select("*", exp.alias_(latest, "_place")).from_(once.subquery("told"))
        once = exp.select("*").from_(placed.subquery("placed")).where(column("_place").eq(1))
        until = exp.Window(
            this=exp.Lead(this=column("_since")), partition_by=[*map(column, order)], order=_order(("_since",))
        )
    followed = exp.select(
        *map(column, order), column("_sequence"), column("_since"), exp.alias_(until, "_until")
    ).from_(once.subquery("delivered"))
    known = _of("_since", "followed") if source.says_when else _of("known_from", "ranked")
    carried = [_of(name, "ranked") for name in _carried(contract) if name != "known_from"]
    joined = (
        exp.select(*carried, exp.alias_(known, "known_from"), _of("_until", "followed"))
        .from_(ranked.subquery("ranked"))
        .join(
            followed.subquery("followed"),
            on=exp.and_(*(_of(name, "ranked").eq(_of(name, "followed")) for name in (*order, "_sequence"))),
        )
    )
    return _shown(contract, joined, until=column("_until"), where=_was_known())


def _replaced(within: Sequence[str], order: Sequence[str], by: str = "_told") -> exp.Window:
    """When the first of the later arrivals replaced a row; null while none has."""
    return exp.Window(
        this=exp.Min(this=column(by)),
        partition_by=[column(name) for name in within],
        order=_order(order),
        spec=exp.WindowSpec(
            kind="ROWS", start=exp.Literal.number(1), start_side="FOLLOWING", end="UNBOUNDED", end_side="FOLLOWING"
        ),
    )


def _was_known() -> exp.Expr:
    """What was replaced at the very moment it became known, or before, was never known."""
    return exp.or_(column("_until").is_(exp.null()), column("_until") > column("known_from"))


def _order(names: Sequence[str], *, desc: bool = False) -> exp.Order:
    return exp.Order(expressions=[exp.Ordered(this=column(name), desc=desc, nulls_first=False) for name in names])


def _full(contract: Contract, source: Deliveries, *, ranked: bool) -> exp.Select:
    """Each run delivers everything: what is missing was deleted, what is the same stays the same version."""
    by_sequence = {rows.sequence: rows for rows in source.rows}
    states = []
    for number, whole in enumerate(source.wholes, start=1):
        held = tuple(by_sequence[sequence] for sequence in whole.sequences if sequence in by_sequence)
        # what an older delivery held is known since the delivery that first brought it, not since its file landed;
        # and of two of its files the later name holds, whichever of them landed first
        rows = tuple(
            replace(each, sequence=place, run=whole.run, arrived_at=whole.arrived_at)
            for place, each in enumerate(held, start=1)
        )
        if rows:
            states.append(_state(contract, replace(source, delivery="upsert", rows=rows), number, ranked=ranked))
    if not states:
        return _empty(contract)
    if len(states) == 1:
        return _shown(contract, states[0], until=_null("timestamp"))
    return _islands(contract, source, exp.select("*").from_(union(states).subquery("state")))


def _state(contract: Contract, state: Deliveries, number: int, *, ranked: bool) -> exp.Select:
    """The rows of one full delivery: each key once, the latest arrival holds."""
    line = _lines(contract, state)
    rows = _ranked(contract, line, ("order_id",)) if ranked else line
    numbered = exp.alias_(exp.Literal.number(number), "_manifest")
    if state.one_batch:
        return exp.select(*map(column, _carried(contract)), numbered).from_(rows.subquery("line"))
    latest = exp.Window(
        this=exp.RowNumber(),
        partition_by=[column(name) for name in _key(contract)],
        order=_order(("_sequence", "_line"), desc=True),
    )
    carried = [column(name) for name in _carried(contract)]
    placed = exp.select(*carried, exp.alias_(latest, "_place")).from_(rows.subquery("line"))
    return (
        exp.select(*[each.copy() for each in carried], numbered)
        .from_(placed.subquery("placed"))
        .where(column("_place").eq(1))
    )


def _islands(contract: Contract, source: Deliveries, rows: exp.Select) -> exp.Select:
    """Runs of equal rows in consecutive deliveries become one version."""
    key = _key(contract)
    said = [name for name in (*_content(contract), *_events(contract)) if name not in key]

    def along(value: exp.Expr, *more: str) -> exp.Window:
        within = [*map(column, key), *map(column, more)]
        return exp.Window(this=value, partition_by=within, order=_order(("_manifest",)))

    def before(name: str) -> exp.Window:
        return along(exp.Lag(this=column(name)))

    same = exp.and_(
        exp.EQ(this=before("_manifest"), expression=column("_manifest") - 1),
        *(exp.NullSafeEQ(this=column(name), expression=before(name)) for name in said),
    )
    carried = [column(name) for name in (*_carried(contract), "_manifest")]
    is_new = exp.Case(ifs=[exp.If(this=same, true=exp.Literal.number(0))], default=exp.Literal.number(1))
    marked = exp.select(*carried, exp.alias_(is_new, "_new")).from_(rows.subquery("state"))
    island = exp.alias_(along(exp.Sum(this=column("_new"))), "_island")
    numbered = exp.select(*[each.copy() for each in carried], island).from_(marked.subquery("marked"))
    last = exp.Window(this=exp.Max(this=column("_manifest")), partition_by=[*map(column, key), column("_island")])
    placed = exp.select(
        *[each.copy() for each in carried],
        exp.alias_(last, "_last"),
        exp.alias_(along(exp.RowNumber(), "_island"), "_place"),
    ).from_(numbered.subquery("numbered"))
    whole = exp.select("*").from_(placed.subquery("placed")).where(column("_place").eq(1))
    if source.says_when:
        versions = _as_said(contract, source, whole)
    else:
        until = exp.alias_(_after(contract, source), "_until")
        versions = exp.select(*map(column, _carried(contract)), until).from_(whole.subquery("whole"))
    return _shown(contract, versions, until=column("_until"), where=_was_known())


def _as_said(contract: Contract, source: Deliveries, islands: exp.Select) -> exp.Select:
    """The source says when it knew: what a later delivery says holds since then, what was gone since it is back."""
    key = _key(contract)
    listed = [column(name) for name in _carried(contract) if name != "known_from"]

    def neighbour(value: exp.Expr) -> exp.Window:
        return exp.Window(this=value, partition_by=[*map(column, key)], order=_order(("_manifest",)))

    before, after = neighbour(exp.Lag(this=column("_last"))), neighbour(exp.Lead(this=column("_manifest")))
    neighbours = exp.select("*", exp.alias_(before, "_before"), exp.alias_(after, "_next")).from_(
        islands.subquery("whole")
    )
    gone = exp.Case(
        ifs=[exp.If(this=column("_before") < column("_manifest") - 1, true=_after(contract, source, "_before"))]
    )
    taken = exp.Case(
        ifs=[exp.If(this=column("_next").eq(column("_last") + 1), true=_null("timestamp"))],
        default=_after(contract, source),
    )
    back = exp.Greatest(this=column("known_from"), expressions=[exp.func("coalesce", gone, column("known_from"))])
    told = exp.select(*listed, column("_manifest"), exp.alias_(back, "known_from"), exp.alias_(taken, "_taken")).from_(
        neighbours.subquery("whole")
    )
    said = _replaced(key, ("_manifest",), by="known_from")
    until = exp.alias_(exp.Least(this=column("_taken"), expressions=[said], ignore_nulls=True), "_until")
    return exp.select(*map(column, _carried(contract)), until).from_(told.subquery("told"))


def _after(contract: Contract, source: Deliveries, last: str = "_last") -> exp.Expr:
    """When the delivery after ``last`` took a row away; null for the newest.

    What is known as it happens corrects the past itself; so does a first delivery that came in several attempts.
    """
    ifs = []
    for number, whole in enumerate(source.wholes[1:], start=1):
        assumed = source.known is None or contract.kind is not Kind.FACT
        of_the_first = assumed and whole.run <= source.first_run
        at = ALWAYS if source.known == HAPPENED or of_the_first else whole.arrived_at
        ifs.append(exp.If(this=column(last).eq(number), true=_moment(at)))
    return exp.Case(ifs=ifs, default=_null("timestamp"))


def _shown(contract: Contract, rows: exp.Select, *, until: exp.Expr, where: exp.Expr | None = None) -> exp.Select:
    listed = [column(name) for name in columns(contract) if name != "known_until"]
    query = exp.select(*listed, exp.alias_(until, "known_until")).from_(rows.subquery("version"))
    if where is not None:
        query = query.where(where)
    return exp.select(*(column(name) for name in columns(contract))).from_(query.subquery("shown"))


def _carried(contract: Contract) -> tuple[str, ...]:
    return (*_content(contract), *_events(contract), "known_from", "known_assumed", "_told", "_sequence", "_line")


def _events(contract: Contract) -> tuple[str, ...]:
    return ("happened_at", "happened_on") if contract.kind is Kind.FACT else ()


def _key(contract: Contract) -> tuple[str, ...]:
    return tuple("happened_at" if name == contract.event_time else name for name in contract.key)


def union(parts: Sequence[exp.Query]) -> exp.Query:
    """The rows of all parts."""
    rows = parts[0]
    for part in parts[1:]:
        rows = exp.union(rows, part, distinct=False, copy=False)  # copied each time it would cost their square
    return rows


def _of(name: str, table: str) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table=table)


def _moment(at: datetime) -> exp.Expr:
    return exp.cast(exp.Literal.string(at.isoformat(sep=" ")), "timestamp")


def _null(kind: str) -> exp.Expr:
    return exp.cast(exp.null(), kind)
