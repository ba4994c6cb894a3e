"""What the model says of each pair: its weight, and what each field adds to it.

The figures and the way they add up are Splink's, as the model has them; it could score the same pairs itself, and a
test has it do so. Here each pair is looked at once, and what is told of a pair is worked out for those that are kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
from sqlglot import exp

from clientela.unify.linking.candidates import PAIR
from clientela.unify.linking.comparing import Comparing, Field
from clientela.unify.linking.likeness import likenesses
from clientela.unify.linking.model import LinkModel
from clientela.unify.linking.rules import RULED
from clientela.unify.linking.work import REF, SAID, add, columns_of, drop, place, write
from clientela.warehouse.engine import MAIN, Engine
from clientela.warehouse.store.copies import beside

PRIOR = "any two records"  # the field of the weight that a pair has before it is compared
AT_ONCE = 4_000_000  # pairs: more would need more memory, fewer more passes over the records
FEW, MANY = 10_000, 250_000  # pairs that are compared sooner in two statements than in one
SCORED_PAIR, SCORED_FIELD = "scored_pair", "scored_field"
TOLD = "scored_told"  # a row a pair: what ``scored_field`` shows a row a field
_REFS = ("customer_ref_l", "customer_ref_r")
_SLACK = 0.01  # bits: what rounding may add or take must not decide before the rounding
_COMPARED, _LIKE, _LIKE_TOO, _LIKELY, _SCORED = (
    f"link_{each}" for each in ("compared", "like", "like_too", "likely", "scored")
)
_Numbers = Sequence[Mapping[str, Any]]  # of each likeness of a field, as Splink has them


def weight_of(probability: float) -> float:
    """The match weight, in bits, of a match probability."""
    return math.log2(probability / (1 - probability)) if 0 < probability < 1 else math.inf * (probability - 0.5)


def said_of(comparing: Comparing) -> frozenset[str]:
    """The columns of a record that are looked at to say whether a pair is one customer."""
    conditions = [each.unknown for each in comparing.fields]
    conditions += [level.when for each in comparing.fields for level in each.levels]
    conditions += [each for rule in comparing.rules for each in (rule.when, rule.unsure, rule.apart)]
    return columns_of(*conditions) | {*comparing.terms} | {name for rule in comparing.rules for name in rule.group}


def write_scored(engine: Engine, comparing: Comparing, model: LinkModel, *, ask_above: float) -> int:
    """The work tables ``scored_pair`` and ``scored_field``; returns how many pairs are kept.

    ``scored_field`` is a view of ``scored_told``, which has a row a pair.
    """
    numbers = _numbers(comparing, model)
    prior = _prior(model)
    _write_likely(engine, comparing, model, numbers, prior + _SLACK - weight_of(ask_above))
    terms = _write_terms(engine, model)
    _write_weights(engine, comparing, model, numbers, terms, prior, ask_above)
    drop(engine, _LIKELY, *terms.values())
    pair = exp.select(*_REFS, "match_weight", "match_probability", "rule").from_(place(_SCORED))
    told = [f"{kind}_{each.name}" for each in comparing.fields for kind in ("likeness", "bits")]
    kept = write(engine, SCORED_PAIR, pair)
    write(engine, TOLD, exp.select(*_REFS, *told).from_(place(_SCORED)))
    drop(engine, _SCORED)
    write_view(engine, comparing, model)
    return kept


def _numbers(comparing: Comparing, model: LinkModel) -> dict[str, _Numbers]:
    """What the model has for each likeness of each field."""
    found: dict[str, _Numbers] = {}
    for field, told in zip(comparing.fields, model.document["splink"]["comparisons"], strict=True):
        levels = [each for each in told["comparison_levels"] if not each.get("is_null_level")]
        if len(levels) != len(field.levels):
            raise ValueError(f"the model was learned by another way of comparing {field.name}")
        found[field.name] = levels
    return found


def _write_likely(
    engine: Engine, comparing: Comparing, model: LinkModel, numbers: Mapping[str, _Numbers], spare: float
) -> None:
    """The likenesses of all pairs that a rule joins or whose weight may be enough, whatever is frequent.

    Parameters
    ----------
    spare : bits that the fields together may take away at most
    """
    pair, ruled = exp.alias_(place(PAIR), "pair", table=True), exp.alias_(place(RULED), "ruled", table=True)
    ids = [exp.alias_(exp.func("coalesce", f"pair.{name}", f"ruled.{name}"), name) for name in ("id_l", "id_r")]
    both = exp.select(*ids, "ruled.rule").from_(pair)
    both = both.join(ruled, on="ruled.id_l = pair.id_l and ruled.id_r = pair.id_r", join_type="full")
    total = write(engine, _COMPARED, both)
    names = [f"likeness_{each.name}" for each in comparing.fields]
    most: exp.Expr = exp.Literal.number(0)
    for field in comparing.fields:
        most = exp.Add(this=most, expression=_by_likeness(field, _most(field, numbers[field.name], model), 0.0))
    enough: exp.Expr = exp.GTE(this=exp.Paren(this=most), expression=_double(-spare))
    if math.isinf(spare):
        enough = exp.true() if spare > 0 else exp.false()
    kept = exp.or_(exp.column("rule").is_(exp.null()).not_(), enough)
    for start in range(0, max(total, 1), AT_ONCE):
        made = _write_like(engine, comparing, start, min(start + AT_ONCE, total))
        for each in made:
            rows = exp.select("id_l", "id_r", "rule", *names).from_(place(each)).where(kept.copy())
            (write if start == 0 and each == _LIKE else add)(engine, _LIKELY, rows)
        drop(engine, *made)
    drop(engine, _COMPARED)


def _write_like(engine: Engine, comparing: Comparing, start: int, end: int) -> tuple[str, ...]:
    """Write the likenesses of the pairs from one up to another; the work tables that have them.

    So few pairs as a small delivery brings the engine compares on one processor: then two statements have half each.
    """
    if not FEW <= end - start <= MANY:
        write(engine, _LIKE, _like(comparing, start, end))
        return (_LIKE,)
    half = (start + end) // 2
    other = beside(lambda: _written(engine, _LIKE_TOO, _like(comparing, half, end)))
    try:
        write(engine, _LIKE, _like(comparing, start, half))
    finally:
        other.exception()  # when it has ended, whatever came of it
    other.result()
    return (_LIKE, _LIKE_TOO)


def _written(engine: Engine, name: str, query: exp.Query) -> None:
    write(engine, name, query)


def _like(comparing: Comparing, start: int, end: int) -> exp.Select:
    """The likenesses of the pairs from one up to another."""
    pairs = exp.select("id_l", "id_r", "rule").from_(place(_COMPARED))
    pairs = pairs.where(exp.column("rowid") >= start, exp.column("rowid") < end)
    found, dear = likenesses(comparing)
    said = columns_of(*(each.unknown for each in comparing.fields))
    said |= columns_of(*(level.when for each in comparing.fields for level in each.levels))
    sides = [exp.alias_(exp.column(name, side), f"{name}_{side}") for name in sorted(said) for side in ("l", "r")]
    wide = exp.select("pair.id_l", "pair.id_r", "pair.rule", *sides, copy=False)
    wide = _with_sides(wide.from_(pairs.subquery("pair", copy=False), copy=False))
    dearer = exp.select("*", *(exp.alias_(each, name, copy=False) for name, each in dear.items()), copy=False)
    dearer = dearer.from_(wide.subquery("wide", copy=False), copy=False)
    likeness = [exp.alias_(each, f"likeness_{name}", copy=False) for name, each in found.items()]
    alike = exp.select("id_l", "id_r", "rule", *likeness, copy=False)
    return alike.from_(dearer.subquery("dear", copy=False), copy=False)


def _with_sides(query: exp.Select) -> exp.Select:
    for side in ("l", "r"):
        query = query.join(exp.alias_(place(SAID), side, table=True), on=f"{side}.id = pair.id_{side}", copy=False)
    return query


def _write_weights(
    engine: Engine,
    comparing: Comparing,
    model: LinkModel,
    numbers: Mapping[str, _Numbers],
    terms: Mapping[str, str],
    prior: float,
    ask_above: float,
) -> None:
    """The weight of each likely pair and what each field adds to it; then only the pairs that are kept."""
    likeness = [f"pair.likeness_{each.name}" for each in comparing.fields]
    shares = [
        exp.alias_(exp.column(f"tf_{name}", f"{name}_{side}"), f"tf_{name}_{side}")
        for name in terms
        for side in ("l", "r")
    ]
    wide = exp.select("pair.id_l", "pair.id_r", "pair.rule", *likeness, *shares, copy=False)
    wide = _with_sides(wide.from_(exp.alias_(place(_LIKELY), "pair", table=True), copy=False))
    for name, table in terms.items():
        for side in ("l", "r"):
            frequent = exp.alias_(place(table), f"{name}_{side}", table=True)
            same = exp.column(name, f"{name}_{side}").eq(exp.column(name, side))
            wide = wide.join(frequent, on=same, join_type="left", copy=False)
    bits = [exp.alias_(_bits(each, numbers[each.name]), f"bits_{each.name}", copy=False) for each in comparing.fields]
    weighed = exp.select("*", *bits, copy=False).from_(wide.subquery("wide", copy=False), copy=False)
    total: exp.Expr = exp.Literal.number(prior)
    for each in comparing.fields:
        total = exp.Add(this=total, expression=exp.column(f"bits_{each.name}"))
    weight = exp.Round(this=exp.Paren(this=total), decimals=exp.Literal.number(4))
    summed = exp.select("*", exp.alias_(weight, "match_weight", copy=False), copy=False)
    summed = summed.from_(weighed.subquery("weighed", copy=False), copy=False)
    power = exp.Pow(this=exp.Literal.number(2), expression=exp.Neg(this=exp.column("match_weight")))
    share = exp.Div(this=exp.Literal.number("1.0"), expression=exp.Paren(this=exp.Literal.number(1) + power))
    chance = exp.Round(this=share, decimals=exp.Literal.number(6))
    judged = exp.select("*", exp.alias_(chance, "match_probability", copy=False), copy=False)
    judged = judged.from_(summed.subquery("summed", copy=False), copy=False)
    kept = exp.or_(exp.column("rule").is_(exp.null()).not_(), exp.column("match_probability") >= ask_above)
    scored = exp.select("*").from_(judged.subquery("judged", copy=False), copy=False).where(kept, copy=False)
    write(engine, _SCORED, _named(scored))


def _named(scored: exp.Select) -> exp.Select:
    """The pairs by the refs of their records, the smaller on the left."""
    refs = [exp.column("ref", side) for side in ("l", "r")]
    query = exp.select(
        exp.alias_(exp.func("least", *refs, dialect="duckdb"), _REFS[0]),
        exp.alias_(exp.func("greatest", *(each.copy() for each in refs), dialect="duckdb"), _REFS[1]),
        "scored.*",
    ).from_(scored.subquery("scored", copy=False), copy=False)
    for side in ("l", "r"):
        query = query.join(exp.alias_(place(REF), side, table=True), on=f"{side}.id = scored.id_{side}", copy=False)
    return query


def _write_terms(engine: Engine, model: LinkModel) -> dict[str, str]:
    """A table of frequent values for each column that has them."""
    made = {}
    for column, told in model.document["terms"].items():
        values = told["values"]
        name = f"link_term_{column}"
        shares = pa.array(list(values.values()), pa.float64())
        engine.register("given", pa.table({column: pa.array(list(values), pa.string()), f"tf_{column}": shares}))
        write(engine, name, exp.select(column, f"tf_{column}").from_("given"))
        engine.unregister("given")
        made[column] = name
    return made


def _prior(model: LinkModel) -> float:
    """What any two records weigh before they are compared, in bits."""
    return round(weight_of(model.document["prior"]), 4)


def _weight(level: Mapping[str, Any]) -> float:
    """What a likeness weighs, in bits, as Splink reckons it."""
    return math.log2(level["m_probability"] / level["u_probability"])


def _most(field: Field, levels: _Numbers, model: LinkModel) -> list[float]:
    """The most that each likeness may weigh, whatever the value is."""
    most = []
    for level, own in zip(levels, field.levels, strict=True):
        shares = model.document["terms"].get(own.term, {}).get("values", {}).values()
        rarest = math.log2(level["u_probability"] / min(shares)) if shares else 0.0
        most.append(_weight(level) + max(rarest, 0.0))
    return most


def _bits(field: Field, levels: _Numbers) -> exp.Expr:
    """What a field adds: the weight of its likeness, less where the value is frequent."""
    weight = _by_likeness(field, [_weight(each) for each in levels], 0.0)
    if any(each.get("tf_adjustment_column") for each in levels):
        weight = exp.Add(this=weight, expression=_by_likeness(field, [_frequent(each) for each in levels], 0.0))
    return exp.Round(this=exp.Paren(this=weight), decimals=exp.Literal.number(4))


def _frequent(level: Mapping[str, Any]) -> exp.Expr | float:
    """What is added because a value is more or less frequent than a rare one."""
    column = level.get("tf_adjustment_column")
    if not column:
        return 0.0
    left, right = exp.column(f"tf_{column}_l"), exp.column(f"tf_{column}_r")
    known = exp.func("coalesce", left, right)
    share = exp.func("greatest", known, exp.func("coalesce", right.copy(), left.copy()), dialect="duckdb")
    rare = _double(math.log2(level["u_probability"]))
    bits = rare - exp.func("log2", share, dialect="duckdb")
    return exp.Case(ifs=[exp.If(this=known.copy().is_(exp.null()).not_(), true=bits)], default=_double(0.0))


def _by_likeness(field: Field, each: Iterable[exp.Expr | float], unknown: float) -> exp.Expr:
    """The one that belongs to a pair's likeness, the strongest first."""
    column, ifs = exp.column(f"likeness_{field.name}"), []
    for number, said in zip(range(len(field.levels) - 1, -1, -1), each, strict=True):
        then = said if isinstance(said, exp.Expr) else _double(said)
        ifs.append(exp.If(this=column.copy().eq(number), true=then))
    return exp.Case(ifs=ifs, default=_double(unknown))


