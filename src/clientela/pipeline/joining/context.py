"""The version of a record as the search sees it: what it says, and what depends on how many others share its values.

A value that too many records share names nobody, so one record more can undo the pairs of fifty that nobody
touched; a rule that is unsure looks at all who share a value. Where the version of two records is the same as it was,
so is what a comparison of the two says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from sqlglot import exp

from clientela.pipeline.joining.keys import drop, work, write
from clientela.unify.linking.comparing import Comparing
from clientela.unify.linking.customer import CUSTOMER
from clientela.unify.linking.work import RECORD, all_known, drop_records, value, write_records
from clientela.warehouse.engine import Engine

VERSION = "record_version"
_SEEN, _CROWDED = "record_seen", "crowded_{}"


def write_versions(
    engine: Engine, *, shared_by: int, wide: Collection[str] = (), comparing: Comparing = CUSTOMER
) -> int:
    """Write the work table ``record_version`` (customer_ref, content) from ``linkable``.

    Returns how many pairs the search may come to compare; those that several values bring together count several
    times.

    Parameters
    ----------
    wide : the wide blocking rules that are used, as the model says.
    """
    blocks = tuple(each for each in comparing.blocks if not each.wide or each.name in wide)
    comparing = replace(comparing, blocks=blocks)
    hubs = write_records(engine, comparing, shared_by)
    pairs, crowded = 0, []
    for number, keys in enumerate(_searched(comparing)):
        shared, many = _write_crowded(engine, _CROWDED.format(number), keys, shared_by)
        pairs += shared if number < len(blocks) else 0
        if many:
            crowded.append((number, keys))
    cleared = sorted({name for each in comparing.identifiers if hubs[each.name] for name in each.clears})
    _write_seen(engine, comparing, crowded, cleared, shared_by)
    _write_versions(engine, comparing)
    drop_records(engine, comparing)
    drop(engine, _SEEN, *(_CROWDED.format(number) for number, _ in crowded))
    return pairs


def _searched(comparing: Comparing) -> Iterator[tuple[exp.Expr, ...]]:
    """The values by which records are brought together: of each block, then of each rule."""
    within = [exp.column(comparing.within)] if comparing.within else []
    for block in comparing.blocks:
        yield (*within, *block.keys)
    for rule in comparing.rules:
        yield _group(rule.group)


def _unsure(comparing: Comparing) -> list[tuple[exp.Expr, ...]]:
    """The values by which rules bring records together that look at all who share them."""
    return [_group(each.group) for each in comparing.rules if each.unsure != exp.false()]


def _group(names: Sequence[str]) -> tuple[exp.Expr, ...]:
    return tuple(exp.column(name) for name in names)


def _write_crowded(engine: Engine, name: str, keys: Sequence[exp.Expr], shared_by: int) -> tuple[int, bool]:
    """The pairs of records that share a value few share, and whether too many share one: then those are written."""
    each = exp.select(exp.alias_(value(*keys), "value")).from_(work(RECORD)).where(all_known(*keys))
    counted = exp.select("value", exp.alias_(exp.Count(this=exp.Star()), "records")).from_(each.subquery("each"))
    counted = counted.group_by("value").having(exp.Count(this=exp.Star()) > 1)
    many = exp.column("records") > shared_by
    half = exp.IntDiv(
        this=exp.Paren(this=exp.column("records") * exp.Paren(this=exp.column("records") - 1)),
        expression=exp.Literal.number(2),
    )
    told = exp.select(
        exp.alias_(exp.Filter(this=exp.Sum(this=half), expression=exp.Where(this=exp.not_(many))), "pairs"),
        exp.alias_(exp.CountIf(this=many.copy()), "crowded"),
    ).from_(counted.subquery("shared"))
    row = engine.fetch(told).to_pylist()[0]
    if row["crowded"]:
        write(engine, name, counted)
    return int(row["pairs"] or 0), bool(row["crowded"])


def _write_seen(
    engine: Engine,
    comparing: Comparing,
    crowded: Sequence[tuple[int, Sequence[exp.Expr]]],
    cleared: Sequence[str],
    shared_by: int,
) -> None:
    """Write of each record what it says once values that name nobody are cleared, and which are crowded."""
    marks = []
    for number, keys in crowded:
        many = exp.select("value").from_(work(_CROWDED.format(number))).where(exp.column("records") > shared_by)
        marks.append(exp.If(this=value(*_seen(keys)).isin(query=many), true=exp.Literal.string(str(number))))
    flags: list[exp.Expr] = [exp.Case(ifs=[each]) for each in marks]
    flags += [
        exp.Case(ifs=[exp.If(this=exp.column(name, "seen").is_(exp.null()), true=exp.Literal.string(name))])
        for name in cleared
    ]
    said = _joined(exp.column("content", "said"), *flags)
    groups = [
        exp.alias_(exp.Case(ifs=[exp.If(this=all_known(*_seen(keys)), true=value(*_seen(keys)))]), f"group_{number}")
        for number, keys in enumerate(_unsure(comparing))
    ]
    same = exp.column("ref", "seen").eq(exp.column(comparing.key, "said"))
    query = exp.select(exp.column(comparing.key, "said"), exp.alias_(said, "said"), *groups)
    query = query.from_(exp.alias_(work(comparing.table), "said", table=True))
    write(engine, _SEEN, query.join(exp.alias_(work(RECORD), "seen", table=True), on=same))


def _write_versions(engine: Engine, comparing: Comparing) -> None:
    """Write the versions: what was seen of the record, and of all who share the value of an unsure rule."""
    query = exp.select(exp.column(comparing.key, "own")).from_(exp.alias_(work(_SEEN), "own", table=True))
    company: list[exp.Expr] = []
    for number in range(len(_unsure(comparing))):
        name = f"group_{number}"
        number_of = exp.func("hash", exp.column("said"), dialect="duckdb")
        total = exp.alias_(exp.Sum(this=exp.cast(number_of, "hugeint")), "total")
        shared = exp.select(name, total).from_(work(_SEEN)).where(exp.column(name).is_(exp.null()).not_())
        shared = shared.group_by(name).having(exp.Count(this=exp.Star()) > 1)
        query = query.join(
            shared.subquery(name), on=exp.column(name, "own").eq(exp.column(name, name)), join_type="left"
        )
        company.append(exp.func("coalesce", exp.cast(exp.column("total", name), "varchar"), exp.Literal.string("")))
    content = exp.MD5(this=_joined(exp.column("said", "own"), *company))
    write(engine, VERSION, query.select(exp.alias_(content, "content")))


def _seen(keys: Sequence[exp.Expr]) -> list[exp.Expr]:
    """The same values, of the record as it is seen."""
    found = []
    for key in keys:
        copied = key.copy()
        for node in [copied] if isinstance(copied, exp.Column) else copied.find_all(exp.Column):
            node.set("table", exp.to_identifier("seen"))
        found.append(copied)
    return found


def _joined(*parts: exp.Expr) -> exp.Expr:
    return exp.ConcatWs(expressions=[exp.Literal.string("\x1f"), *parts], safe=True, coalesce=True)
