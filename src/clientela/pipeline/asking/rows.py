"""The rows behind figures, page by page, and the members a dimension has; within what somebody sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from clientela.contracts.analysis import Result
from clientela.contracts.filter import And, Condition, Filter, Operator
from clientela.contracts.schema import Contract, Type
from clientela.contracts.text import Text, Value
from clientela.cube.beside.behind import of_rows
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.fields import personal_fields, public_fields
from clientela.cube.filters import SEGMENT
from clientela.cube.records import CUSTOMER_KEY, MAX_ROWS
from clientela.cube.typed import read
from clientela.cube.view import ALL
from clientela.errors import NotPermittedError, QueryError, UnknownNameError
from clientela.pipeline import serving
from clientela.pipeline.asking import watched
from clientela.pipeline.asking.scope import Asker, opens_people
from clientela.pipeline.asking.seen import seen_by
from clientela.pipeline.asking.watched import Look, entered
from clientela.pipeline.serving import Serving
from clientela.warehouse.store.snapshot import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The rows asked for. ``where`` is a filter as a person types it; no ``columns``: all that the asker may see."""

    table: str
    columns: Sequence[str] = ()
    where: str | None = None
    order: Sequence[str] = ()
    limit: int = 100
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of rows. ``cursor`` asks for the next one; None: there is none."""

    table: str
    rows: Result
    as_of: date
    snapshot: str
    notices: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersTold:
    """The members of a dimension, in order; ``more``: there are others beyond the limit."""

    dimension: str
    members: tuple[Value, ...]
    more: bool
    as_of: date
    snapshot: str


def rows(
    folder: Path,
    wanted: Wanted,
    *,
    look: Look,
    as_of: date | None = None,
    known_at: datetime | None = None,
    asker: Asker | None = None,
) -> Page:
    """A page of the rows of a table. What is personal, and what was looked at, is entered in the audit log.

    Raises
    ------
    UnknownNameError, QueryError
        A name is not known, a value has the wrong type, or the cursor belongs to another question.
    NotPermittedError
        The asker may not see the rows, or not a column.
    """
    if wanted.table not in ALL:
        raise UnknownNameError("table", wanted.table, ALL)
    contract = ALL[wanted.table]
    personal = {*personal_fields(contract), *([CUSTOMER_KEY] if "customer_id" in public_fields(contract) else [])}

    def told(reader: Reader, served: Serving) -> Page:
        kb = seen_by(reader, served.snapshot, as_of, known_at=known_at, asker=asker)
        scope = kb.view.scope
        if scope is not None and scope.of_many is not None:
            raise NotPermittedError("who sees figures of many customers only sees no rows; ask `clientela query`.")
        seen = [*wanted.columns] or [
            name
            for name in public_fields(contract)
            if scope is None or scope.sees_all or scope.of_column(contract.name, name)
        ]
        if not seen:
            raise NotPermittedError(f"nothing of '{contract.name}' can be seen with your rights.")
        found = kb.records(
            contract.name,
            seen,
            None if wanted.where is None else read(wanted.where, _types(contract)),
            order=wanted.order,
            limit=wanted.limit,
            cursor=wanted.cursor,
        )
        looked_at = sorted(personal & {*seen, *(each.removeprefix("-") for each in wanted.order)})
        entered(
            folder,
            look,
            "personal.read" if looked_at else "rows.read",
            objects=[f"table:{contract.name}", *(f"column:{contract.name}.{name}" for name in looked_at)],
            counts={"rows": len(found.rows)},
            snapshot=kb.snapshot,
        )
        return Page(table=contract.name, rows=found, as_of=kb.as_of, snapshot=kb.snapshot, notices=served.notices)

    return serving.read(folder, told, people=opens_people(asker))


def _types(contract: Contract) -> dict[str, Type]:
    """What a filter of a table's rows may name."""
    public = public_fields(contract)
    of_customer = {CUSTOMER_KEY: Type.TEXT, SEGMENT: Type.TEXT} if "customer_id" in public else {}
    dimensions = {name: each.type for name, each in of_rows(contract.name).items()}
    return {**dimensions, **of_customer, **public, **personal_fields(contract)}


