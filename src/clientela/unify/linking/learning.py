"""Learning what each likeness weighs, from the records themselves: nobody has to label pairs."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlglot import exp

from clientela.unify.linking.candidates import WIDE_AT_LEAST, WIDE_PER_RECORD
from clientela.unify.linking.comparing import Comparing, Field, Level, Seen, same
from clientela.unify.linking.customer import CUSTOMER
from clientela.unify.linking.model import LinkModel, Weights, settings, shipped, shipped_u
from clientela.unify.linking.terms import given_another, rounded, terms_of, together
from clientela.unify.linking.work import (
    RECORD,
    all_known,
    count,
    drop,
    drop_records,
    pairs_of,
    place,
    value,
    write,
    write_records,
)
from clientela.warehouse.engine import Engine
from clientela.warehouse.linker import splink

FORM = 1  # of the document
LEAST_RECORDS, LEAST_PAIRS = 500, 100  # fewer teach nothing: the shipped model is better
PAIRS_PER_TRAINING = 20_000
HASHED = "link_hashed"
SAMPLED = 100_000  # records that are looked at as a whole; of more, some of the values they share
COUNTED = 250_000  # records whose values are counted
USUAL = 30  # pairs of two customers that count as much as what is usual
CHANCE_RECORDS = 700  # a quarter of a million pairs of records that chance brought together
TRUST = 200  # pairs of one customer that count as much as the shipped model does
_REACH = 5  # times more or less than the shipped m is believed
_LEAST_M, _MOST_BITS, _NEVER = 0.005, 30.0, 2.0**-40


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
    _write_hashed(engine, comparing)
    sure = _sure_pairs(engine, comparing, shared_by, records)
    prior = _prior(engine, comparing, records, sure)
    weights = shipped(comparing, known)
    learned = records >= LEAST_RECORDS and sure >= LEAST_PAIRS
    if learned:
        weights = _by_chance(engine, comparing, weights, prior, known, records)
        weights = weights | _by_two(engine, comparing, known, shared_by, records)
        weights = _by_habit(engine, comparing, weights, prior, sure, shared_by, records)
        weights |= _by_each(engine, comparing, weights, records)
    wide = _wide(engine, comparing, shared_by, records)
    drop(engine, HASHED)
    sampled = _sampled(engine, comparing, records)
    terms = {column: terms_of(engine, sampled, column) for column in comparing.terms}
    if learned:
        for column, given in comparing.together:
            terms[column] = given_another(terms[column], together(engine, sampled, column, given, prior))
    drop(engine, sampled)
    rare = {column: told["rare"] for column, told in terms.items()}
    figures = {key: (rounded(m), rounded(u)) for key, (m, u) in weights.items()}
    return LinkModel.of(
        {
            "form": FORM,
            "code": comparing.code,
            "basis": "learned" if learned else "shipped",
            "learned_at": now.astimezone(UTC).isoformat(timespec="seconds"),
            "records": records,
            "prior": rounded(prior),
            "wide": wide,
            "terms": terms,
            "splink": settings(comparing, figures, rounded(prior), rare=rare),
        }
    )


def _wide(engine: Engine, comparing: Comparing, shared_by: int, records: int) -> list[str]:
    """The wide blocking rules that add few pairs: a model names them, so that each run takes the same."""
    left, taken = max(WIDE_PER_RECORD * records, WIDE_AT_LEAST), []
    for block in comparing.blocks:
        if block.wide:
            pairs = _sharing(engine, comparing, "link_wide", block.keys, shared_by, records)
            drop(engine, "link_wide")
            if pairs <= left:
                left -= pairs
                taken.append(block.name)
    return taken


def _known(engine: Engine, comparing: Comparing) -> dict[str, int]:
    each = [exp.alias_(exp.Count(this=exp.column(field.column)), field.name) for field in comparing.fields]
    told = engine.fetch(exp.select(*each).from_(place(RECORD))).to_pylist()[0]
    return {name: int(number) for name, number in told.items()}


def _sharing(
    engine: Engine, comparing: Comparing, name: str, keys: Sequence[exp.Expr], shared_by: int, records: int
) -> int:
    """About how many pairs of records share values, none of which too many have; of some values a table (id, value)."""
    parts = _parts(records)
    keys = [*([exp.column(comparing.within)] if comparing.within else []), *keys]
    valued = exp.select("id", exp.alias_(value(*keys), "value")).from_(place(HASHED)).where(all_known(*keys))
    if parts > 1:
        mine = exp.Mod(this=exp.column("value"), expression=exp.Literal.number(parts)).eq(0)
        valued = exp.select("id", "value").from_(valued.subquery("valued")).where(mine)
    size = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[exp.column("value")])
    sized = exp.select("id", "value", exp.alias_(size, "records")).from_(valued.subquery("valued")).subquery("sized")
    write(engine, name, exp.select("id", "value", "records").from_(sized).where(f"records between 2 and {shared_by}"))
    pairs = exp.alias_(exp.func("sum", (exp.column("records") - 1) / 2), "pairs")
    return int(parts * (engine.fetch(exp.select(pairs).from_(place(name)))["pairs"][0].as_py() or 0))


def _write_hashed(engine: Engine, comparing: Comparing) -> None:
    """A work table of all records with a number for each value: equal where the values are."""
    keys = [key for block in comparing.blocks if block.wide for key in block.keys]
    ways = [*comparing.surely, *(each.columns for each in comparing.trainings)]
    ways += [way for field in comparing.fields for level in field.levels if level.seen for way in level.seen.share]
    ways += [tuple(column.name for key in keys for column in _named(key))]
    ways += [(comparing.within,)] if comparing.within else []
    names = dict.fromkeys(name for way in ways for name in way)
    numbers = [
        exp.alias_(exp.Case(ifs=[exp.If(this=all_known(exp.column(name)), true=value(exp.column(name)))]), name)
        for name in names
    ]
    write(engine, HASHED, exp.select("id", *numbers).from_(place(RECORD)))


def _named(condition: exp.Expr) -> list[exp.Column]:
    return list(condition.find_all(exp.Column))


def _columns(names: Sequence[str]) -> list[exp.Expr]:
    return [exp.column(each) for each in names]


def _parts(records: int) -> int:
    """Of how many values one is looked at."""
    return _halved(records, SAMPLED)


def _halved(records: int, enough: int) -> int:
    """Into how many parts records are cut so that one has at least so many: a power of two.

    So the same records are looked at when a few more have come: most powers stay, and the next takes half of the
    part before, where another divisor would draw others altogether.

    Examples
    --------
    >>> _halved(990_000, 100_000), _halved(1_000_000, 100_000), _halved(50_000, 100_000)
    (8, 8, 1)
    """
    return 1 << max(0, (records // enough).bit_length() - 1)


def _side_by_side(comparing: Comparing, table: str, columns: Collection[str], *, records: str) -> exp.Select:
    """The pairs of records of a work table that share a value, with columns of both."""
    pairs = pairs_of(table, across=comparing.across is not None, changed=False)
    sides = [exp.alias_(exp.column(name, side), f"{name}_{side}") for name in columns for side in ("l", "r")]
    told = exp.select("pair.id_l", "pair.id_r", "pair.value", *sides).from_(pairs.subquery("pair"))
    for side in ("l", "r"):
        told = told.join(exp.alias_(place(records), side, table=True), on=f"{side}.id = pair.id_{side}")
    return told


def _sure_pairs(engine: Engine, comparing: Comparing, shared_by: int, records: int) -> int:
    """About how many pairs agree in what two customers almost never agree in, each counted once."""
    number = 0
    for place_, columns in enumerate(comparing.surely):
        _sharing(engine, comparing, "link_sure", _columns(columns), shared_by, records)
        before = comparing.surely[:place_]
        needed = sorted({each for some in before for each in some}) or list(columns)
        told = _side_by_side(comparing, "link_sure", needed, records=HASHED).subquery("told")
        counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(told)
        for each in before:
            counted = counted.where(exp.not_(exp.func("coalesce", same(*each), exp.false())))
        number += _parts(records) * int(engine.fetch(counted)["n"][0].as_py())
        drop(engine, "link_sure")
    return number


def _by_two(
    engine: Engine, comparing: Comparing, known: Mapping[str, int], shared_by: int, records: int
) -> dict[tuple[str, str], tuple[float, float]]:
    """u as it is counted in pairs that are surely of two customers; m where some are known to be of one."""
    asked = [_Asked(field, level, level.seen) for field in comparing.fields for level in field.levels if level.seen]
    ways = tuple(dict.fromkeys(way for each in asked for way in each.seen.share))
    counted = [_count_two(engine, comparing, ways, way, asked, shared_by, records) for way in ways]
    told: dict[tuple[str, str], tuple[float, float]] = {}
    for number, (field, level, seen) in enumerate(asked):
        two, alike, one, like = (sum(each[number][which] for each in counted) for which in range(4))
        u = (alike + USUAL * level.u) / (two + USUAL)
        m = level.m if seen.surely_one is None else (like + USUAL * level.m) / (one + USUAL)
        if seen.beside:
            u = min(u / (1 - u), 0.9)
        if seen.of_all and level.others is not None:
            have = known[field.name]
            others = (2 * alike + USUAL * level.others) / (have + USUAL)
            u = shipped_u(replace(level, others=others), have)
        told[field.name, level.likeness] = (m, u)
    return told


class _Asked(NamedTuple):
    field: Field
    level: Level
    seen: Seen


def _count_two(
    engine: Engine,
    comparing: Comparing,
    ways: Sequence[tuple[str, ...]],
    way: tuple[str, ...],
    asked: Sequence[_Asked],
    shared_by: int,
    records: int,
) -> list[tuple[int, ...]]:
    """Of the pairs that share the values of ``way``, and of no way before it, those surely of two, and those alike;
    then those surely of one, and those alike."""
    _sharing(engine, comparing, "link_two", _columns(way), shared_by, records)
    before = ways[: ways.index(way)]
    sums, flags = [], dict[exp.Expr, str]()
    for _, level, seen in asked:
        alike = level.when.copy() if level.when is not None else exp.true()
        for surely in (seen.surely_two, seen.surely_one):
            asks = exp.and_(
                exp.true() if way in seen.share and surely is not None else exp.false(),
                exp.true() if surely is None else surely.copy(),
                *(exp.not_(exp.func("coalesce", same(*each), exp.false())) for each in before if each in seen.share),
            )
            flag = exp.column(flags.setdefault(asks, f"asked_{len(flags)}"), "told")
            sums += [
                exp.func("count_if", each, dialect="duckdb") for each in (flag, exp.and_(flag.copy(), alike.copy()))
            ]
    needed = sorted({each.name[:-2] for some in (*sums, *flags) for each in _named(some) if each.table != "told"})
    ids = exp.select("id").from_(place("link_two"))
    mine = exp.select("id", *needed).from_(place(RECORD)).where(exp.column("id").isin(query=ids))
    write(engine, "link_two_record", mine)
    pairs = _side_by_side(comparing, "link_two", needed, records="link_two_record").subquery("pairs")
    told = exp.select("*", *(exp.alias_(asks, name) for asks, name in flags.items())).from_(pairs).subquery("told")
    counts = exp.select(*(exp.alias_(each, f"n_{number}") for number, each in enumerate(sums))).from_(told)
    row = engine.fetch(counts).to_pylist()[0]
    drop(engine, "link_two", "link_two_record")
    found = [_parts(records) * int(row[f"n_{number}"] or 0) for number in range(len(sums))]
    return [tuple(found[start : start + 4]) for start in range(0, len(found), 4)]


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
    ranked = exp.select("id").from_(place(RECORD)).where(_one_in(_halved(records, 4 * CHANCE_RECORDS)))
    write(engine, "link_chosen", ranked.order_by(by_hash, "ref").limit(CHANCE_RECORDS))
    chosen = exp.column("id").isin(query=exp.select("id").from_(place("link_chosen")))
    ranked = exp.select(exp.Star()).from_(place(RECORD)).where(chosen)
    size = write(engine, "link_chance", ranked)
    pairs = size * (size - 1) // 2
    taught = _named_conditions(engine, _plain(comparing))
    with splink(engine) as scorer:
        found = scorer.chances("link_chance", settings(taught, weights, prior), pairs=pairs + 1)
    drop(engine, "link_chance", "link_chosen")
    counted = _read(taught, found)
    corrected = dict(weights)
    for field in taught.fields:
        seen = pairs * (known[field.name] / records) ** 2
        for level in field.levels:
            key = (field.name, level.likeness)
            m = weights[key][0]
            u = (counted[key][1] - prior * m) / (1 - prior)
            # Fewer than ten pairs are chance themselves; of what names somebody nearly all pairs are of one customer.
            kept = level.fixed or level.others is not None or level.special or u * seen < 10
            corrected[key] = weights[key] if kept else (m, u)
    return corrected


def _by_habit(
    engine: Engine, comparing: Comparing, weights: Weights, prior: float, sure: int, shared_by: int, records: int
) -> dict[tuple[str, str], tuple[float, float]]:
    """m as it is among the records of one customer."""
    rules = _write_training(engine, comparing, shared_by, records)
    (taught, parting), found = _parting(comparing), dict(weights)
    taught = _named_conditions(engine, taught)
    if rules:
        with splink(engine) as scorer:
            found |= _read(
                taught, scorer.habits("link_training", settings(taught, {**weights, **parting}, prior), rules)
            )
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
        for level in field.levels:
            if level.inside is not None and not level.fixed:
                m, u = learned[field.name, level.inside][0], weights[field.name, level.likeness][1]
                learned[field.name, level.likeness] = (m, min(u, m))
            if level.weighs_as is not None:
                learned[field.name, level.likeness] = learned[field.name, level.weighs_as]
    return learned


def _by_each(
    engine: Engine, comparing: Comparing, weights: Weights, records: int
) -> dict[tuple[str, str], tuple[float, float]]:
    """m of what a record says twice, as often as both agree in one record."""
    learned: dict[tuple[str, str], tuple[float, float]] = {}
    for field in comparing.fields:
        if field.told_twice is not None:
            agree = exp.func("count_if", field.told_twice.copy(), dialect="duckdb")
            told = exp.select(exp.alias_(agree, "agree"), exp.alias_(exp.Count(this=field.told_twice.copy()), "n"))
            row = engine.fetch(told.from_(place(RECORD)).where(_one_in(_parts(records)))).to_pylist()[0]
            same_, other = ((field.name, level.likeness) for level in field.levels)
            m = (int(row["agree"] or 0) + USUAL * field.levels[0].m) / (int(row["n"]) + USUAL)
            learned |= {same_: (m, weights[same_][1]), other: (1 - m, weights[other][1])}
    return learned


def _plain(comparing: Comparing) -> Comparing:
    """Without what is not taught by looking at any pair: special cases, and fields that say nothing as a rule."""
    fields = (
        replace(field, levels=tuple(each for each in field.levels if not each.special))
        for field in comparing.fields
        if not field.quiet
    )
    return replace(comparing, fields=tuple(fields))


def _parting(comparing: Comparing) -> tuple[Comparing, Weights]:
    """What teaches m, with fields by which a pair that is surely two teaches nothing; their weights."""
    plain, fields = _plain(comparing), []
    weights: dict[tuple[str, str], tuple[float, float]] = {}
    for number, surely_two in enumerate(comparing.surely_two):
        apart = Level(likeness="two", when=surely_two, m=_NEVER, u=0.5, fixed=True)
        level = Level(likeness="", when=None, m=0.5, u=0.5, fixed=True)
        fields.append(Field(name=f"surely_two_{number}", column="", unknown=None, levels=(apart, level)))
        weights |= {(fields[-1].name, each.likeness): (each.m, each.u) for each in fields[-1].levels}
    return replace(plain, fields=(*plain.fields, *fields)), weights


def _named_conditions(engine: Engine, comparing: Comparing) -> Comparing:
    """The same likenesses, their conditions under names: Splink takes each apart, again for each way to look at pairs.

    What compares columns for being equal alone stays as it is: by it Splink tells which likeness all pairs that it
    looks at have.
    """
    fields = []
    for field in comparing.fields:
        levels = tuple(
            replace(level, when=_by_name(engine, f"{field.name}_{number}", level.when))
            for number, level in enumerate(field.levels)
        )
        fields.append(replace(field, unknown=_by_name(engine, f"{field.name}_unknown", field.unknown), levels=levels))
    return replace(comparing, fields=tuple(fields))


def _by_name(engine: Engine, name: str, condition: exp.Expr | None) -> exp.Expr | None:
    if condition is None:
        return None
    parts = condition.flatten() if isinstance(condition, exp.And) else [condition]
    if all(isinstance(each, exp.EQ) for each in parts):
        return condition
    given = sorted({column.name for column in condition.find_all(exp.Column)})
    engine.define(f"likeness_{name}", given, condition)
    return exp.Anonymous(this=f"likeness_{name}", expressions=[exp.column(each) for each in given])


def _one_in(parts: int) -> exp.Expr:
    """One record in so many, chosen by its name alone."""
    if parts == 1:
        return exp.true()
    chosen = exp.func("hash", exp.cast(exp.column("ref"), "text"), dialect="duckdb")
    return exp.Mod(this=chosen, expression=exp.Literal.number(parts)).eq(0)


def _sampled(engine: Engine, comparing: Comparing, records: int) -> str:
    """The columns whose values are counted, of not too many records."""
    name = "link_sampled"
    columns = dict.fromkeys([*comparing.terms, *(each for some in comparing.together for each in some)])
    write(engine, name, exp.select("ref", *columns).from_(place(RECORD)).where(_one_in(_halved(records, COUNTED))))
    return name


def _write_training(engine: Engine, comparing: Comparing, shared_by: int, records: int) -> list[str]:
    """The table to learn from, and for each way to look at it the rule by which Splink finds the pairs."""
    looks, rules = [], []
    for number, training in enumerate(comparing.trainings):
        name = f"link_training_{number}"
        pairs = _sharing(engine, comparing, name, _columns(training.columns), shared_by, records) / _parts(records)
        if pairs >= LEAST_PAIRS:
            turned = exp.func("hash", exp.column("value"), dialect="duckdb")  # its own remainders were used already
            parts = 2 ** max(0, math.ceil(math.log2(pairs / PAIRS_PER_TRAINING)))
            mine = exp.Mod(this=turned, expression=exp.Literal.number(parts)).eq(0)
            sampled = exp.select("id", "value", exp.alias_(exp.Literal.number(number), "look")).from_(place(name))
            write(engine, f"{name}_part", sampled.where(mine))
            looks.append(number)
            equal = [exp.column(each, "l").eq(exp.column(each, "r")) for each in (*training.columns, f"look_{number}")]
            rules.append(exp.and_(*equal).sql(dialect="duckdb"))
        drop(engine, name)
    if not rules:
        return []
    parts_ = [exp.select("id", "value", "look").from_(place(f"link_training_{each}_part")) for each in looks]
    every = exp.union(*parts_, distinct=False) if len(parts_) > 1 else parts_[0]
    marks = {
        f"look_{each}": exp.Case(ifs=[exp.If(this=exp.column("look").eq(each), true=exp.column("value"))])
        for each in looks
    }
    largest = [exp.alias_(exp.Max(this=mark), name) for name, mark in marks.items()]
    marked = exp.select("id", *largest).from_(every.subquery("every")).group_by("id").subquery("marked")
    query = exp.select("r.*", *(f"marked.{name}" for name in marks)).from_(exp.alias_(place(RECORD), "r", table=True))
    write(engine, "link_training", query.join(marked, on="marked.id = r.id"))
    drop(engine, *(f"link_training_{each}_part" for each in looks))
    return rules


def _sane(field: Field, learned: Weights) -> dict[tuple[str, str], tuple[float, float]]:
    """A field of which a greater likeness never says less, likeness nothing against, difference nothing for."""
    sane: dict[tuple[str, str], tuple[float, float]] = {}
    ratio = 2.0**_MOST_BITS
    free = [level for level in field.levels if not (level.fixed or level.special)]
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


def _read(comparing: Comparing, document: Mapping[str, Any]) -> dict[tuple[str, str], tuple[float, float]]:
    """m and u of each likeness in a document of Splink's."""
    found = {}
    for field, comparison in zip(comparing.fields, document["comparisons"], strict=True):
        told = [each for each in comparison["comparison_levels"] if not each.get("is_null_level")]
        for level, each in zip(field.levels, told, strict=True):
            found[field.name, level.likeness] = (float(each["m_probability"]), float(each["u_probability"]))
    return found
