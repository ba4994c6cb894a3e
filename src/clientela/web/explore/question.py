"""What is asked on the page of the cube, as it stands in its address: all of it, so that the address shows it again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from clientela.contracts.text import text
from clientela.cube.explore import Wanted
from clientela.errors import UsageError

_MANY = ("measures", "by", "path")
_TEXTS = ("across", "where", "compare", "order", "as_of", "known_at", "chart")
_FLAGS = ("share", "running", "subtotals")
MOST_DIMENSIONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One question of the page.

    Parameters
    ----------
    where : a filter as one types it; '' for none
    path : the members that were gone down into, each as ``category=GROCERY``, the first first
    order : the name of a column, with ``-`` before it for the largest first; '' for the order that suits
    page : which page of the rows, from 1
    """

    measures: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    across: str = ""
    where: str = ""
    compare: str = ""
    order: str = ""
    as_of: str = ""
    known_at: str = ""
    chart: str = ""
    share: bool = False
    running: bool = False
    subtotals: bool = False
    top: int | None = None
    page: int = 1

    @property
    def wanted(self) -> Wanted:
        """What is asked beside the figures."""
        return Wanted(
            compare=self.compare or None,  # type: ignore[arg-type] # the cube refuses what it does not know
            share=self.share,
            running=self.running,
            top=self.top,
            pivot=self.across or None,
            subtotals=self.subtotals,
        )

    @property
    def day(self) -> date | None:
        """The date that is looked from.

        Raises
        ------
        UsageError
            It is none.
        """
        try:
            return date.fromisoformat(self.as_of) if self.as_of else None
        except ValueError:
            raise UsageError(text("'{as_of}' is no date; write it as 2024-05-01.", as_of=self.as_of[:40])) from None

    @property
    def moment(self) -> datetime | None:
        """The moment before which things were known.

        Raises
        ------
        UsageError
            It is none.
        """
        try:
            found = datetime.fromisoformat(self.known_at) if self.known_at else None
        except ValueError:
            raise UsageError(
                text("'{known_at}' is no moment; write it as 2024-05-01T08:00.", known_at=self.known_at[:40])
            ) from None
        return found if found is None or found.tzinfo is not None else found.replace(tzinfo=UTC)

    @property
    def items(self) -> list[tuple[str, str]]:
        """The pairs that stand in its address, in one order, nothing that says nothing among them."""
        pairs = [(name, each) for name in _MANY for each in getattr(self, name)]
        pairs += [(name, getattr(self, name)) for name in _TEXTS if getattr(self, name)]
        pairs += [(name, "1") for name in _FLAGS if getattr(self, name)]
        pairs += [("top", str(self.top))] if self.top is not None else []
        return pairs + ([("page", str(self.page))] if self.page > 1 else [])

    def address(self, **changes: Any) -> str:
        """The query string that shows it, with some of it changed; a change goes back to the first page of rows."""
        told = replace(self, **{"page": 1, **changes})
        return "?" + urlencode(told.items) if told.items else "?"


def asked(params: QueryParams) -> Asking:
    """What an address asks.

    Raises
    ------
    UsageError
        A number is none.
    """
    lists = {name: _listed(params.getlist(name)) for name in ("measures", "by")}
    path = tuple(each for each in params.getlist("path") if each)
    texts: dict[str, Any] = {name: (params.get(name) or "").strip() for name in _TEXTS}
    flags: dict[str, Any] = {name: (params.get(name) or "") in ("1", "true", "on", "yes") for name in _FLAGS}
    by = tuple(name for name in lists["by"] if name != texts["across"])[:MOST_DIMENSIONS]
    return Asking(
        measures=lists["measures"],
        by=by,
        path=path,
        **texts,
        **flags,
        top=_number(params.get("top"), "top"),
        page=_number(params.get("page"), "page") or 1,
    )


def _listed(said: Sequence[str]) -> tuple[str, ...]:
    """Names, each once; several may stand in one value, with commas between."""
    names: Iterable[str] = (name.strip() for each in said for name in each.split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def _number(said: str | None, name: str) -> int | None:
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) < 10 and int(said) > 0):
        raise UsageError(text("'{name}' takes a whole number from 1 on; '{said}' is none.", name=name, said=said[:20]))
    return int(said)
