"""The proposal for a folder: every file looked at, tables chosen, files put together, names and deliveries given."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from clientela.capture.propose.company import company_of
from clientela.capture.propose.links import joined, one_series, with_customers, within
from clientela.capture.propose.look.listing import Series, listing, split
from clientela.capture.propose.look.sample import MOST_CELLS, Sample, UnreadableError, sample
from clientela.capture.propose.look.values import Profile
from clientela.capture.propose.match import Field
from clientela.capture.propose.proposal import Proposal, ProposedSource, SeenColumn, Unused
from clientela.capture.propose.reading_of import Ask, cut, read_as, written_as
from clientela.capture.propose.tables import Fill, best, fill, fills
from clientela.capture.propose.words import words_of
from clientela.contracts.schema import Kind
from clientela.contracts.tables import contract
from clientela.errors import ConfigurationError

MOST_SERIES = 400
ALL_CELLS = 2_000_000  # kept at once, of all files together
_SURE_SCORE = 3.2  # a table found by less is a guess
_OVERLAP = 0.3  # of the customers of a file must be known elsewhere to be of the same system


@dataclass(slots=True)
class _File:
    """One file, or a series of one shape, with what was found in it."""

    series: Series
    look: Sample
    profiles: tuple[Profile, ...]
    offers: list[Fill]
    best: Fill | None
    heads: _File | None = None
    taken: str = ""  # the file whose heads it holds
    on: str = ""
    doubts: list[str] = field(default_factory=list)
    said: bool = False  # a person says which table it fills

    @property
    def shown(self) -> str:
        return self.series.pattern

    @property
    def by_name(self) -> dict[str, Profile]:
        shown = {each.name: each for each in self.profiles}
        if self.heads is not None:
            shown = {**{each.name: each for each in self.heads.profiles}, **shown}
        return shown


def propose(
    folder: Path,
    *,
    root: Path,
    name: str | None = None,
    currency: str | None = None,
    timezone: str | None = None,
    ask: Ask | None = None,
    progress: Callable[[str], None] = lambda _: None,
    tables: Mapping[str, str] | None = None,
) -> Proposal:
    """What ``clientela.toml`` may say about a folder of exports.

    Parameters
    ----------
    folder
        The exports.
    root
        The workspace to be: paths are relative to it when the exports lie inside it.
    name, currency, timezone
        Of the company, when they were said.
    ask
        Puts a question to a person, where one sits.
    progress
        Is told each file that is looked at.
    tables
        Of files by their pattern, the table that a person says they fill.

    Raises
    ------
    ConfigurationError
        The folder is missing, unreadable, empty, or far too large.
    """
    found = listing(folder, without=root if root != folder and root.is_relative_to(folder) else None)
    unused = [Unused(path, reason) for path, reason in found.passed_over]
    files = _looked(found.series, folder, unused, progress)
    _said_to_fill(files, tables or {})
    _link(files)
    told = company_of(folder, [each.profiles for each in files], name=name, currency=currency, timezone=timezone)
    elsewhere = _orders(files)
    base = _slug(folder.name)
    sources = []
    for each in _in_order(files):
        if each.taken:
            continue
        if each.best is None or (each.best.lacking and not each.said):
            unused.append(Unused(each.shown, _why_not(each)))
            continue
        sources.append(_source(each, folder, root, elsewhere, ask))
    sources = _named(sources, {each.shown: each for each in files}, folder, root, base)
    return Proposal(str(folder), told, tuple(sources), tuple(sorted(unused, key=lambda each: each.path)))


def _looked(
    found: Sequence[Series], folder: Path, unused: list[Unused], progress: Callable[[str], None]
) -> list[_File]:
    """Every series with its sample; those that are no series fall apart into files."""
    files: list[_File] = []
    waiting = list(found)
    for left_out in waiting[MOST_SERIES:]:
        unused.append(Unused(left_out.pattern, f"only the first {MOST_SERIES} kinds of files are looked at"))
    waiting = waiting[:MOST_SERIES]
    cells = min(MOST_CELLS, max(20_000, ALL_CELLS // max(1, len(waiting))))
    while waiting:
        series = waiting.pop(0)
        progress(f"Looking at {series.pattern}")
        try:
            look = sample(series.files[0], cells=cells)
        except UnreadableError as error:
            if len(series.files) > 1:
                waiting[:0] = [*split(series, folder)][:MOST_SERIES]
                continue
            unused.append(Unused(series.pattern, str(error)))
            continue
        profiles = look.profiles()
        offers = fills(look, profiles, series.stem)
        chosen = best(offers)
        if len(series.files) > 1 and _apart(series, look, chosen, cells):
            waiting[:0] = split(series, folder)
            continue
        files.append(_File(series, look, profiles, offers, chosen))
    return files


def _said_to_fill(files: Sequence[_File], tables: Mapping[str, str]) -> None:
    """Put the table that a person names in place of the best one."""
    for each in files:
        named = tables.get(each.shown)
        if named is not None:
            each.best = fill(contract(named), each.look, each.profiles, each.series.stem)
            each.said = True


def _apart(series: Series, look: Sample, chosen: Fill | None, cells: int) -> str:
    """Why files of one shape of name cannot share a source, or an empty text."""
    others = []
    for path in {series.files[len(series.files) // 2], series.files[-1]} - {series.files[0]}:
        try:
            others.append(sample(path, cells=cells))
        except UnreadableError:
            return "one of them cannot be read"
    key = None
    if chosen is not None:
        single = [part for part in chosen.contract.key if part not in ("source", "line_no")]
        if len(single) == 1 and single[0] in chosen.fields:
            key = chosen.fields[single[0]].column
    return one_series([look, *others], key)


def _link(files: list[_File]) -> None:
    """Put heads to lines, and find keys of customers under other names."""
    for lines in files:
        lacking = lines.best
        if lacking is None or not lacking.lacking:
            continue
        for heads in files:
            same = heads.best is not None and heads.best.contract is lacking.contract
            if heads is lines or not same or heads.taken or lines.taken or len(heads.series.files) > 1:
                continue
            found = joined(lines.look, heads.look, lacking, lines.series.stem)
            if found is not None:
                lines.best, lines.heads, lines.on = found.found, heads, found.on
                if heads.best is not None and heads.best.lacking:
                    heads.taken = lines.shown
                else:
                    heads.doubts.append(
                        f"its rows are also in the source of {lines.shown}, which takes columns from it by '{found.on}'"
                    )
                if found.share < 1:
                    lines.doubts.append(
                        f"{1 - found.share:.1%} of its '{found.on}' have no row in {heads.shown}; those are refused"
                    )
                break
    people = [each for each in files if each.best and each.best.contract.name == "customer_record"]
    for each in files:
        for person in people:
            key = person.best.fields.get("record_id") if person.best else None
            if each.best is not None and each is not person and key is not None and key.column is not None:
                each.best = with_customers(each.best, each.profiles, each.look, person.look, key.column)


def _orders(files: Sequence[_File]) -> list[str]:
    """Whether day or month comes first in each file that leaves no doubt; a decimal comma speaks for the day."""
    orders = []
    for each in files:
        for shown in each.profiles:
            if shown.dates is not None and shown.dates.known and shown.dates.patterns[0].startswith(("%d", "%m")):
                orders.append(shown.dates.patterns[0][:2])
            if shown.decimal == "," and not shown.typed:
                orders.append("%d")
    return orders


def _in_order(files: Sequence[_File]) -> list[_File]:
    """Orders first, then people, then what both refer to."""
    rank = {name: place for place, name in enumerate(("order_line", "customer_record", "product", "invoice"))}
    return sorted(files, key=lambda each: (rank.get(each.best.contract.name, 9) if each.best else 10, each.shown))


def _why_not(each: _File) -> str:
    """Why a file is not used, with the table it came nearest to."""
    if not each.look.how.header:
        shown = ", ".join(f"{one.name}: {one.said}" for one in each.profiles[:8])
        return f"it has no header, so nothing says what its columns are ({shown}); name them in format.header to use it"
    if each.best is None:
        return "none of its columns is known"
    return f"it is nearest to {each.best.contract.name}, but {each.best.lacking}"


def _source(each: _File, folder: Path, root: Path, elsewhere: Sequence[str], ask: Ask | None) -> ProposedSource:
    """The source that reads one file or series."""
    assert each.best is not None  # noqa: S101 - the caller has seen to it
    found = each.best
    fields = dict(found.fields)
    reading = read_as(found.contract, fields, each.by_name, file=each.shown, elsewhere=elsewhere, ask=ask)
    layout, why = written_as(each.look.how)
    doubts = [*each.look.doubts, *each.doubts, *reading.doubts]
    if found.score < _SURE_SCORE and found.contract.name != "product" and not each.said:
        doubts.insert(0, f"that it is a table of {found.contract.name} is a guess")
    held = found.lacking or reading.held
    if each.doubts and any("its rows are also in" in doubt for doubt in each.doubts):
        held = held or "the same keys would come twice, and the later file would win"
    if each.look.how.fixed:
        arithmetic = [key for key, one in fields.items() if one.expr is not None and "text(" not in one.expr]
        fields = {key: one for key, one in fields.items() if key not in arithmetic}
        fields = cut(fields, each.look.how, each.look.names)
    delivery, delivery_why = _delivery(found, each)
    fields = _kept_out(fields, found, each.by_name)
    used = {name for one in fields.values() for name in one.reads}
    order = {name: place for place, name in enumerate(found.contract.names)}
    source = ProposedSource(
        name="",
        table=found.contract.name,
        path=_path(each.shown, folder, root),
        files=tuple(path.relative_to(folder).as_posix() for path in each.series.files),
        rows=each.look.rows,
        complete=each.look.complete and len(each.series.files) == 1,
        delivery=delivery,
        delivery_why=delivery_why,
        fields=tuple(sorted(fields.values(), key=lambda one: order[one.name])),
        format={**layout, **reading.format},
        format_why={**why, **reading.why},
        constants=found.constants,
        unmapped=tuple((name, found.unfit.get(name, "")) for name in each.by_name if name not in used),
        doubts=tuple(doubts),
        held=held,
        question=reading.question,
        max_bad=reading.max_bad,
        seen=tuple(SeenColumn(one.name, one.said, one.examples[:3]) for one in each.by_name.values()),
    )
    return _with_join(source, each, folder, root)


def _kept_out(fields: dict[str, Field], found: Fill, profiles: Mapping[str, Profile]) -> dict[str, Field]:
    """The fields with an empty one for each column that bears a name of the table but may not fill it.

    A column of the table's own name is taken without a line in the settings, so it must be said that it is not.
    """
    kept = dict(fields)
    for name in found.contract.names:
        said = fields.get(name)
        if name in profiles and name not in found.constants and (said is None or said.held):
            why = said.doubt if said is not None else found.unfit.get(name, "it does not fit")
            kept[f"{name} "] = Field(name, None, "null", (), 0.0, "", f"left empty: {why}")
    return kept


def _with_join(source: ProposedSource, each: _File, folder: Path, root: Path) -> ProposedSource:
    """The source with its second file."""
    if each.heads is None:
        return source
    layout, _ = written_as(each.heads.look.how)
    added = frozenset(name for name in each.heads.look.names if name not in each.look.names)
    form = layout if layout != {key: source.format[key] for key in layout if key in source.format} else {}
    own, _ = written_as(each.look.how)
    return replace(
        source,
        join=(_path(each.heads.shown, folder, root), each.on),
        join_format=form if layout != own else {},
        joined_columns=added,
        files=(*source.files, *(path.relative_to(folder).as_posix() for path in each.heads.series.files)),
    )


def _delivery(found: Fill, each: _File) -> tuple[str, str]:
    """How new files of a source are to be taken, and why."""
    many = len(each.series.files)
    if found.contract.kind is Kind.REFERENCE and many == 1:
        return "full", "one file with the whole list: what is missing from the next one counts as deleted"
    made_up = any(
        one.name in found.contract.key and one.column is None and one.doubt.startswith("no column is a key")
        for one in found.fields.values()
    )
    if made_up and found.contract.name != "order_line":
        return "append", "nothing in the file tells a changed row from a new one"
    said = f"{many} files; " if many > 1 else ""
    return "upsert", f"{said}the same key in a later file replaces what came before"


def _named(
    sources: list[ProposedSource], files: dict[str, _File], folder: Path, root: Path, base: str
) -> list[ProposedSource]:
    """Names of systems: one for the folder, others where two sources would fill one table or know other customers."""
    by_path = {_path(shown, folder, root): each for shown, each in files.items()}
    tables = [each.table for each in sources if not each.held]
    homes: list[tuple[str, tuple[str, ...]]] = []
    named: list[ProposedSource] = []
    taken: set[tuple[str, str]] = set()
    ordered = sorted(sources, key=lambda each: each.table != "customer_record")
    several = tables.count("customer_record") > 1
    for each in ordered:
        persons = _persons(each, by_path[each.path])
        own = _slug(by_path[each.path].series.stem)
        name, keys_of = base, None
        doubts = each.doubts
        if each.table == "customer_record" and several:
            name = own
            homes.append((own, persons or ()))
        elif persons is not None:
            near = [system for system, keys in homes if _overlap(persons, keys) >= _OVERLAP]
            if near:
                name = near[0]
            elif homes:
                name = own
                doubts = (*doubts, "its customers have other keys than those of the other files: a system of its own")
            if not near:
                homes.append((name, persons))
        if (name, each.table) in taken:
            keys_of, name = (name if persons is not None and each.table != "customer_record" else None), own
            number = 2
            while (name, each.table) in taken:
                name, number = f"{own}-{number}", number + 1
            if not each.held:
                doubts = (*doubts, f"another source fills {each.table} too; if both hold the same rows, keep one")
        taken.add((name, each.table))
        named.append(replace(each, name=name, keys_of=keys_of, doubts=doubts))
    place = {each.path: number for number, each in enumerate(sources)}
    return sorted(named, key=lambda each: place[each.path])


def _persons(source: ProposedSource, each: _File) -> tuple[str, ...] | None:
    """The keys of customers in a source, as sampled."""
    assert each.best is not None  # noqa: S101 - the caller has seen to it
    for column in each.best.contract.columns:
        found: Field | None = each.best.fields.get(column.name) if column.person else None
        if found is not None and found.column is not None:
            look = each.look if found.column in each.look.names or each.heads is None else each.heads.look
            return tuple(value for value in look.column(found.column) if value)
    return None


def _overlap(one: Sequence[str], other: Sequence[str]) -> float:
    return max(within(one, other), within(other, one))


def _path(pattern: str, folder: Path, root: Path) -> str:
    """A path as ``clientela.toml`` says it: relative to the workspace when it lies inside."""
    place = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else folder.as_posix()
    place = re.sub(r"([*?\[])", r"[\1]", place)
    return pattern if place == "." else f"{place}/{pattern}"


def _slug(text: str) -> str:
    return "-".join(words_of(text)) or "exports"


def needs_nothing(proposal: Proposal) -> None:
    """Refuse a folder of which nothing was recognised.

    Raises
    ------
    ConfigurationError
        No file fills a table.
    """
    if proposal.sources:
        return
    said = "; ".join(f"{each.path}: {each.reason}" for each in proposal.unused[:5])
    more = f"; and {len(proposal.unused) - 5} more" if len(proposal.unused) > 5 else ""
    raise ConfigurationError(
        f"no file in {proposal.folder} fills a table that clientela knows ({said}{more}). Nothing was written; start "
        "with `clientela init` and map your files by hand."
    )
