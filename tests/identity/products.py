"""Abt-Buy: offers of two shops, compared by the same linker as customers, told how products are compared."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
from sqlglot import exp

from clientela.unify.linking import learn, link
from clientela.unify.linking.comparing import (
    Block,
    Comparing,
    Condition,
    Field,
    Level,
    Rule,
    Training,
    begins,
    same,
    unknown,
)
from clientela.warehouse.engine import MAIN, Engine
from tests.identity.delivery import NOW

_WORD = re.compile(r"[a-z0-9]+")
_CODE = re.compile(r"(?=[a-z0-9/-]*[a-z])(?=[a-z0-9/-]*[0-9])[a-z0-9][a-z0-9/-]{3,}")


def offers(data: Path) -> tuple[pa.Table, list[tuple[str, str]]]:
    """The offers of both shops, with the words of each and what looks like a model number; the true pairs."""
    rows = []
    for shop in ("abt", "buy"):
        with (data / "abt_buy" / f"{shop}.csv").open(encoding="utf-8") as file:
            rows += [_offer(shop, row) for row in csv.DictReader(file)]
    with (data / "abt_buy" / "gt.csv").open(encoding="utf-8") as file:
        truth = [(f"abt:{row['D1']}", f"buy:{row['D2']}") for row in csv.DictReader(file)]
    return pa.Table.from_pylist(rows), truth


def _offer(shop: str, row: dict[str, str]) -> dict[str, object]:
    name = row["name"].lower()
    codes = [re.sub(r"[/-]", "", code) for code in _CODE.findall(name)]
    words = list(dict.fromkeys(_WORD.findall(name)))
    price = re.sub(r"[^0-9.]", "", row["price"] or "")
    return {
        "customer_ref": f"{shop}:{row['id']}",
        "source": shop,
        "words": words,
        "code": max(codes, key=len) if codes else None,
        "brand": words[0] if words else None,
        "price": float(price) if price else None,
    }


def _shared(at_least: float) -> Condition:
    """Of the words of the shorter name so many are in the other too."""
    shared = exp.func("len", exp.func("list_intersect", exp.column("words_l"), exp.column("words_r"), dialect="duckdb"))
    shorter = exp.func("least", *(exp.func("len", exp.column(f"words_{side}")) for side in "lr"), dialect="duckdb")
    return exp.GTE(this=shared, expression=exp.Mul(this=shorter, expression=exp.Literal.number(at_least)))


def _within(share: float) -> Condition:
    apart = exp.func("abs", exp.Sub(this=exp.column("price_l"), expression=exp.column("price_r")))
    dearer = exp.func("greatest", exp.column("price_l"), exp.column("price_r"), dialect="duckdb")
    return exp.LTE(this=apart, expression=exp.Mul(this=dearer, expression=exp.Literal.number(share)))


def _level(likeness: str, when: Condition | None, m: float, u: float) -> Level:
    return Level(likeness=likeness, when=when, m=m, u=u)


PRODUCT = Comparing(
    table="offer",
    key="customer_ref",
    columns={name: exp.column(name) for name in ("source", "words", "code", "brand", "price")},
    fields=(
        Field(
            name="model_number",
            column="code",
            unknown=unknown("code"),
            levels=(
                _level("exact", same("code"), 0.75, 0.0005),
                _level("begins alike", begins("code", whole_words=False), 0.1, 0.0005),
                _level("different", None, 0.15, 0.999),
            ),
        ),
        Field(
            name="words",
            column="words",
            unknown=unknown("words"),
            levels=(
                _level("nearly all", _shared(0.8), 0.25, 0.0005),
                _level("most", _shared(0.6), 0.3, 0.005),
                _level("many", _shared(0.4), 0.3, 0.03),
                _level("few", None, 0.15, 0.96),
            ),
        ),
        Field(
            name="brand",
            column="brand",
            unknown=unknown("brand"),
            levels=(_level("exact", same("brand"), 0.95, 0.04), _level("different", None, 0.05, 0.96)),
        ),
        Field(
            name="price",
            column="price",
            unknown=unknown("price"),
            levels=(
                _level("within 10 %", _within(0.1), 0.6, 0.05),
                _level("within 30 %", _within(0.3), 0.25, 0.12),
                _level("different", None, 0.15, 0.83),
            ),
        ),
    ),
    blocks=(
        Block(name="model number", keys=(exp.column("code"),)),
        Block(name="a word", keys=(exp.column("words"),), each=True),
    ),
    rules=(
        Rule(
            name="brand and model number",
            group=("brand", "code"),
            when=exp.true(),
            unsure=exp.false(),
            apart=exp.false(),
        ),
    ),
    trainings=(Training(columns=("code",)), Training(columns=("brand", "price"))),
    surely=(("code",),),
    across="source",
)


def linked(data: Path) -> tuple[set[tuple[str, str]], list[tuple[str, str, float, float]]]:
    """The true pairs, and those the linker finds: (abt, buy, weight, probability)."""
    table, truth = offers(data)
    with Engine.in_memory() as engine:
        engine.register("given", table)
        engine.run(
            exp.Create(
                this=exp.table_("offer", db="main", catalog=MAIN),
                kind="TABLE",
                expression=exp.select("*").from_("given"),
            )
        )
        model = learn(engine, now=NOW, comparing=PRODUCT)
        link(engine, model, comparing=PRODUCT, ask_above=0.01)
        pairs = engine.fetch(exp.select("*").from_(exp.table_("scored_pair", db="main", catalog=MAIN)))
    found = []
    for row in pairs.to_pylist():
        one, other = sorted((row["customer_ref_l"], row["customer_ref_r"]))
        found.append((one, other, float(row["match_weight"]), float(row["match_probability"])))
    return set(truth), found


def each_once(pairs: list[tuple[str, str, float, float]], at_least: float) -> set[tuple[str, str]]:
    """The surest pairs in which no offer stands twice, as each shop offers a product once."""
    taken: set[str] = set()
    chosen = set()
    for one, other, _, probability in sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1])):
        if probability >= at_least and not {one, other} & taken:
            taken |= {one, other}
            chosen.add((one, other))
    return chosen


def f1(truth: set[tuple[str, str]], found: set[tuple[str, str]]) -> tuple[float, float, float]:
    """Precision, recall and their harmonic mean."""
    hit = len(truth & found)
    precision, recall = hit / max(len(found), 1), hit / len(truth)
    return precision, recall, float(np.divide(2 * precision * recall, precision + recall or 1))