def _double(number: float) -> exp.Expr:
    return exp.cast(exp.Literal.number(number), "double")


def write_view(engine: Engine, comparing: Comparing, model: LinkModel) -> None:
    """The view ``scored_field`` of ``scored_told``: what each field says about a pair, and what it had before.

    The rows of a pair stand together, which whoever writes them down has less work with.
    """
    text, name = exp.Literal.string, "likeness_{}"
    said: list[tuple[exp.Expr, exp.Expr, exp.Expr]] = []
    said.append((text(PRIOR), text("before they are compared"), _double(_prior(model))))
    for field in comparing.fields:
        number = exp.column(name.format(field.name))
        named = text(field.name)
        told: exp.Expr = exp.Case(ifs=[exp.If(this=number.copy() > 0, true=named)]) if field.quiet else named
        said.append((told, _in_words(field, number), exp.column(f"bits_{field.name}")))
    columns = zip(("field", "likeness", "match_weight"), zip(*said, strict=True), strict=True)
    listed = [exp.alias_(exp.Explode(this=exp.Array(expressions=list(each))), kind) for kind, each in columns]
    rows = exp.select(*_REFS, *listed).from_(place(TOLD))
    query = exp.select("*").from_(rows.subquery("said")).where(exp.column("field").is_(exp.null()).not_())
    drop(engine, SCORED_FIELD, kind="VIEW")
    engine.run(exp.Create(this=place(SCORED_FIELD), kind="VIEW", expression=query))


def _in_words(field: Field, number: exp.Expr) -> exp.Expr:
    named = enumerate(reversed(field.levels))
    ifs = [exp.If(this=number.copy().eq(each), true=exp.Literal.string(level.likeness)) for each, level in named]
    return exp.Case(ifs=ifs, default=exp.Literal.string("unknown"))


def drop_scored(engine: Engine) -> None:
    """Forget ``scored_pair`` and ``scored_field``, whether that shows what was told or is an empty table."""
    is_view = TOLD in engine.tables(MAIN)
    drop(engine, SCORED_FIELD, kind="VIEW" if is_view else "TABLE")
    drop(engine, SCORED_PAIR, TOLD)
