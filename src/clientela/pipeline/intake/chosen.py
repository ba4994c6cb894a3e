"""What a person makes of a proposal: which files are used, which column fills what, how dates and numbers are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from clientela.capture.mapping import required
from clientela.capture.propose.look.values import spoken
from clientela.capture.propose.match import Field
from clientela.capture.propose.proposal import Company, Proposal, ProposedSource
from clientela.capture.reading import date_problem
from clientela.contracts.schema import Contract, Type
from clientela.contracts.tables import contract
from clientela.contracts.text import Text, text
from clientela.errors import UploadError, did_you_mean

PROPOSED, NOTHING = "proposed", ""
DELIVERIES = ("append", "upsert", "full")
ISO = "iso"  # dates as yyyy-mm-dd, which needs no pattern
_USUAL = ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d")
_ON_THE_CLOCK = (" %H:%M:%S", " %H:%M")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChoice:
    """What is chosen for one source.

    Parameters
    ----------
    columns : by column of the table: the file's column that fills it, `PROPOSED`, or `NOTHING`
    date : the pattern its dates are read by, `ISO`, or `PROPOSED`
    decimal : the sign of its numbers, or `PROPOSED`
    """

    use: bool = True
    name: str = PROPOSED
    delivery: str = PROPOSED
    date: str = PROPOSED
    decimal: str = PROPOSED
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What is chosen for a whole proposal: of the company, and of each source in its order."""

    name: str
    currency: str
    timezone: str
    sources: Sequence[SourceChoice] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One column of a table as a form offers it: what was proposed for it, and what a person has to look at."""

    name: str
    description: Text
    needed: bool
    proposed: Field | None
    chosen: str  # the file's column, `PROPOSED` for a formula, or `NOTHING`


def slots(source: ProposedSource) -> tuple[Slot, ...]:
    """Every column of the source's table: those needed or filled first, in the order of the table."""
    table = contract(source.table)
    needed = set(required(table)) - set(source.constants)
    by_name = {each.name: each for each in source.fields if each.expr != "null"}

    def slot(name: str) -> Slot:
        found = by_name.get(name)
        chosen = NOTHING if found is None or (found.held and source.question is None) else found.column or PROPOSED
        about = table.column(name).description
        return Slot(name=name, description=Text(about), needed=name in needed, proposed=found, chosen=chosen)

    listed = [slot(each.name) for each in table.columns if each.name not in source.constants]
    return tuple(sorted(listed, key=lambda each: not (each.needed or each.proposed is not None)))


def dates(source: ProposedSource) -> tuple[str, ...]:
    """The ways in which its dates may be read, the proposed one first; a question's choices first of all."""
    said = source.format.get("date")
    first = source.question.choices if source.question is not None else (said,) if said else (ISO,)
    shape = next((each for each in first if each not in (None, ISO)), "")
    clock = next((each for each in _ON_THE_CLOCK if shape.endswith(each)), "")
    return tuple(dict.fromkeys([*(each or ISO for each in first), *(each + clock for each in _USUAL), ISO]))


def date_words(pattern: str) -> str:
    """A pattern of dates as people write it."""
    return spoken("" if pattern == ISO else pattern)


def has_dates(source: ProposedSource) -> bool:
    """Whether any of its columns holds dates as text, so that how they are read matters."""
    table = contract(source.table)
    return any(table.column(each.name).type in (Type.DATE, Type.INSTANT) for each in source.fields)


def has_numbers(source: ProposedSource) -> bool:
    """Whether any of its columns holds money or numbers."""
    table = contract(source.table)
    return any(table.column(each.name).type in (Type.MONEY, Type.NUMBER, Type.SHARE) for each in source.fields)


