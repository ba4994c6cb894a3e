"""What is asked beside scoped figures, of the cube with roll-ups and in plain Python on the rows that a person sees."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from clientela.access.rights import Scope
from clientela.config import OwnMeasure
from clientela.contracts.filter import Filter
from clientela.cube.declared.catalogue import Catalogue
from clientela.cube.declared.own.measures import with_own
from clientela.cube.explore import Wanted, explore
from clientela.cube.filters import fields_of
from clientela.cube.knowledge import knowledge
from clientela.cube.rollup.shape import SEEN_IN, Rollup
from clientela.errors import NotPermittedError
from tests.access import cases
from tests.access.compare import LAPSE_DAYS, LINE, MIDNIGHT, of_python
from tests.access.naive import Given, Person, allowed
from tests.oracle.beside import Expected, expected
from tests.oracle.questions import Question
from tests.unit.cube.published import Published
from tests.unit.cube.rollup.rolled import rolled

OWN, MADE_OF = "net_sales", ("sales", "returns")
CATALOGUE = Catalogue(measures=with_own({OWN: OwnMeasure(sum="sales - returns")}))
ADDED = ("revenue", "returns", "sales", "discount", "quantity", "order_lines")
MEASURES = (*ADDED, "orders", "customers")
TIMES = ("week", "month", "quarter")
OTHERS = tuple(name for name in LINE if name not in ("day", "week", "month", "quarter", "year", "customer"))


class Refused(Exception):  # noqa: N818 - an answer, no mistake
    """The person may not see it."""


class Seen:
    """The figures that a person sees, as `tests.oracle.beside` asks for them."""

    def __init__(self, given: Sequence[Given], tables: cases.Tables, by: Sequence[str]) -> None:
        self.person, self.tables, self.by = Person(given, tables, cases.ON), tables, by

    def rows(self, names: Sequence[str], by: Sequence[str], where: Filter | None, looked: object) -> list[Any]:
        """One row for each member, of the rows that the figures of the question are of: a parent of its parts alone."""
        return [(*member, *figures) for member, figures in self._answer(names, by, where, self.by)[0].items()]

    def total(self, names: Sequence[str], where: Filter | None, looked: object) -> tuple[Any, ...]:
        """The figures of all that the figures by member are of."""
        figures: tuple[Any, ...] = self._answer(names, (), where, self.by)[1]
        return figures

    def _answer(self, names: Sequence[str], by: Sequence[str], where: Filter | None, shown: Sequence[str]) -> Any:
        found = of_python(
            self.person, self.tables, list(names), by, where, sorted({*shown, *fields_of(where)})
        )  # fmt: skip
        if found is None:
            raise Refused
        return found


class SeenOfOwn(Seen):
    """The same of a measure of the company's own, which is seen with all that it is made of."""

    def __init__(self, given: Sequence[Given], tables: cases.Tables, by: Sequence[str]) -> None:
        whole = [each for each in given if all(allowed(name, each.measures) for name in (OWN, *MADE_OF))]
        super().__init__(whole, tables, by)

    def _answer(self, names: Sequence[str], by: Sequence[str], where: Filter | None, shown: Sequence[str]) -> Any:
        rows, (sold, back) = super()._answer(MADE_OF, by, where, shown)
        return {member: (one - other,) for member, (one, other) in rows.items()}, (sold - back,)


def rollups(published: Published) -> tuple[Rollup, ...]:
    """Figures counted beforehand, as a run would, two of them with the territory that a row is seen in."""
    some = (
        rolled(published, "order_line", ("month", "category", SEEN_IN), ADDED),
        rolled(published, "order_line", ("day", "product_id", "territory_id", "channel", "kind", SEEN_IN), ADDED),
        rolled(published, "order_line", ("month",), MEASURES, (("month",), ())),
    )
    return tuple(sorted(some, key=lambda each: (each.rows, each.table)))


def question(rng: random.Random) -> Question:
    """A question with something beside its figures; one in four of the company's own measure."""
    names = (OWN,) if rng.random() < 0.25 else tuple(rng.sample(MEASURES, rng.randrange(1, 3)))
    by = tuple(rng.sample(OTHERS, rng.randrange(0, 2)))
    where = cases._filter(rng, rng.sample(OTHERS, 2), 1) if rng.random() < 0.4 else None
    kind = rng.choice(("top", "share", "running", "compare"))
    if kind == "top":
        by, wanted = by or ("category",), Wanted(top=rng.choice((1, 2, 3)))
    elif kind == "share":
        names = names if names != ("quantity",) else ("revenue",)  # a share is one of money or of a count
        last = rng.choice(TIMES) if rng.random() < 0.5 else rng.choice([name for name in OTHERS if name not in by])
        by, wanted = (*by, last), Wanted(share=True)
    elif kind == "running":
        names = names if names == (OWN,) else (rng.choice(ADDED),)
        by, wanted = (rng.choice(TIMES), *by), Wanted(running=True)
    else:
        by, wanted = (rng.choice(TIMES), *by), Wanted(compare=rng.choice(("previous", "last-year")))
    return Question(names, by, where, wanted, (), None, cases.ON, None)


def of_cube(published: Published, beforehand: Sequence[Rollup], scope: Scope, asked: Question) -> Expected | None:
    """What the product answers; None: it may not be seen."""
    midnight: datetime = MIDNIGHT
    try:
        kb = knowledge(
            published.engine, snapshot="1", tables=frozenset(published.tables), people=None, currency="EUR",
            timezone="UTC", lapse_days=LAPSE_DAYS, run_as_of=cases.ON, run_known_at=midnight, scope=scope,
            catalogue=CATALOGUE, rollups=beforehand,
        )  # fmt: skip
        told = explore(kb, asked.names, asked.by, asked.where, wanted=asked.wanted, catalogue=CATALOGUE)
    except NotPermittedError:
        return None
    return Expected(list(told.result.rows) if asked.by else [], told.result.totals, told.rest)


def of_python_beside(given: Sequence[Given], tables: cases.Tables, asked: Question) -> Expected | None:
    """What plain Python answers on the rows that the person sees; None: it may not be seen."""
    seen = Seen(given, tables, asked.by)
    if asked.names == (OWN,):  # as any sum of money: by what name it goes does not matter to what stands beside
        seen, asked = SeenOfOwn(given, tables, asked.by), replace(asked, names=("sales",))
    try:
        return expected(seen, asked, None)  # type: ignore[arg-type] # it counts as the oracle does
    except Refused:
        return None
