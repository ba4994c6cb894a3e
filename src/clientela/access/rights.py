"""What a person may see: rows with columns and measures, each right by itself, united cell by cell."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from clientela.access.area import EVERYTHING, Reach, united
from clientela.contracts.derived.customer.lifetime import ROWS_REST_ON
from clientela.contracts.derived.pages import RESTS_ON
from clientela.contracts.derived.people import CUSTOMER

PERSONAL = "@personal"
_WILD = frozenset("*?[")
_PERSONAL = frozenset(f"{CUSTOMER.name}.{column.name}" for column in CUSTOMER.columns if column.personal)


@dataclass(frozen=True, slots=True)
class Names:
    """Names that are allowed: those that some pattern takes in, less those that a pattern after ``!`` takes out.

    ``*`` stands for any letters. A personal column is taken in by its own full name or by ``@personal``
    alone, never by a star.

    Examples
    --------
    >>> Names(("*", "!margin*")).allow("revenue"), Names(("*", "!margin*")).allow("margin_share")
    (True, False)
    >>> Names(("customer.*",)).allow("customer.email", personal=True)
    False
    >>> Names(("@personal", "!customer.tax_id")).allow("customer.email", personal=True)
    True
    """

    patterns: tuple[str, ...]

    def allow(self, name: str, *, personal: bool = False) -> bool:
        """Whether the name is among them."""
        if any(fnmatchcase(name, each[1:]) for each in self.patterns if each.startswith("!")):
            return False
        said = [each for each in self.patterns if not each.startswith("!")]
        if personal:
            return PERSONAL in said or name in said
        return any(fnmatchcase(name, each) for each in said)

    @property
    def include_personal(self) -> bool:
        """Whether any pattern could take in a personal column."""
        return any(each == PERSONAL or not _WILD & set(each) for each in self.patterns if not each.startswith("!"))

    @property
    def allow_all(self) -> bool:
        """Whether nothing that exists is left out, personal columns included."""
        return not any(each.startswith("!") for each in self.patterns) and {"*", PERSONAL} <= set(self.patterns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """Rows × columns × measures together: a cell is seen where one right gives both its row and its column.

    Parameters
    ----------
    columns : over ``table.column``
    least : the fewest customers a cell must tell of; 0: rows may be read one by one
    """

    reach: Reach
    columns: Names
    measures: Names
    least: int = 0

    def shows(self, name: str, *, personal: bool = False) -> bool:
        """Whether a column, as ``table.column``, may be seen: it, and all that it is made of."""
        return self.columns.allow(name, personal=personal) and all(
            self.columns.allow(each, personal=each in _PERSONAL) for each in RESTS_ON.get(name, ())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    """Figures of many customers only. Several rights to such are one: all their rows, and what every one of them gives.

    Parameters
    ----------
    columns, measures : those of each right
    least : the fewest customers a figure tells of
    """

    reach: Reach
    columns: tuple[Names, ...]
    measures: tuple[Names, ...]
    least: int

    def gives(self, measure: str) -> bool:
        """Whether a measure is among them."""
        return all(names.allow(measure) for names in self.measures)

    def hides(self, columns: Collection[str]) -> str | None:
        """A column, as ``table.column``, that the figures may not be seen by; None where there is none."""
        return next((each for each in columns if not all(names.allow(each) for names in self.columns)), None)


@dataclass(frozen=True, slots=True)
class Cells:
    """The rows of a table in which some columns may be read: those of a reach, of some kinds fewer.

    Parameters
    ----------
    column : what tells the kinds of rows apart; nothing where there are none
    kinds : values of that column, each with the reach of the rows that bear it; the others are as all
    """

    reach: Reach
    column: str = ""
    kinds: tuple[tuple[str, Reach], ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """All that one person may see. ``stored``: nothing else is there, as in a replica.

    Examples
    --------
    >>> scope = Scope((Right(reach=EVERYTHING, columns=Names(("*",)), measures=Names(("revenue",))),))
    >>> scope.of_figure("revenue", ()) == EVERYTHING, scope.of_figure("margin", ())
    (True, ())
    """

    rights: tuple[Right, ...]
    stored: bool = False
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.rights, self.stored)))

    def __hash__(self) -> int:
        """Worked out once: what is kept for a scope is looked up by it hundreds of times a page."""
        return self._hash

    def of_figure(self, measure: str, columns: Collection[str], *, also: Collection[str] = ()) -> Reach:
        """The rows that may be counted for a measure and divided or filtered by these columns, as ``table.column``.

        One right must give the row, the measure, those it is made of and all the columns: else what one grant hides
        could be told from what another shows.

        Parameters
        ----------
        also : the measures that a company's own one is made of
        """
        return united(
            area
            for right in self.rights
            if not right.least and all(map(right.measures.allow, (measure, *also))) and all(map(right.shows, columns))
            for area in right.reach
        )

    def of_columns(self, columns: Collection[str], *, personal: Collection[str] = ()) -> Reach:
        """The rows in which one right shows all these columns, as ``table.column``; those ``personal`` among them."""
        return united(
            area
            for right in self._by_rows()
            if all(right.shows(each, personal=each in personal) for each in columns)
            for area in right.reach
        )

    def of_column(self, table: str, column: str, *, personal: bool = False) -> Reach:
        """The rows of a table in which a column may be read."""
        return united(
            area
            for right in self._by_rows()
            if right.shows(f"{table}.{column}", personal=personal)
            for area in right.reach
        )

    def of_columns_any(self, table: str, columns: Collection[str], *, personal: Collection[str] = ()) -> Reach:
        """The rows of a table in which at least one of its columns may be read."""
        return united(area for name in columns for area in self.of_column(table, name, personal=name in personal))

    def of_kinds(self, table: str) -> tuple[str, dict[str, Reach]]:
        """The column that tells the rows of a table apart, and where those of some values may be read; else nothing.

        They are made of more than the others: who may not see all of that sees no such row.
        """
        column, made_of = ROWS_REST_ON.get(table, ("", {}))
        found: dict[str, Reach] = {}
        for value, columns in made_of.items():
            shown = [right for right in self.rights if all(map(right.columns.allow, columns))]
            many = self.of_many is not None and len(shown) == len(self.rights)
            reach = united(area for right in shown if many or not right.least for area in right.reach)
            if reach != EVERYTHING:
                found[value] = reach
        return column, found

    def of_cells(self, table: str, columns: Collection[str], *, personal: Collection[str] = ()) -> Cells:
        """The rows of a table in which at least one of these columns of it may be read.

        One right must show a column and, of a row that is made of more than others, all that it is made of.
        """
        column, made_of = ROWS_REST_ON.get(table, ("", {}))
        kinds = {
            value: united(
                area
                for name in columns
                for area in self.of_columns(
                    (f"{table}.{name}", *rests_on), personal=(f"{table}.{name}",) if name in personal else ()
                )
            )
            for value, rests_on in made_of.items()
        }
        return Cells(
            reach=self.of_columns_any(table, columns, personal=personal),
            column=column,
            kinds=tuple((value, reach) for value, reach in kinds.items() if reach != EVERYTHING),
        )

    def of_any(self) -> Reach:
        """The rows of which anything may be seen, if only in a figure of them."""
        return united(area for right in self._by_rows() for area in right.reach)

    @property
    def of_many(self) -> Many | None:
        """What a person sees who sees figures of many customers only; None for who also sees others, or nothing.

        Who may see figures of few customers is given none of many beside them: one subtracted from the other
        would tell of the rest.
        """
        if not self.rights or not all(right.least for right in self.rights):
            return None
        return Many(
            reach=self.of_figures_only,
            columns=tuple(right.columns for right in self.rights),
            measures=tuple(right.measures for right in self.rights),
            least=max(right.least for right in self.rights),
        )

    @property
    def of_figures_only(self) -> Reach:
        """The rows of rights that show figures of many customers only."""
        return united(area for right in self.rights if right.least for area in right.reach)

    @property
    def sees_people(self) -> bool:
        """Whether some right could show a personal column: only then the people file is opened."""
        return any(right.columns.include_personal for right in self._by_rows())

    @property
    def sees_all(self) -> bool:
        """Whether nothing at all is hidden."""
        return any(
            right.reach == EVERYTHING and right.columns.allow_all and right.measures.allow("*") and not right.least
            for right in self.rights
        )

    def _by_rows(self) -> Iterable[Right]:
        return (right for right in self.rights if not right.least)


WHOLE = Scope((Right(reach=EVERYTHING, columns=Names(("*", PERSONAL)), measures=Names(("*",))),))
