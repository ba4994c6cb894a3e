"""Learning what each likeness weighs, from the records themselves: nobody has to label pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlglot import exp

from clientela.unify.linking.candidates import cheap_wide
from clientela.unify.linking.comparing import Comparing, Field
from clientela.unify.linking.customer import CUSTOMER
from clientela.unify.linking.model import LinkModel, Weights, settings, shipped
from clientela.unify.linking.work import (
    RECORD,
    Shared,
    add,
    count,
    drop,
    drop_records,
    pairs_of,
    place,
    write,
    write_records,
    write_shared,
)
from clientela.warehouse.engine import Engine
from clientela.warehouse.linker import splink

FORM = 1  # of the document
LEAST_RECORDS, LEAST_PAIRS = 500, 100  # fewer teach nothing: the shipped model is better
PAIRS_PER_TRAINING = 50_000
CHANCE_RECORDS = 1_000  # half a million pairs of records that chance brought together
FREQUENT = 10  # records that have a value, before it may stand in a model: no one person's name does
MOST_FREQUENT = 20_000  # values of a column in a model
TRUST = 200  # pairs of one customer that count as much as the shipped model does
_REACH = 5  # times more or less than the shipped m is believed
_LEAST_M, _MOST_BITS = 0.005, 30.0


def learn(engine: Engine, *, now: datetime, comparing: Comparing = CUSTOMER, shared_by: int = 50) -> LinkModel:
    """A model learned from the records; of too few the shipped one.

    How often values agree by chance is counted, how often they agree in one customer's records is learned by
    expectation maximisation: all by Splink, on samples that depend on the records alone and not on their order.
    """
    write_records(engine, comparing, shared_by)
    try:
        return _learned(engine, comparing, shared_by, now)
    finally:
        drop_records(engine, comparing)


def _learned(engine: Engine, comparing: Comparing, shared_by: int, now: datetime) -> LinkModel:
    records = count(engine, RECORD)
    known = _known(engine, comparing)
    sure = _sure_pairs(engine, comparing, shared_by)
    prior = _prior(engine, comparing, records, sure)
    weights = shipped(comparing, known)
    learned = records >= LEAST_RECORDS and sure >= LEAST_PAIRS
    if learned:
        weights = _by_chance(engine, comparing, weights, prior, known, records)
        weights = _by_habit(engine, comparing, weights, prior, sure, shared_by)
    terms = {column: _terms(engine, column) for column in comparing.terms}
    rare = {column: told["rare"] for column, told in terms.items()}
    rounded = {key: (_rounded(m), _rounded(u)) for key, (m, u) in weights.items()}
    return LinkModel.of(
        {
            "form": FORM,
            "code": comparing.code,
            "basis": "learned" if learned else "shipped",
            "learned_at": now.astimezone(UTC).isoformat(timespec="seconds"),
            "records": records,
            "prior": _rounded(prior),
            "wide": list(cheap_wide(engine, comparing, shared_by=shared_by, records=records)),
            "terms": terms,
            "splink": settings(comparing, rounded, _rounded(prior), rare=rare),
        }
    )


def _known(engine: Engine, comparing: Comparing) -> dict[str, int]:
    each = [exp.alias_(exp.Count(this=exp.column(field.column)), field.name) for field in comparing.fields]
    told = engine.fetch(exp.select(*each).from_(place(RECORD))).to_pylist()[0]
    return {name: int(number) for name, number in told.items()}


def _shared(engine: Engine, comparing: Comparing, name: str, columns: tuple[str, ...], shared_by: int) -> Shared:
    keys = [*([exp.column(comparing.within)] if comparing.within else []), *(exp.column(each) for each in columns)]
    return write_shared(engine, name, keys, each=False, limit=shared_by, changed=False)


def _sure_pairs(engine: Engine, comparing: Comparing, shared_by: int) -> int:
    """Pairs that agree in what two customers almost never agree in."""
    if not comparing.surely:
        return 0
    write(engine, "link_sure_pair", exp.select("id as id_l", "id as id_r").from_(place(RECORD)).where("false"))
    for columns in comparing.surely:
        shared = _shared(engine, comparing, "link_sure", columns, shared_by)
        if not shared.pairs:
            continue
        pairs = pairs_of(shared.table, across=comparing.across is not None, changed=False).subquery("pairs")
        add(engine, "link_sure_pair", exp.select("id_l", "id_r").from_(pairs))
        drop(engine, shared.table)
    distinct = exp.select("id_l", "id_r").distinct().from_(place("link_sure_pair"))
    number = write(engine, "link_sure", distinct)
    drop(engine, "link_sure", "link_sure_pair")
    return number


def _prior(engine: Engine, comparing: Comparing, records: int, sure: int) -> float:
    """The chance that any two records are of one customer."""
    possible = records * (records - 1) / 2
    if comparing.across:
        side = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(place(RECORD)).group_by("side")
        possible -= sum(n * (n - 1) / 2 for n in engine.fetch(side)["n"].to_pylist())
    usual = comparing.expected * records / 2
    wanted = sure / comparing.recall if sure >= LEAST_PAIRS else usual
    return min(max(wanted, usual / 100), usual * 50, possible / 2) / max(possible, 1) if possible else 0.001


def _by_chance(
    engine: Engine,
    comparing: Comparing,
    weights: Weights,
    prior: float,
    known: Mapping[str, int],
    records: int,
) -> dict[tuple[str, str], tuple[float, float]]:
    """u as it is among records that chance brought together, less the pairs of one customer that are among them."""
    by_hash = exp.func("md5", exp.cast(exp.column("ref"), "text"))
    ranked = exp.select(exp.Star()).from_(place(RECORD)).order_by(by_hash, "ref").limit(CHANCE_RECORDS)
    size = write(engine, "link_chance", ranked)
    pairs = size * (size - 1) // 2
    taught = replace(comparing, fields=tuple(each for each in comparing.fields if not each.quiet))
    with splink(engine) as scorer:
        found = scorer.chances("link_chance", settings(taught, weights, prior), pairs=pairs + 1)
    drop(engine, "link_chance")
    counted = _read(taught, found)
    corrected = dict(weights)
    for field in taught.fields:
        seen = pairs * (known[field.name] / records) ** 2
        for level in field.levels:
            key = (field.name, level.likeness)
            m = weights[key][0]
            u = (counted[key][1] - prior * m) / (1 - prior)
            # Fewer than ten pairs are chance themselves; of what names somebody nearly all pairs are of one customer.
            kept = level.fixed or level.others is not None or u * seen < 10
            corrected[key] = weights[key] if kept else (m, u)
    return corrected


def _by_habit(
    engine: Engine, comparing: Comparing, weights: Weights, prior: float, sure: int, shared_by: int
) -> dict[tuple[str, str], tuple[float, float]]:
    """m as it is among the records of one customer."""
    rules = _write_training(engine, comparing, shared_by)
    found = weights
    if rules:
        with splink(engine) as scorer:
            found = _read(comparing, scorer.habits("link_training", settings(comparing, weights, prior), rules))
    drop(engine, "link_training")
    own = sure / (sure + TRUST)
    learned: dict[tuple[str, str], tuple[float, float]] = {}
    for field in comparing.fields:
        for level in field.levels:
            key = (field.name, level.likeness)
            usual, u = weights[key]
            m = own * found[key][0] + (1 - own) * usual
            learned[key] = (
                weights[key] if level.fixed else (min(max(m, usual / _REACH, _LEAST_M), usual * _REACH, 0.99), u)
            )
        learned |= _sane(field, learned)
    return learned


def _write_training(engine: Engine, comparing: Comparing, shared_by: int) -> list[str]:
    """The table to learn from, and for each way to look at it the rule by which Splink finds the pairs."""
    rules, marks = [], []
    for number, training in enumerate(comparing.trainings):
        name = f"link_training_{number}"
        shared = _shared(engine, comparing, name, training.columns, shared_by)
        if shared.pairs < LEAST_PAIRS:
            drop(engine, name)
            continue
        parts = 1
        while shared.pairs / parts > PAIRS_PER_TRAINING:
            parts *= 2
        mine = exp.Mod(this=exp.column("value"), expression=exp.Literal.number(parts)).eq(0)
        sampled = exp.select("id", exp.alias_(exp.column("value"), f"look_{number}")).from_(place(name)).where(mine)
        write(engine, f"{name}_part", sampled)
        drop(engine, name)
        marks.append(number)
        equal = [exp.column(each, "l").eq(exp.column(each, "r")) for each in (*training.columns, f"look_{number}")]
        rules.append(exp.and_(*equal).sql(dialect="duckdb"))
    query = exp.select("r.*", *(f"part_{number}.look_{number}" for number in marks)).from_(
        exp.alias_(place(RECORD), "r", table=True)
    )
    for number in marks:
        part = exp.alias_(place(f"link_training_{number}_part"), f"part_{number}", table=True)
        query = query.join(part, on=f"part_{number}.id = r.id", join_type="left")
    looked = (
        exp.or_(*(exp.column(f"look_{number}").is_(exp.null()).not_() for number in marks)) if marks else exp.false()
    )
    write(engine, "link_training", query.where(looked))
    drop(engine, *(f"link_training_{number}_part" for number in marks))
    return rules


def _sane(field: Field, learned: Weights) -> dict[tuple[str, str], tuple[float, float]]:
    """A field of which a greater likeness never says less, likeness nothing against, difference nothing for."""
    sane: dict[tuple[str, str], tuple[float, float]] = {}
    ratio = 2.0**_MOST_BITS
    free = [level for level in field.levels if not level.fixed]
    for level in free:
        key = (field.name, level.likeness)
        m, u = learned[key]
        u = max(u, m / ratio)
        if level is free[0]:
            u = min(u, m)
        if level is free[-1] and len(free) > 1:
            u = max(u, m)
        ratio = m / u
        sane[key] = (m, u)
    return sane


def _terms(engine: Engine, column: str) -> dict[str, Any]:
    """The share of the records that have a value: of each frequent one, and of a rare one as a record meets it."""
    records = exp.alias_(exp.Count(this=exp.Star()), "records")
    values = (
        exp.select(column, records)
        .from_(place(RECORD))
        .where(exp.column(column).is_(exp.null()).not_())
        .group_by(column)
    )
    write(engine, "link_value", values)
    total = exp.func("sum", exp.column("records"))
    known = int(engine.fetch(exp.select(exp.alias_(total, "n")).from_(place("link_value")))["n"][0].as_py() or 0)
    least = max(FREQUENT, known // MOST_FREQUENT)
    often = (
        exp.select(column, "records").from_(place("link_value")).where(exp.column("records") >= least).order_by(column)
    )
    frequent = {row[column]: _rounded(row["records"] / known) for row in engine.fetch(often).to_pylist()}
    squares = exp.func("sum", exp.column("records") * exp.column("records"))
    seldom = exp.select(exp.alias_(squares, "squares"), exp.alias_(total.copy(), "n")).from_(place("link_value"))
    told = engine.fetch(seldom.where(exp.column("records") < least)).to_pylist()[0]
    drop(engine, "link_value")
    met = max(float(told["squares"]) / float(told["n"]), 2.0) if told["n"] else float(least)
    return {"rare": _rounded(met / max(known, 100)), "values": frequent}


def _read(comparing: Comparing, document: Mapping[str, Any]) -> dict[tuple[str, str], tuple[float, float]]:
    """m and u of each likeness in a document of Splink's."""
    found = {}
    for field, comparison in zip(comparing.fields, document["comparisons"], strict=True):
        told = [each for each in comparison["comparison_levels"] if not each.get("is_null_level")]
        for level, each in zip(field.levels, told, strict=True):
            found[field.name, level.likeness] = (float(each["m_probability"]), float(each["u_probability"]))
    return found


def _rounded(number: float) -> float:
    """To four digits: what another order of adding up changes stands far behind."""
    return float(f"{number:.4g}")
