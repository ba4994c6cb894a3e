"""``[[source]]`` understood: which table it fills, and from which columns of its files, by which formulas."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import PurePath

from clientela.capture.files.csv_reader import Dialect
from clientela.capture.formula import Formula, FormulaError, Kind, formula
from clientela.capture.reading import Reading, date_problem
from clientela.config import Expression, Settings, Source
from clientela.contracts.schema import Column, Contract, Type
from clientela.contracts.schema import Kind as TableKind
from clientela.contracts.tables import CONTRACTS
from clientela.errors import ConfigurationError, did_you_mean

HAPPENED, ARRIVAL = "happened", "arrival"
APP_DATABASE = "app.sqlite"  # a source may be the workspace's own: the path is then its name and the table's
LEFT_OUT = "line_no"  # the one part of a key that a source may leave out
_KINDS = {Type.MONEY: Kind.NUMBER, Type.NUMBER: Kind.NUMBER, Type.SHARE: Kind.NUMBER, Type.INT: Kind.NUMBER}


@dataclass(frozen=True, slots=True)
class Field:
    """Where one column of the contract comes from: a column of the file, a formula over several, or a constant."""

    column: Column
    name: str | None = None
    formula: Formula | None = None
    constant: str | None = None

    @property
    def reads(self) -> frozenset[str]:
        """The file's columns it needs."""
        if self.formula is not None:
            return self.formula.columns
        return frozenset({self.name} if self.name is not None else ())


@dataclass(frozen=True, slots=True)
class Section:
    """One ``[[source]]`` with names looked up and formulas parsed. ``zone`` is that of its local times."""

    source: Source
    contract: Contract
    fields: tuple[Field, ...]
    zone: str
    company_zone: str
    currency: str
    max_bad: float

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones its moments are read in; an engine must know them."""
        return tuple(dict.fromkeys((self.zone, self.company_zone)))

    @property
    def of_app_database(self) -> bool:
        """Whether its rows are those of the workspace's own app database."""
        return self.source.path == f"{APP_DATABASE}#{self.contract.name}"

    @property
    def place(self) -> str:
        """How errors name it."""
        return f"[[source]] '{self.source.name}' ({self.contract.name})"

    @property
    def reading(self) -> Reading:
        """How its files write numbers and dates."""
        return Reading(self.source.format.decimal, self.source.format.date)

    @property
    def dialect(self) -> Dialect:
        """How its files separate cells."""
        form = self.source.format
        return Dialect(form.delimiter, form.quote, form.encoding, form.header)

    @property
    def known_column(self) -> str | None:
        """The column of the file that says when a row became known, if one does."""
        known = self.source.known
        if known is None or known in (HAPPENED, ARRIVAL):
            return None
        mapped = self.source.columns.get(known)
        return mapped if isinstance(mapped, str) else known

    def bound(self, header: Collection[str]) -> tuple[Field, ...]:
        """The fields of a file with these columns: those stated, and those that bear the contract's own names."""
        stated = {field.column.name for field in self.fields}
        taken = tuple(
            Field(column, name=column.name)
            for column in self.contract.columns
            if column.name not in stated and column.name in header
        )
        order = {column.name: place for place, column in enumerate(self.contract.columns)}
        return tuple(sorted((*self.fields, *taken), key=lambda field: order[field.column.name]))

    def problems_with(self, header: Sequence[str], path: str) -> list[str]:
        """What hinders reading a file with these columns, a sentence each."""
        needed = [name for field in self.fields for name in sorted(field.reads)]
        if self.known_column is not None:
            needed.append(self.known_column)
        problems = [
            f"{self.place}: {path} has no column '{name}'; {did_you_mean(name, header)}{_delimiter_hint(header)}"
            for name in dict.fromkeys(needed)
            if name not in header
        ]
        if problems:
            return problems
        given = {field.column.name for field in self.bound(header)}
        missing = [name for name in required(self.contract) if name not in given]
        if missing:
            problems.append(
                f"{self.place}: nothing says where {', '.join(missing)} comes from; name the column of {path} under "
                f"[source.columns]. Its columns: {', '.join(sorted(header))}.{_delimiter_hint(header)}"
            )
        return problems

    def over_budget(self, path: str, *, good: int, bad: int) -> str:
        """Why a file with so many good and bad rows stays out, in a sentence; '' when it does not."""
        rows = good + bad
        allowed = max(1, int(Decimal(str(self.max_bad)) * rows)) if self.max_bad else 0  # exactly: 29 % of 100 is 29
        if bad <= allowed and (good or not bad):
            return ""
        said = f"{bad:,} of its {rows:,} rows are bad, more than max_bad = {self.max_bad:g} allows"
        if not good:
            said = f"none of its {rows:,} rows is good"
        return f"source '{self.source.name}': {path} stays out: {said}; what was delivered before is kept."

    def digest(self) -> str:
        """A text that changes when the same file would be read differently."""
        said = self.source.model_dump(
            mode="json", include={"name", "keys_of", "known", "format", "columns", "constants"}
        )
        parts = [said, self.zone, self.company_zone, self.currency, repr(self.contract)]
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def required(contract: Contract) -> tuple[str, ...]:
    """The columns a source must deliver."""
    return tuple(
        column.name
        for column in contract.columns
        if (column.required or column.name in contract.key) and column.name != LEFT_OUT
    )


