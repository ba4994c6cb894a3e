"""How many customers are in each segment, within what somebody sees."""

from __future__ import annotations

from dataclasses import replace

from clientela.access.rights import Many, Names, Right, Scope
from clientela.cube.figures.query import query
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.errors import NotPermittedError

Sizes = tuple[dict[str, int | None], int | None, int]


def sizes_of(kb: SnapshotKnowledge) -> Sizes:
    """How many are in each segment, how many customers there are, and the fewest that may be told of (0: any)."""
    many = None if kb.view.scope is None else kb.view.scope.of_many
    if many is not None:
        return _sizes_of_many(kb, many)
    if "segment_member" not in kb.view.tables:
        return {}, _all_customers(kb), 0
    told = kb.query(["segment_members"], ["segment"]).rows
    return {str(name): int(n) for name, n in told if name is not None}, _all_customers(kb), 0  # type: ignore[arg-type] # counts


def _all_customers(kb: SnapshotKnowledge) -> int | None:
    try:
        told = kb.query(["known_customers"]).totals
    except NotPermittedError:
        return None
    return None if told is None else int(told[0])  # type: ignore[arg-type] # a count


def _sizes_of_many(kb: SnapshotKnowledge, many: Many) -> Sizes:
    """The sizes for who sees figures of many customers only: hidden where so few are in it, or so few are not."""
    for measure in ("segment_members", "known_customers"):
        if not many.gives(measure):
            raise NotPermittedError(f"'{measure}' is not among the figures you may see; ask who gives rights for it.")
    hidden = many.hides(["segment_member.segment"])
    if hidden is not None:
        raise NotPermittedError(f"'{hidden}' cannot be seen with your rights.")
    right = Right(reach=many.reach, columns=Names(("*",)), measures=Names(("*",)))
    view = replace(kb.view, people=None, scope=Scope((right,)))
    total = query(view, ["known_customers"]).totals
    every = int(total[0]) if total else 0  # type: ignore[arg-type] # a count
    told = query(view, ["segment_members"], ["segment"]).rows if "segment_member" in view.tables else ()
    sizes: dict[str, int | None] = {str(name): int(n) for name, n in told if name is not None}  # type: ignore[arg-type] # counts
    shown = {
        name: None if n is not None and (0 < n < many.least or 0 < every - n < many.least) else n
        for name, n in sizes.items()
    }
    return shown, every if every >= many.least else None, many.least
