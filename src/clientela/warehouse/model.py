"""Models: one ``.sql`` file, one ``select``, one table; and the order that tables read and written give."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal, Protocol, TypeVar

from sqlglot import exp
from sqlglot.errors import OptimizeError
from sqlglot.optimizer.qualify import qualify

from clientela.contracts.derived import DERIVED
from clientela.contracts.schema import Contract
from clientela.contracts.tables import CONTRACTS
from clientela.errors import ModelError, did_you_mean
from clientela.warehouse.asof import logical_columns
from clientela.warehouse.portable import base_tables, parse_model

ALL: Mapping[str, Contract] = {**CONTRACTS, **DERIVED}
_OWN = __name__.partition(".")[0]
_PART = re.compile(r"(\w+) \(([\w-]+)\)")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """One table and the query that makes it.

    ``kind``: ``state`` once a run; ``as-of`` for each date asked, with ``as_of`` added to its columns
    and its grain. ``writes`` is the table its rows go to; ``part`` the analysis whose part of that
    shared table it replaces, when it does not own the table.
    """

    name: str
    kind: Literal["state", "as-of"]
    grain: tuple[str, ...]
    purpose: str
    tree: exp.Query
    reads: frozenset[str]
    parameters: frozenset[str]
    writes: str
    part: str | None = None


class Step(Protocol):
    """What reads tables and writes tables: a model, the fit of an analysis."""

    @property
    def name(self) -> str:
        """What it is called, once in a run."""
        ...

    @property
    def reads(self) -> Collection[str]:
        """The tables it reads."""
        ...

    @property
    def writes(self) -> str | Collection[str]:
        """The table or tables it writes, or writes a part of."""
        ...


AnyStep = TypeVar("AnyStep", bound=Step)


def parse_file(text: str, name: str, *, contracts: Mapping[str, Contract] = ALL, proved: bool = False) -> Model:
    """The model in the text of a ``.sql`` file.

    Parameters
    ----------
    proved : that it is portable, and that the tables it reads have the columns it names, need not be looked at: that
        takes five times as long as to read it

    Raises
    ------
    ModelError
        Its header is incomplete, it reads a column that its tables do not have, or it is no portable query.

    Examples
    --------
    >>> model = parse_file('''-- shop_product
    ... -- What the shop sells.
    ... -- Grain: product_id
    ... -- Kind: state
    ... select product_id, name from product''', "shop_product")
    >>> model.purpose, model.grain, sorted(model.reads)
    ('What the shop sells.', ('product_id',), ['product'])
    """
    header = _header(text, name)
    tree = parse_model(text, name, tables=contracts, proved=proved)
    if not proved:
        _check_columns(tree, name, contracts)
    kind: Literal["state", "as-of"] = "as-of" if header["Kind"] == "as-of" else "state"
    part = _PART.fullmatch(header["Part of"]) if "Part of" in header else None
    return Model(
        name=name,
        kind=kind,
        grain=tuple(column.strip() for column in header["Grain"].split(",")),
        purpose=header["purpose"],
        tree=tree,
        reads=frozenset(".".join(filter(None, (table.db, table.name))) for table in base_tables(tree)),
        parameters=frozenset(node.name for node in tree.find_all(exp.Placeholder)) - {"as_of"},
        writes=part[1] if part else name,
        part=part[2] if part else None,
    )


def load_models(*packages: str) -> tuple[Model, ...]:
    """The models that lie beside the Python of these packages, by name.

    Raises
    ------
    ModelError
        Two files bear one name, or one cannot be used.
    """
    found: dict[str, Model] = {}
    for package in packages:
        own = package.partition(".")[0] == _OWN
        for model in _own_models(package) if own else _models(package, proved=False):
            if model.name in found:
                raise ModelError(model.name, "two files make this table.")
            found[model.name] = model
    return tuple(found[name] for name in sorted(found))


@cache
def _own_models(package: str) -> tuple[Model, ...]:
    """The models of a package of the product, read once; the tests have proved that each is as it must be."""
    return tuple(_models(package, proved=True))


def _models(package: str, *, proved: bool) -> Iterator[Model]:
    for path in _sql_files(files(package)):
        yield parse_file(path.read_text("utf-8"), path.name.removesuffix(".sql"), proved=proved)


def in_order(steps: Iterable[AnyStep], known: Collection[str]) -> tuple[AnyStep, ...]:
    """The steps, each after all that write what it reads; equal ones by name, however they were given.

    Parameters
    ----------
    known : tables that are there before the first step.

    Raises
    ------
    ModelError
        A step reads a table that is not known and that no step writes, steps wait for each other, or
        two bear one name.
    """
    given = list(steps)
    named = {step.name: step for step in given}
    if len(named) != len(given):
        twice = sorted(step.name for step in given if sum(each.name == step.name for each in given) > 1)
        raise ModelError(twice[0], "two steps bear this name.")
    writers: dict[str, set[str]] = {}
    for step in given:
        for table in _written(step):
            writers.setdefault(table, set()).add(step.name)
    waits = {name: _waits(named[name], writers, known) for name in sorted(named)}
    sorter = TopologicalSorter(waits)
    try:
        sorter.prepare()
    except CycleError as error:
        cycle = list(reversed(error.args[1]))
        raise ModelError(cycle[0], f"waits for itself: {' → '.join(cycle)}.") from None
    ordered: list[AnyStep] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered += [named[name] for name in ready]
        sorter.done(*ready)
    return tuple(ordered)


def _written(step: Step) -> Collection[str]:
    return (step.writes,) if isinstance(step.writes, str) else step.writes


def _waits(step: Step, writers: Mapping[str, set[str]], known: Collection[str]) -> set[str]:
    waits: set[str] = set()
    for table in sorted(step.reads):
        of_table = writers.get(table, set())
        if not of_table and table not in known:
            tables = {*writers, *known}
            raise ModelError(step.name, f"reads table '{table}', which nothing writes; {did_you_mean(table, tables)}")
        # of a shared table a step may read what the others wrote; a table of its own it cannot read
        waits |= of_table - {step.name} or of_table
    return waits


def _header(text: str, name: str) -> dict[str, str]:
    lines = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    header: dict[str, str] = {}
    purpose = []
    for line in lines[1:]:
        key, colon, value = line.partition(": ")
        if colon and key in ("Grain", "Kind", "Part of"):
            header[key] = value.strip()
        else:
            purpose.append(line)
    header["purpose"] = " ".join(purpose)
    wrong = []
    if not lines or lines[0] != name:
        wrong.append(f"its first line is '-- {name}', as the file is named")
    if not header["purpose"]:
        wrong.append("the next lines say what it is for")
    if not header.get("Grain"):
        wrong.append("'-- Grain: column, column' names the columns that tell its rows apart")
    if header.get("Kind") not in ("state", "as-of"):
        wrong.append("'-- Kind: state' or '-- Kind: as-of'")
    if "Part of" in header and not _PART.fullmatch(header["Part of"]):
        wrong.append("'-- Part of: table (analysis)'")
    if wrong:
        raise ModelError(name, f"its header is incomplete: {'; '.join(wrong)}.")
    return header


def _check_columns(tree: exp.Query, name: str, contracts: Mapping[str, Contract]) -> None:
    read = {table.name for table in base_tables(tree)}
    schema: dict[str, object] = {}
    for table in read:
        columns = logical_columns(contracts[table]) if table in contracts else {}
        if not columns:
            return  # a table of this run alone: the engine will say
        schema[table] = dict.fromkeys(columns, "text")
    if not schema or any(table.db for table in base_tables(tree)):
        return
    try:
        qualify(tree.copy(), schema=schema, dialect="duckdb", expand_stars=False, quote_identifiers=False)
    except OptimizeError as error:
        said = str(error).splitlines()[0]
        named = re.search(r"'(\w+)'|: (\w+)", said)
        missing = (named[1] or named[2]) if named else said
        known = {column for table in read for column in logical_columns(contracts[table])}
        raise ModelError(
            name, f"reads column '{missing}', which {', '.join(sorted(read))} lacks; {did_you_mean(missing, known)}"
        ) from error


def _sql_files(folder: Traversable) -> Iterable[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            yield from _sql_files(entry)
        elif entry.name.endswith(".sql"):
            yield entry
