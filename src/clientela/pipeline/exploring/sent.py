"""What was sent to the engine for figures, to be looked at: without what limits the asker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.explore import MAX_TOP
from clientela.cube.figures.explain import Answered, explained
from clientela.cube.figures.query import plan
from clientela.cube.figures.question import understood
from clientela.cube.filters import Bound
from clientela.cube.typed import read
from clientela.errors import NotPermittedError
from clientela.pipeline import serving
from clientela.pipeline.asking.figures import Asked
from clientela.pipeline.asking.scope import Asker, opens_people
from clientela.pipeline.asking.seen import seen_by
from clientela.pipeline.declared.catalogue import catalogue_of
from clientela.pipeline.serving import Serving
from clientela.warehouse.store.snapshot import Reader

_OF_RIGHTS = "scope_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One question as it was sent.

    Parameters
    ----------
    statement : the SQL, with names in the place of values
    values : the values that the asker gave, by name; those that limit them to their rights are not told
    limited : whether rights limit it
    answered_by : which tables answered
    """

    statement: str
    values: Mapping[str, str]
    limited: bool
    answered_by: tuple[Answered, ...]


def sent(
    folder: Path, asked: Asked, *, as_of: date | None = None, known_at: datetime | None = None, asker: Asker | None
) -> Sent:
    """The statement behind the base figures of a question; what is set beside them is asked the same way.

    Raises
    ------
    NotPermittedError
        The asker sees figures of many customers only: what hides the others is not told.
    ClientelaError
        The question makes no sense or may not be asked.
    """
    catalogue = catalogue_of(folder)

    def told(reader: Reader, served: Serving) -> Sent:
        kb = seen_by(reader, served.snapshot, as_of, known_at=known_at, asker=asker, catalogue=catalogue)
        if kb.view.scope is not None and kb.view.scope.of_many is not None:
            raise NotPermittedError("who sees figures of many customers only is not shown what was sent for them.")
        types = {name: each.type for name, each in DIMENSIONS.items()}
        where = None if asked.where is None else read(asked.where, types, catalogue.fiscal)
        by, where = asked.taken_apart(where, catalogue.fiscal)
        top = asked.wanted.top
        limit = top if top is not None and 1 <= top <= MAX_TOP else asked.limit
        order = [f"-{asked.measures[0]}"] if top is not None and asked.measures else asked.order
        bound = Bound()
        question = understood(asked.measures, by, where, order, limit, catalogue.measures)
        tree, values = kb.view.ready(plan(question, bound, kb.view), bound.values, own=True)
        return Sent(
            statement=tree.sql("duckdb", pretty=True),
            values={name: str(value) for name, value in sorted(values.items()) if not name.startswith(_OF_RIGHTS)},
            limited=any(name.startswith(_OF_RIGHTS) for name in values),
            answered_by=explained(kb.view, asked.measures, by, where),
        )

    return serving.read(folder, told, people=opens_people(asker))
