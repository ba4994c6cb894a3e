"""Random questions: measures, what they are seen by, a filter, what is asked beside them, from when one looks."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or
from clientela.cube.explore import Wanted
from tests.oracle.company import FIRST_DAY, NOWS, in_utc
from tests.oracle.dictionary import COUNTED, MEASURES, TIME, reached, unit
from tests.oracle.layout import PLACES, PRODUCTS
from tests.oracle.sql import Looked

TEXTS = {
    "product_id": PRODUCTS, "territory_id": PLACES, "campaign_id": ("c0", "c1", "c4", "c77"),
    "channel": ("web", "store", "a_b", "a%b", "O'Hara", "phone", "e-mail"), "category": ("a_b", "a%b", "food", "tools"),
    "kind": ("sale", "return", "shipping"), "source": ("shop", "till", "office", "desk", "mailer"),
    "status": ("open", "won", "sent", "held"), "region": ("North", "South", "Lone"), "district": ("Hill", "Shore"),
    "product_name": ("Soap", "Late", "O'Hara"), "serving": ("cases", "contacts"), "arm": ("treated", "control"),
    "brand": ("X", "Y"), "nation": ("Iberia",), "territory": ("Hill", "Shore", "Coast"), "campaign": ("Spring",),
    "contact_kind": ("visit", "call"), "case_kind": ("complaint", "repair"), "reason": ("price", "late"),
    "system_pair": ("shop", "office, shop"), "systems": ("shop", "office, shop"), "found_by": ("rule", "model"),
    "customer_kind": ("person",), "payment_method": ("card", "cash"), "field": ("email",), "owner_id": ("ann",),
}  # fmt: skip
WHOLE = ("customer", "severity", "records_each")


@dataclass(frozen=True)
class Question:
    """One question, and from when it looks; ``known_at`` None: from when the date began."""

    names: tuple[str, ...]
    by: tuple[str, ...]
    where: Filter | None
    wanted: Wanted
    order: tuple[str, ...]
    limit: int | None
    as_of: date
    known_at: datetime | None


def question(rng: random.Random, customers: Sequence[int], last: Looked) -> Question:
    """A question that makes sense; ``last``: the latest that can be looked from."""
    names = _names(rng)
    shared = reached(names)
    by = tuple(rng.sample(shared, min(len(shared), rng.choice((0, 1, 1, 2, 2, 3)))))
    where = _filter(rng, shared, 3, customers) if shared and rng.random() < 0.55 else None
    wanted, order, limit = Wanted(), (), None
    kind = rng.choice(("plain", "plain", "plain", "plain", "ordered", "top", "compared", "shared", "running"))
    if kind == "ordered":
        columns = (*by, *names)
        order = tuple(
            f"{rng.choice(('', '-'))}{each}" for each in rng.sample(columns, rng.randrange(1, len(columns) + 1))
        )
        limit = rng.choice((None, 1, 3, 10))
    elif kind == "top" and len(by) > 0:
        by, wanted = by[:1], Wanted(top=rng.choice((1, 2, 3, 5)))
    elif kind == "shared" and by and any(unit(name) in ("money", "count") and name in COUNTED for name in names):
        wanted = Wanted(share=True)
    elif kind == "running":
        names = tuple(name for name in names if name in COUNTED and COUNTED[name].over_time)
        times = [name for name in by if name in TIME] or [rng.choice(TIME)]
        if names and times[0] in reached(names):
            by, wanted = (*times[:1], *(name for name in by if name not in TIME)), Wanted(running=True)
        names = names or ("revenue",)
        by = tuple(name for name in by if name in reached(names))
        wanted = wanted if any(name in TIME for name in by) else Wanted()
        where = where if where is None or _within(where, reached(names)) else None
    elif kind == "compared" and TIME[0] in shared:
        by, where, wanted = _compared(rng, by, shared, customers)
    return Question(names, by, where, wanted, order, limit, *_looked(rng, last))


def _names(rng: random.Random) -> tuple[str, ...]:
    """One to four figures; of several facts where they share something to be seen by."""
    while True:
        names = tuple(rng.sample(MEASURES, rng.choice((1, 1, 2, 2, 3, 4))))
        if len(names) < 3 or reached(names) or rng.random() < 0.1:
            return names


def _looked(rng: random.Random, last: Looked) -> tuple[date, datetime | None]:
    as_of = last.as_of
    if rng.random() < 0.5:
        as_of = FIRST_DAY + timedelta(days=rng.randrange(20, (last.as_of - FIRST_DAY).days))
    if rng.random() < 0.5:
        return as_of, None
    near = [now.replace(tzinfo=None) + timedelta(microseconds=by) for now in NOWS for by in (-1, 0, 1)]
    known_at = rng.choice((*near, in_utc(datetime.combine(as_of, datetime.min.time())), last.known_at))
    return as_of, min(known_at, last.known_at)


def _compared(
    rng: random.Random, by: tuple[str, ...], shared: Sequence[str], customers: Sequence[int]
) -> tuple[tuple[str, ...], Filter | None, Wanted]:
    others = tuple(name for name in by if name not in TIME)[:2]
    if rng.random() < 0.6:  # seen by a time
        time = rng.choice(TIME)
        where = (
            _filter(rng, [name for name in shared if name not in TIME], 1, customers) if rng.random() < 0.3 else None
        )
        return (time, *others), where, Wanted(compare=rng.choice(("previous", "last-year")))
    first, last = rng.choice(
        (
            (date(2024, 3, 1), date(2024, 3, 31)), (date(2024, 2, 1), date(2024, 2, 29)),
            (date(2024, 2, 5), date(2024, 2, 18)),
            (date(2024, 7, 1), date(2024, 12, 31)), (date(2025, 1, 1), date(2025, 2, 28)),
            (date(2024, 9, 30), date(2024, 9, 30)),
        )
    )  # fmt: skip
    where = Condition("day", Operator.BETWEEN, (first, last))
    if rng.random() < 0.3:
        where = And((Condition("day", Operator.GE, first), Condition("day", Operator.LE, last)))
    return others, where, Wanted(compare=rng.choice(("previous", "last-year")))


def _within(where: Filter, names: Sequence[str]) -> bool:
    if isinstance(where, Condition):
        return where.field in names
    return all(_within(each, names) for each in ((where.part,) if isinstance(where, Not) else where.parts))


def _filter(rng: random.Random, fields: Sequence[str], depth: int, customers: Sequence[int]) -> Filter | None:
    if not fields:
        return None
    kind = rng.random()
    if depth == 0 or kind < 0.5:
        return _condition(rng, rng.choice(fields), customers)
    if kind < 0.65:
        inner = _filter(rng, fields, depth - 1, customers)
        return None if inner is None else Not(inner)
    parts = tuple(
        each for _ in range(rng.choice((0, 1, 2, 2, 3))) if (each := _filter(rng, fields, depth - 1, customers))
    )
    return And(parts) if kind < 0.8 else Or(parts)


def _condition(rng: random.Random, name: str, customers: Sequence[int]) -> Condition:
    operator = rng.choice(list(Operator))
    if operator is Operator.IS_NULL:
        return Condition(name, operator)
    if operator in (Operator.CONTAINS, Operator.STARTS_WITH):
        if name in TIME or name in WHOLE:
            return Condition(name, Operator.IS_NULL)
        return Condition(name, operator, rng.choice(("a", "_", "%", "o", "", "p", "S", "sh", "O'", "c")))
    if operator is Operator.IN:
        return Condition(name, operator, tuple(_value(rng, name, customers) for _ in range(rng.randrange(4))))
    low, high = _value(rng, name, customers), _value(rng, name, customers)
    return Condition(name, operator, (low, high) if operator is Operator.BETWEEN else low)


def _value(rng: random.Random, name: str, customers: Sequence[int]) -> Any:
    if name in TIME:
        day = FIRST_DAY + timedelta(days=rng.randrange(440))
        return rng.choice((day, day.replace(day=1), date(day.year, 1, 1)))
    if name in WHOLE:
        return rng.choice(customers) if name == "customer" else rng.randrange(5)
    return rng.choice([each for each in TEXTS.get(name, ("a", "ann", "phone", "in", "Acme", "l1", "service")) if each])
