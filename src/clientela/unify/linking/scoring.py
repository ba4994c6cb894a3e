"""What the model says of each pair: its weight, and what each field adds to it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import pyarrow as pa
from sqlglot import exp

from clientela.unify.linking.candidates import PAIR
from clientela.unify.linking.comparing import Comparing, Field
from clientela.unify.linking.model import LinkModel
from clientela.unify.linking.rules import RULED
from clientela.unify.linking.work import RECORD, add, count, drop, place, write
from clientela.warehouse.engine import Engine
from clientela.warehouse.linker import Splink, splink

PRIOR = "any two records"  # the field of the weight that a pair has before it is compared
AT_ONCE = 4_000_000  # pairs: more would need more memory, fewer more passes over the records
SCORED_PAIR, SCORED_FIELD = "scored_pair", "scored_field"
FEW = 100_000  # pairs that are all scored at once, those of rules among them
_SAID = ("customer_ref_l", "customer_ref_r", "field", "likeness", "match_weight")
_SLACK = 0.01  # bits: what rounding may add or take must not decide before the rounding


def weight_of(probability: float) -> float:
    """The match weight, in bits, of a match probability."""
    return math.log2(probability / (1 - probability)) if 0 < probability < 1 else math.inf * (probability - 0.5)


def write_scored(engine: Engine, comparing: Comparing, model: LinkModel, *, ask_above: float) -> int:
    """The work tables ``scored_pair`` and ``scored_field``; returns how many pairs are kept."""
    _write_empty(engine)
    if not (count(engine, PAIR) or count(engine, RULED)):
        return 0
    terms = _write_terms(engine, model)
    by_rule = exp.select("id_l", "id_r").from_(place(RULED))
    by_model = exp.select("id_l", "id_r").from_(place(PAIR))
    least: float | None = weight_of(ask_above) - _SLACK
    with splink(engine) as scorer:
        if count(engine, PAIR) <= FEW:
            _score(engine, scorer, comparing, model, terms, exp.union(by_model, by_rule), None)
        else:
            _score(engine, scorer, comparing, model, terms, exp.except_(by_model, by_rule.copy()), least)
            _score(engine, scorer, comparing, model, terms, by_rule, None)
    drop(engine, *terms.values())
    low = exp.and_(exp.column("rule").is_(exp.null()), exp.column("match_probability") < ask_above)
    if engine.run(exp.Delete(this=place(SCORED_PAIR), where=exp.Where(this=low))):
        _drop_unkept_fields(engine)
    return count(engine, SCORED_PAIR)


def _write_empty(engine: Engine) -> None:
    pair = {"customer_ref_l": "text", "customer_ref_r": "text", "match_weight": "double", "match_probability": "double"}
    field = {"customer_ref_l": "text", "customer_ref_r": "text", "field": "text", "likeness": "text"}
    for name, columns in ((SCORED_PAIR, pair | {"rule": "text"}), (SCORED_FIELD, field | {"match_weight": "double"})):
        empty = [exp.alias_(exp.cast(exp.null(), kind), column) for column, kind in columns.items()]
        write(engine, name, exp.select(*empty).where(exp.false()))


def _write_terms(engine: Engine, model: LinkModel) -> dict[str, str]:
    """A table of frequent values for each column that has them, as Splink wants it."""
    made = {}
    for column, told in model.document["terms"].items():
        values = told["values"]
        name = f"link_term_{column}"
        engine.register(
            "given",
            pa.table(
                {
                    column: pa.array(list(values), pa.string()),
                    f"tf_{column}": pa.array(list(values.values()), pa.float64()),
                }
            ),
        )
        write(engine, name, exp.select(column, f"tf_{column}").from_("given"))
        engine.unregister("given")
        made[column] = name
    return made


def _score(
    engine: Engine,
    scorer: Splink,
    comparing: Comparing,
    model: LinkModel,
    terms: Mapping[str, str],
    pairs: exp.Query,
    at_least: float | None,
) -> None:
    for batch in _batches(engine, pairs):
        scored = scorer.score(RECORD, model.document["splink"], batch, terms, at_least=at_least)
        _keep(engine, comparing, model, scored)
        scorer.forget(scored)


def _batches(engine: Engine, pairs: exp.Query) -> Iterator[str]:
    """The pairs as tables of a size that fits into memory."""
    numbered = exp.select(
        exp.alias_(exp.Literal.string("0"), "match_key"),
        exp.alias_(exp.column("id_l"), "join_key_l"),
        exp.alias_(exp.column("id_r"), "join_key_r"),
    ).from_(pairs.subquery("pairs"))
    total = write(engine, "link_batches", numbered)
    for start in range(0, total, AT_ONCE):
        name = "link_batches"
        if total > AT_ONCE:
            name = f"link_batch_{start}"
            rows = exp.select("match_key", "join_key_l", "join_key_r").from_(place("link_batches"))
            inside = exp.and_(exp.column("rowid") >= start, exp.column("rowid") < start + AT_ONCE)
            write(engine, name, rows.where(inside))
        yield name
        if name != "link_batches":
            drop(engine, name)
    drop(engine, "link_batches")


def _keep(engine: Engine, comparing: Comparing, model: LinkModel, scored: str) -> None:
    """Add what Splink found to ``scored_pair`` and ``scored_field``, the smaller ref on the left."""
    prior = round(weight_of(model.document["prior"]), 4)
    bits = {field.name: _bits(field) for field in comparing.fields}
    total: exp.Expr = exp.Literal.number(prior)
    for each in bits.values():
        total = exp.Add(this=total, expression=each.copy())
    told = [exp.column(f"gamma_{field.name}", "s") for field in comparing.fields]
    weights = [exp.alias_(each.copy(), f"bits_{name}") for name, each in bits.items()]
    sides = (exp.column("ref", "l"), exp.column("ref", "r"))
    named = exp.select(
        exp.alias_(exp.Least(this=sides[0].copy(), expressions=[sides[1].copy()]), "customer_ref_l"),
        exp.alias_(exp.Greatest(this=sides[0].copy(), expressions=[sides[1].copy()]), "customer_ref_r"),
        exp.column("id_l", "s"),
        exp.column("id_r", "s"),
        exp.alias_(exp.Round(this=exp.Paren(this=total), decimals=exp.Literal.number(4)), "match_weight"),
        *told,
        *weights,
    ).from_(exp.alias_(place(scored), "s", table=True))
    for side in ("l", "r"):
        named = named.join(exp.alias_(place(RECORD), side, table=True), on=f"{side}.id = s.id_{side}")
    write(engine, "link_scored", named)
    power = exp.Pow(this=exp.Literal.number(2), expression=exp.Neg(this=exp.column("match_weight", "s")))
    chance = exp.Div(this=exp.Literal.number("1.0"), expression=exp.Paren(this=exp.Literal.number(1) + power))
    refs = ("customer_ref_l", "customer_ref_r")
    pair = exp.select(
        *refs,
        exp.column("match_weight", "s"),
        exp.alias_(exp.Round(this=chance, decimals=exp.Literal.number(6)), "match_probability"),
        exp.column("rule", "ruled"),
    ).from_(exp.alias_(place("link_scored"), "s", table=True))
    ruled = exp.alias_(place(RULED), "ruled", table=True)
    add(engine, SCORED_PAIR, pair.join(ruled, on="ruled.id_l = s.id_l and ruled.id_r = s.id_r", join_type="left"))
    add(
        engine,
        SCORED_FIELD,
        _said(exp.Literal.string(PRIOR), exp.Literal.string("before they are compared"), exp.Literal.number(prior)),
    )
    for field in comparing.fields:
        gamma = exp.column(f"gamma_{field.name}")
        said = _said(exp.Literal.string(field.name), _likeness(field, gamma), exp.column(f"bits_{field.name}"))
        add(engine, SCORED_FIELD, said.where(gamma.copy() > 0) if field.quiet else said)
    drop(engine, "link_scored")


def _said(field: exp.Expr, likeness: exp.Expr, bits: exp.Expr) -> exp.Select:
    return exp.select("customer_ref_l", "customer_ref_r", field, likeness, bits).from_(place("link_scored"))


def _bits(field: Field) -> exp.Expr:
    weight: exp.Expr = exp.column(f"mw_{field.name}", "s")
    if any(level.term for level in field.levels):
        weight = exp.Add(this=weight, expression=exp.column(f"mw_tf_adj_{field.name}", "s"))
    return exp.Round(this=exp.Paren(this=weight), decimals=exp.Literal.number(4))


def _likeness(field: Field, gamma: exp.Expr) -> exp.Expr:
    """In words: Splink numbers the levels from the last, 0, up; -1 is unknown."""
    named = enumerate(reversed(field.levels))
    ifs = [exp.If(this=gamma.copy().eq(number), true=exp.Literal.string(level.likeness)) for number, level in named]
    return exp.Case(ifs=ifs, default=exp.Literal.string("unknown"))


def _drop_unkept_fields(engine: Engine) -> None:
    """What was said of pairs that are not kept."""
    said = exp.select(*(exp.column(name, "said") for name in _SAID))
    said = said.from_(exp.alias_(place(SCORED_FIELD), "said", table=True)).join(
        exp.alias_(place(SCORED_PAIR), "kept", table=True),
        on="kept.customer_ref_l = said.customer_ref_l and kept.customer_ref_r = said.customer_ref_r",
    )
    write(engine, "link_said", said)
    write(engine, SCORED_FIELD, exp.select(*_SAID).from_(place("link_said")))
    drop(engine, "link_said")
