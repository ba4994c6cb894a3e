"""Figures published after a run: one measure each, by what can be asked of it, as of the run's own date."""

from __future__ import annotations

import random
from pathlib import Path

from clientela.contracts.filter import Condition, Filter, Operator
from clientela.cube.explore import Wanted
from tests.oracle.asking import opened
from tests.oracle.beside import Expected
from tests.oracle.dictionary import COUNTED, MEASURES, facts, parts, reached
from tests.oracle.questions import TEXTS, Question

# What a run finds out about today, and keeps no versions of: who is whom, what is foreseen, what may be sent to whom.
OF_TODAY = ("score", "known", "duplicate", "pair", "doubtful", "effect", "consent", "field")
JOINED = 1  # the delivery that brings the last records by which two keys are one customer


def published(folder: Path, seed: int, number: int, figures: int) -> list[tuple[Question, Expected]]:
    """What is told after a run, with the questions that ask for it as known then.

    Identity is always today's: until the last keys are joined, what counts different customers or is seen by them is
    left out.
    """
    rng = random.Random(f"{seed}-{number}")  # noqa: S311 -- repeatable cases, no secret
    lasting = [
        name
        for name in MEASURES
        if not any(fact in OF_TODAY for fact in facts((name,)))
        and (number >= JOINED or not any(COUNTED[part].today for part in parts(name)))
    ]
    told = []
    with opened(folder) as product:
        last = product.last
        for place in range(figures):
            name = lasting[place % len(lasting)]
            fields = [each for each in reached((name,)) if number >= JOINED or each != "customer"]
            by = tuple(rng.sample(fields, min(len(fields), rng.choice((0, 1, 2, 2, 3)))))
            where = _filter(rng, [each for each in fields if each in TEXTS])
            one = Question((name,), by, where, Wanted(), (), None, last.as_of, last.known_at)
            told.append((one, product.answer(one)[0]))
    return told


def _filter(rng: random.Random, fields: list[str]) -> Filter | None:
    if not fields or rng.random() < 0.6:
        return None
    name = rng.choice(fields)
    return Condition(name, Operator.NE, rng.choice([each for each in TEXTS[name] if each]))