def chosen(proposal: Proposal, choices: Choices) -> Proposal:
    """The proposal as a person wants it.

    Raises
    ------
    UploadError
        Nothing is used, a needed column has nothing that fills it, or a choice is none; every problem is named.
    """
    problems: list[Text] = []
    sources = []
    for number, source in enumerate(proposal.sources):
        choice = choices.sources[number] if number < len(choices.sources) else SourceChoice()
        if not choice.use:
            continue
        made = _source(source, choice)
        problems += _problems(made, choice, _file(source))
        sources.append(made)
    if not sources:
        problems.append(text("no file is used; choose at least one"))
    if problems:
        raise UploadError(problems)
    company = Company(name=choices.name, currency=choices.currency, timezone=choices.timezone, why={})
    return replace(proposal, company=company, sources=tuple(sources), unused=())


def _source(source: ProposedSource, choice: SourceChoice) -> ProposedSource:
    table = contract(source.table)
    fields = _fields(source, choice, table)
    form = dict(source.format)
    why = dict.fromkeys(form, "")
    if choice.date not in (PROPOSED, ISO):
        form["date"] = choice.date
    elif choice.date == ISO:
        form.pop("date", None)
    if choice.decimal in (".", ","):
        form["decimal"] = choice.decimal
    decided = source.question is None or choice.date != PROPOSED
    return replace(
        source,
        name=source.name if choice.name == PROPOSED else choice.name.strip(),
        delivery=source.delivery if choice.delivery == PROPOSED else choice.delivery,
        delivery_why=source.delivery_why if choice.delivery in (PROPOSED, source.delivery) else "as you said",
        fields=fields,
        format=form,
        format_why=why,
        unmapped=(),
        doubts=(),
        held="" if decided else source.held,
        question=None if decided else source.question,
    )


def _fields(source: ProposedSource, choice: SourceChoice, table: Contract) -> tuple[Field, ...]:
    """The fields that are chosen; a column of the table's own name that is not wanted is said to be empty."""
    names = {each.name for each in source.seen}
    kept: list[Field] = []
    for slot in slots(source):
        said = choice.columns.get(slot.name, slot.chosen)
        if said == PROPOSED and slot.proposed is not None:
            kept.append(replace(slot.proposed, doubt="", held=False))
        elif said in names:
            same = slot.proposed is not None and slot.proposed.column == said
            evidence = slot.proposed.evidence if same and slot.proposed is not None else "as you said"
            kept.append(Field(slot.name, said, None, (said,), 1.0, evidence))
        elif slot.name in names:
            kept.append(Field(slot.name, None, "null", (), 0.0, "left empty, as you said"))
    order = {name: place for place, name in enumerate(table.names)}
    return tuple(sorted(kept, key=lambda each: order[each.name]))


def _problems(source: ProposedSource, choice: SourceChoice, file: str) -> list[Text]:
    """What is missing of a file, or is none, each with the name of the file."""
    table = contract(source.table)
    filled = {each.name for each in source.fields if each.expr != "null"} | set(source.constants)
    missing = [name for name in required(table) if name not in filled]
    known = {each.name for each in source.seen}
    strange = [said for said in choice.columns.values() if said not in (PROPOSED, NOTHING) and said not in known]
    problems = (
        [text("{file}: choose the column for {columns}", file=file, columns=", ".join(missing))] if missing else []
    )
    problems += [
        text("{file}: unknown column '{name}'; {near}", file=file, name=said, near=did_you_mean(said, known))
        for said in strange
    ]
    if source.question is not None:
        asked = source.question.column
        problems.append(text("{file}: say how the dates in '{column}' are written", file=file, column=asked))
    if source.delivery not in DELIVERIES:
        near = did_you_mean(source.delivery, DELIVERIES)
        problems.append(text("{file}: unknown delivery '{name}'; {near}", file=file, name=source.delivery, near=near))
    said_date: Any = source.format.get("date")
    problem = date_problem(said_date) if said_date else None
    return [*problems, *([text("{file}: {problem}", file=file, problem=problem)] if problem else [])]


def _file(source: ProposedSource) -> str:
    return source.path.rsplit("/", 1)[-1]
