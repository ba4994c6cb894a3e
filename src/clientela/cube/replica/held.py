"""The rights of a replica as a document, which its snapshot carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from clientela.access.area import Area
from clientela.access.rights import Names, Right, Scope


def document(scope: Scope) -> list[dict[str, Any]]:
    """The rights of a scope as plain data.

    Examples
    --------
    >>> scope = Scope((Right(reach=(Area(customers=frozenset({7})),), columns=Names(("*",)), measures=Names(("*",))),))
    >>> document(scope)
    [{'rows': [{'customers': [7]}], 'columns': ['*'], 'measures': ['*']}]
    """
    return [
        {
            "rows": [{name: sorted(getattr(area, name)) for name in area.limits} for area in right.reach],
            "columns": list(right.columns.patterns),
            "measures": list(right.measures.patterns),
        }
        for right in scope.rights
    ]


def scope_of(said: Sequence[Mapping[str, Any]]) -> Scope:
    """The scope of such a document.

    Examples
    --------
    >>> scope_of([{"rows": [{}], "columns": ["*"], "measures": ["revenue"]}]).of_figure("revenue", ())
    (Area(territories=None, customers=None, products=None, campaigns=None),)
    """
    rights = (
        Right(
            reach=tuple(Area(**{name: frozenset(keys) for name, keys in area.items()}) for area in each["rows"]),
            columns=Names(tuple(each["columns"])),
            measures=Names(tuple(each["measures"])),
        )
        for each in said
    )
    return Scope(tuple(rights), stored=True)
