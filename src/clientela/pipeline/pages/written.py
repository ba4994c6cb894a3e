"""In the run: each customer on one row with all their page shows, and the words that customers are found by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import sqlglot
from sqlglot import exp

from clientela.config import Settings
from clientela.cube.view import View
from clientela.pipeline.clock import Clock
from clientela.unify.standardise.text import column, define, folded
from clientela.warehouse.build import Build
from clientela.warehouse.model import Model, load_models
from clientela.warehouse.physical import PEOPLE

PACKAGE = "clientela.pipeline.pages"
STEP = "customer pages"
LONGEST_WORD = 40
# Of the golden record, which is written as its owner writes it, and of every record, as it is compared.
_NAMES = """
select customer_id, concat_ws(' ', full_name, first_name, last_name) as written from people.customer
where coalesce(full_name, first_name, last_name) is not null
"""
_SAID = "select customer_id, value as written from people.identifier where kind = 'name'"
_COMPANIES = "select customer_id, company as written from customer where company is not null"
_ASKED = "select distinct channel, purpose from customer_consent order by channel, purpose"
_WORDS = """
select distinct substr(word, 1, :longest) as word, customer_id
from (select customer_id, unnest(string_split(written, ' ')) as word from names) as parted
where length(word) > 0
order by word, customer_id
"""


def write_pages(
    build: Build, clock: Clock, settings: Settings, *, lapse_days: int | None, progress: Callable[[str], None]
) -> list[list[str]]:
    """Write ``customer_page``, ``name_word`` and ``company_word``; customers, facts and scores are there.

    Returns
    -------
    Each channel and purpose that anybody was ever asked about: who never was has given no permission.
    """
    progress("Writing customer_page")
    view = View(
        reader=build.engine,
        as_of=clock.as_of,
        known_at=clock.known_at,
        tables=build.tables(),
        lapse_days=lapse_days,
        currency=settings.company.currency,
    )
    model = page_model()
    tree, given = view.ready(_select(model), {"horizon_days": settings.run.horizon_days})
    build.create(model.name, tree, given, step=STEP, reads=sorted(model.reads & build.tables()))
    define(build.engine)
    people = build.tables(PEOPLE)
    named = [said for table, said in (("customer", _NAMES), ("identifier", _SAID)) if table in people]
    if named:
        _write_words(build, "name_word", named, ("customer", "identifier"))
    _write_words(build, "company_word", [_COMPANIES], ("customer",))
    return [[each["channel"], each["purpose"]] for each in build.engine.fetch(_query(_ASKED)).to_pylist()]


def _write_words(build: Build, table: str, said: Sequence[str], reads: Sequence[str]) -> None:
    """Write the words of what queries give; where nobody has a name, nothing is taken apart."""
    anybody = (exp.select("1 as one").from_(_query(each).subquery("said")).limit(1) for each in said)
    if any(build.engine.fetch(each).num_rows for each in anybody):
        build.create(table, words(*said), {"longest": LONGEST_WORD}, step=STEP, reads=reads)
    else:
        build.create_empty(table, step=STEP, reads=reads)


@cache
def page_model() -> Model:
    """The model of the table of pages."""
    (model,) = load_models(PACKAGE)
    return model


def words(*said: str) -> exp.Select:
    """Each word of what queries give as ``written`` with its customer, once, in small letters without accents."""
    form = folded(column("written")).sql
    parted = [
        exp.select("customer_id", exp.alias_(form(), "written")).from_(_query(each).subquery("said")) for each in said
    ]
    every: exp.Query = parted[0]
    for each in parted[1:]:
        every = exp.union(every, each, distinct=False)
    tree = _query(_WORDS)
    for table in list(tree.find_all(exp.Table)):
        if table.name == "names":
            table.replace(every.subquery("names"))
    return tree


def _query(sql: str) -> exp.Select:
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    assert isinstance(tree, exp.Select)  # noqa: S101 - every text given here is one
    return tree


def _select(model: Model) -> exp.Select:
    assert isinstance(model.tree, exp.Select)  # noqa: S101 - ours, and it is one
    return model.tree