def members(
    folder: Path,
    dimension: str,
    *,
    like: str | None = None,
    where: str | None = None,
    limit: int = 100,
    as_of: date | None = None,
    asker: Asker | None = None,
) -> MembersTold:
    """The members of a dimension that somebody may pick.

    Parameters
    ----------
    like : letters that they contain, as they are written

    Raises
    ------
    UnknownNameError, UnreachableError, QueryError, NotPermittedError
        There is no such dimension, it cannot be asked for letters, or it may not be seen.
    """
    if dimension not in DIMENSIONS:
        raise UnknownNameError("dimension", dimension, DIMENSIONS)
    if not 1 <= limit <= MAX_ROWS:
        raise QueryError(f"members are listed 1 to {MAX_ROWS} at once, not {limit}.")
    if like is not None and DIMENSIONS[dimension].type is not Type.TEXT:
        raise QueryError(f"'{dimension}' holds no texts, so none can be looked for by letters; leave out --like.")

    def told(reader: Reader, served: Serving) -> MembersTold:
        kb = seen_by(reader, served.snapshot, as_of, asker=asker)
        if kb.view.scope is not None and kb.view.scope.of_many is not None:
            raise NotPermittedError(
                f"who sees figures of many customers only sees the members of '{dimension}' in figures by it."
            )
        said = None if where is None else read(where, {name: each.type for name, each in DIMENSIONS.items()})
        parts: list[Filter] = [said] if said is not None else []
        if like:
            parts.append(Condition(dimension, Operator.CONTAINS, like))
        found = kb.members(dimension, where=And(tuple(parts)) if parts else None, limit=limit + 1)
        return MembersTold(
            dimension=dimension,
            members=found[:limit],
            more=len(found) > limit,
            as_of=kb.as_of,
            snapshot=served.snapshot.name,
        )

    return serving.read(folder, told, people=opens_people(asker))


@dataclass(frozen=True, slots=True)
class RowsOf:
    """The rows and members of one workspace. ``user``: within whose rights; None: of whoever may read its folder."""

    folder: Path

    def page(
        self,
        table: str,
        columns: Sequence[str] = (),
        where: str | None = None,
        *,
        order: Sequence[str] = (),
        limit: int = 100,
        cursor: str | None = None,
        as_of: date | None = None,
        known_at: datetime | None = None,
        user: str | None = None,
        purpose: str = "",
        now: datetime | None = None,
    ) -> Page:
        """A page of the rows of a table; ``rows.next_cursor`` of it asks for the next one."""
        wanted = Wanted(table=table, columns=columns, where=where, order=order, limit=limit, cursor=cursor)
        return rows(
            self.folder,
            wanted,
            look=watched.look(purpose, now),
            as_of=as_of,
            known_at=known_at,
            asker=watched.asker(self.folder, user, now),
        )

    def exported(self, told: Page, *, purpose: str = "", now: datetime | None = None) -> None:
        """Enter in the audit log that rows leave the workspace as a file."""
        names = [f"{told.table}.{each.name}" for each in told.rows.columns]
        watched.exported(self.folder, names, len(told.rows.rows), watched.look(purpose, now), snapshot=told.snapshot)

    def members(
        self,
        dimension: str,
        *,
        like: str | None = None,
        where: str | None = None,
        limit: int = 100,
        as_of: date | None = None,
        user: str | None = None,
        now: datetime | None = None,
    ) -> MembersTold:
        """The members of a dimension that may be picked."""
        asker = watched.asker(self.folder, user, now)
        return members(self.folder, dimension, like=like, where=where, limit=limit, as_of=as_of, asker=asker)