def understand(settings: Settings) -> tuple[Section, ...]:
    """Every ``[[source]]`` of the settings, checked against the contracts.

    Raises
    ------
    ConfigurationError
        Tables, columns or formulas that cannot be; every problem is named.
    """
    sections: list[Section] = []
    problems: list[str] = []
    for source in settings.sources:
        place = f"[[source]] '{source.name}' ({source.table})"
        contract = CONTRACTS.get(source.table)
        if contract is None:
            problems.append(
                f"[[source]] '{source.name}': unknown table '{source.table}'; {did_you_mean(source.table, CONTRACTS)}"
            )
            continue
        fields: list[Field] = []
        for item in _fields(source, contract):
            if isinstance(item, str):
                problems.append(f"{place}: {item}")
            else:
                fields.append(item)
        problems += [f"{place}: {each}" for each in _other_problems(source, contract)]
        section = Section(
            source=source,
            contract=contract,
            fields=tuple(fields),
            zone=source.timezone or settings.company.timezone,
            company_zone=settings.company.timezone,
            currency=settings.company.currency,
            max_bad=settings.run.max_bad if source.max_bad is None else source.max_bad,
        )
        sections.append(section)
    if problems:
        raise ConfigurationError("clientela.toml cannot be used: " + "; ".join(problems), problems=problems)
    return tuple(sections)


def section_of(sections: Sequence[Section], source: str, table: str, path: str) -> Section | None:
    """The section a file belongs to: the first whose ``path`` it fits, else the only one for that table."""
    same = [each for each in sections if (each.source.name, each.contract.name) == (source, table)]
    places = (path, *map(str, PurePath(path).parents))  # a zip's member bears the zip's path before its own
    fitting = [
        each for each in same if any(fnmatchcase(place, each.source.place.replace("**/", "*")) for place in places)
    ]
    if fitting:
        return fitting[0]
    return same[0] if len(same) == 1 else None


def _fields(source: Source, contract: Contract) -> Iterator[Field | str]:
    """The fields the settings state, or a problem with each."""
    for name, value in source.columns.items():
        if name not in contract.names:
            yield f"unknown column '{name}' in columns; {did_you_mean(name, contract.names)}"
        elif name in source.constants:
            yield f"'{name}' stands under columns and under constants; keep one of them"
        elif isinstance(value, Expression):
            column = contract.column(name)
            try:
                yield Field(column, formula=formula(value.expr, _KINDS.get(column.type, Kind.TEXT)))
            except FormulaError as error:
                yield f"{name}: {error}"
        else:
            yield Field(contract.column(name), name=value)
    for name, constant in source.constants.items():
        if name not in contract.names:
            yield f"unknown column '{name}' in constants; {did_you_mean(name, contract.names)}"
        else:
            yield Field(contract.column(name), constant=_said(constant))


def _other_problems(source: Source, contract: Contract) -> Iterator[str]:
    if source.known == HAPPENED and contract.kind is TableKind.REFERENCE:
        yield f"known = \"happened\" has no meaning for '{contract.name}', which has no event time; leave it out"
    problem = date_problem(source.format.date) if source.format.date else None
    if problem:
        yield problem


def _said(constant: object) -> str:
    """A constant as a file would have written it, in the plain format."""
    if isinstance(constant, bool):
        return "true" if constant else "false"
    if isinstance(constant, (date, datetime)):
        return constant.isoformat()
    return str(constant)


def _delimiter_hint(header: Collection[str]) -> str:
    """What to say when a file was probably split at the wrong sign."""
    if len(header) != 1:
        return ""
    only = next(iter(header))
    sign = next((each for each in (";", "\t", "|", ",") if each in only), None)
    said = "\\t" if sign == "\t" else sign
    return f' The file seems to be separated by "{said}": say format = {{ delimiter = "{said}" }}.' if sign else ""
