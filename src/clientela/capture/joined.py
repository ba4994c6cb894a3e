"""A delivery in two files, order lines and order heads say: each line with the columns of its head.

Both are read with care to Parquet first and joined by the engine, which spills to the disk when they are large.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from clientela.capture.arriving import Arriving, Found, Progress, files_of, join_tag
from clientela.capture.files.csv_reader import BLANK, LINE, LINES, REJECTED, RULE, VALUE
from clientela.capture.mapping import Section
from clientela.capture.reading import as_text, call, raw_of
from clientela.config import Join
from clientela.errors import SourceError, did_you_mean
from clientela.warehouse.engine import Engine, read_parquet, write_parquet
from clientela.warehouse.physical import column
from clientela.warehouse.store.landing import Format

MEMORY = "256MB"  # beyond it the engine spills
ROWS_AT_ONCE = 131_072
_OWN = (LINE, LINES, VALUE, RULE)


@dataclass(frozen=True, slots=True)
class Joined:
    """A file of lines and the files of their heads. ``alone``: no other file of lines has these heads."""

    lines: Arriving
    heads: tuple[Arriving, ...]
    stage: Path
    alone: bool
    notes: list[str] = field(default_factory=list, compare=False)

    @property
    def section(self) -> Section:
        """That of the lines."""
        return self.lines.section

    @property
    def shown(self) -> str:
        """The path of the lines."""
        return self.lines.shown

    @property
    def content(self) -> str:
        """The hash of all files: when a head changes, its lines arrive again."""
        parts = [self.lines.content, *sorted(each.content for each in self.heads)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def batch_hash(self) -> str:
        """The content, and how both are split and joined."""
        return f"{self.content}.{join_tag(self.section)}"

    @property
    def format(self) -> Format:
        """Rows have lines, and some may have no head."""
        return "text"

    @property
    def note(self) -> str:
        """The heads that no line is for."""
        return " ".join(self.notes)

    def header(self) -> tuple[str, ...]:
        """The columns of the lines, then those of the heads."""
        own, keys = self.lines.header(), _join(self.section).keys
        self._check(keys, own, self.lines.shown)
        for each in self.heads:
            self._check(keys, each.header(), each.shown)
        return (*own, *renamed(own, self._head_names(), keys).values())

    def write(self, into: Path) -> int:
        """Write the lines with their heads; the number of rows, bad ones of both files among them."""
        self.notes.clear()
        self.stage.mkdir(parents=True, exist_ok=True)
        with (
            TemporaryDirectory(dir=self.stage) as folder,
            Engine.in_memory(memory_limit=MEMORY, temp_directory=Path(folder) / "spilled") as engine,
        ):
            place = Path(folder)
            self.header()
            lines = _Part.of(self.lines, place / "lines")
            heads = [_Part.of(each, place / f"head-{number}") for number, each in enumerate(self.heads)]
            work = _Work(engine, _join(self.section).keys, lines, heads, self._named(), place)
            work.write(place / "joined")
            if self.alone and (lonely := work.heads_without_lines()):
                self.notes.append(f"{self._named()}: {lonely:,} without any line in {self.shown}.")
            return _with_counts(place / "joined", into, blank=_metadata(place / "lines", BLANK))

    def _head_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for each in self.heads for name in each.header()))

    def _named(self) -> str:
        """How sentences call the heads."""
        return self.heads[0].shown if len(self.heads) == 1 else _join(self.section).path

    def _check(self, keys: Sequence[str], header: Sequence[str], shown: str) -> None:
        for key in keys:
            if key not in header:
                said = f"{shown} has no column '{key}' to join on; {did_you_mean(key, header)}"
                raise SourceError(self.section.source.name, said)


def joined(section: Section, folder: Path, stage: Path, *, progress: Progress, seen: set[Path]) -> Found:
    """The lines of a section with their heads; what cannot be taken yet, with the reason.

    Parameters
    ----------
    section
        A section with a ``join``.
    folder, stage, progress, seen
        As for ``files_of``.
    """
    source, join = section.source, _join(section)
    update = {"path": join.path, "format": join.format or source.format, "join": None}
    of_heads = replace(section, source=source.model_copy(update=update))
    if _literal(join.path) > _literal(source.place):  # a file that fits both patterns is what the narrower says
        taken: set[Path] = set()
        heads = files_of(of_heads, folder, stage, progress=progress, seen=taken)
        taken |= seen
        lines = files_of(section, folder, stage, progress=progress, seen=taken)
        seen |= taken
    else:
        lines = files_of(section, folder, stage, progress=progress, seen=seen)
        heads = files_of(of_heads, folder, stage, progress=progress, seen=set(seen))
    return _matched(section, lines, heads, stage)


def _matched(section: Section, lines: Found, heads: Found, stage: Path) -> Found:
    source, join = section.source, _join(section)
    found = Found(refused=[*lines.refused, *heads.refused])
    of_lines, of_heads = _by_text(source.place, lines.arriving), _by_text(join.path, heads.arriving)
    if not (set(of_lines) & set(of_heads)) - {None}:
        for each in lines.arriving:
            if heads.refused or not heads.arriving:
                said = f"no file fits join.path = '{join.path}'" if not heads.refused else "its heads cannot be read"
                found.refused.append((each.shown, f"source '{source.name}': {each.shown} stays out: {said}."))
            else:
                alone = len(lines.arriving) == 1
                found.arriving.append(Joined(each, tuple(heads.arriving), stage, alone))
        return found
    for text in sorted({*of_lines, *of_heads}, key=str):
        rows, partners = of_lines.get(text, []), of_heads.get(text, [])
        if rows and partners:
            found.arriving.extend(Joined(each, tuple(partners), stage, len(rows) == 1) for each in rows)
            continue
        pattern = join.path if rows else source.place
        for each in (*rows, *partners):
            said = f"source '{source.name}': {each.shown} waits for the file of {pattern} that belongs to it."
            found.refused.append((each.shown, said))
    return found


def renamed(own: Sequence[str], heads: Sequence[str], keys: Sequence[str]) -> dict[str, str]:
    """What the columns of the heads are called beside those of the lines: a second ``status`` is ``status (2)``.

    Examples
    --------
    >>> renamed(("order_id", "status"), ("order_id", "Status", "customer"), ("order_id",))
    {'Status': 'Status (2)', 'customer': 'customer'}
    """
    taken = {name.casefold() for name in (*own, *_OWN)}
    names = {}
    for head in heads:
        if head in keys:
            continue
        name, number = head, 1
        while name.casefold() in taken:
            number += 1
            name = f"{head} ({number})"
        taken.add(name.casefold())
        names[head] = name
    return names


@dataclass(frozen=True, slots=True)
class _Part:
    """One of the files, read to Parquet."""

    path: Path
    shown: str
    text: bool  # it has lines, and may have rows that are none
    kinds: dict[str, pa.DataType]

    @staticmethod
    def of(arriving: Arriving, path: Path) -> _Part:
        arriving.write(path)
        text = arriving.format == "text"
        schema = pq.read_schema(path)
        kinds = {each.name: each.type for each in schema if not (text and each.name in _OWN)}
        return _Part(path, arriving.shown, text, kinds)

    def rows(self, values: Sequence[exp.Expr]) -> exp.Select:
        """Its rows, with these columns beside where each stands."""
        if self.text:
            own: list[exp.Expr] = [column(name) for name in _OWN]
        else:
            line = exp.Add(this=exp.column("file_row_number"), expression=exp.Literal.number(1))
            nothing = exp.cast(exp.null(), "varchar")
            own = [line, exp.cast(exp.Literal.number(1), "bigint"), nothing, nothing]
        about = [exp.alias_(each.copy(), name) for each, name in zip(own, _OWN, strict=True)]
        return exp.select(*values, *about).from_(read_parquet([self.path]))

    def said(self, name: str) -> exp.Expr:
        """A column as text, trimmed; empty is null."""
        return as_text(column(name), raw_of(self.kinds[name]))


@dataclass(frozen=True, slots=True)
class _Work:
    """The join of files that have been read; ``_key 0`` and so on are the keys as texts."""

    engine: Engine
    keys: tuple[str, ...]
    lines: _Part
    heads: list[_Part]
    named: str
    place: Path

    def write(self, into: Path) -> None:
        """Write the lines with their heads, then the heads that cannot be used."""
        self._write_heads()
        rows = [self._joined(), *(self._bad(number) for number in range(len(self.heads)))]
        union: exp.Query = rows[0]
        for each in rows[1:]:
            union = exp.union(union, each, distinct=False)
        write_parquet(self.engine, union, into, compression="snappy")

    def heads_without_lines(self) -> int:
        """How many keys of the heads no line has."""
        line = exp.select(*self._keys()).distinct().from_(self._keyed().subquery("line"))
        head = exp.select(*self._keys()).distinct().from_(read_parquet([self.place / "heads"]))
        lonely = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(head.subquery("head"))
        lonely = lonely.join(line.subquery("line"), on=self._equal("head", "line"), join_type="anti")
        return int(self.engine.fetch(lonely)["n"][0].as_py())

    def _keys(self, of: str | None = None) -> list[exp.Expr]:
        return [exp.column(f"_key {number}", table=of, quoted=True) for number in range(len(self.keys))]

    def _equal(self, one: str, other: str) -> exp.Expr:
        return exp.and_(
            *(exp.EQ(this=a, expression=b) for a, b in zip(self._keys(one), self._keys(other), strict=True))
        )

    def _columns(self) -> dict[str, str]:
        """The columns of the heads, with their names beside those of the lines."""
        names = tuple(dict.fromkeys(name for each in self.heads for name in each.kinds))
        return renamed(tuple(self.lines.kinds), names, self.keys)

    def _said(self, part: _Part) -> list[exp.Expr]:
        return [exp.alias_(part.said(name), f"_key {number}", quoted=True) for number, name in enumerate(self.keys)]

    def _write_heads(self) -> None:
        """Every head once, by its keys; what two files type differently is text."""
        parts = []
        for part in self.heads:
            names = self._columns()
            cells = [exp.alias_(self._head_cell(part, head), name, quoted=True) for head, name in names.items()]
            each = exp.select(*self._keys(), *map(column, names.values())).from_(
                part.rows([*self._said(part), *cells]).subquery("head")
            )
            known = [key.is_(exp.null()).not_() for key in self._keys()]
            parts.append(each.where(column(RULE).is_(exp.null()), *known))
        union: exp.Query = parts[0]
        for each in parts[1:]:
            union = exp.union(union, each, distinct=False)
        once = exp.select("*").distinct().from_(union.subquery("head"))
        write_parquet(self.engine, once, self.place / "heads", compression="snappy")
        many = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1))
        twice = (
            exp.select(*self._keys()).from_(read_parquet([self.place / "heads"])).group_by(*self._keys()).having(many)
        )
        write_parquet(self.engine, twice, self.place / "twice", compression="snappy")

    def _head_cell(self, part: _Part, name: str) -> exp.Expr:
        kinds = {each.kinds[name] for each in self.heads if name in each.kinds}
        if name not in part.kinds:
            return exp.null() if len(kinds) == 1 else exp.cast(exp.null(), "varchar")
        return column(name) if len(kinds) == 1 else part.said(name)

    def _joined(self) -> exp.Select:
        """The lines, each with its head or with the reason why it has none."""
        cells = {name: exp.column(name, table="line", quoted=True) for name in self.lines.kinds}
        cells |= {name: exp.column(name, table="head", quoted=True) for name in self._columns().values()}
        key = call("concat_ws", _text(", "), *self._keys("line"))
        value = exp.func("coalesce", _of("line", VALUE), key)
        beside = [_of("line", LINE), _of("line", LINES), exp.alias_(value, VALUE), exp.alias_(self._rule(), RULE)]
        listed = [exp.alias_(each, name, quoted=True) for name, each in cells.items()]
        placed = exp.select(*listed, *beside).from_(self._keyed().subquery("line"))
        placed = placed.join(self._usable().subquery("head"), on=self._equal("line", "head"), join_type="left")
        twice = exp.select("*").from_(read_parquet([self.place / "twice"]))
        placed = placed.join(twice.subquery("twice"), on=self._equal("line", "twice"), join_type="left")
        kept = [exp.alias_(_when_good(column(name)), name, quoted=True) for name in cells]
        shown = exp.Case(ifs=[exp.If(this=column(RULE).is_(exp.null()).not_(), true=column(VALUE))])
        return exp.select(*kept, column(LINE), column(LINES), exp.alias_(shown, VALUE), column(RULE)).from_(
            placed.subquery("joined")
        )

    def _keyed(self) -> exp.Select:
        """The lines as they are, with their keys."""
        return self.lines.rows([*map(column, self.lines.kinds), *self._said(self.lines)])

    def _usable(self) -> exp.Select:
        """The heads whose keys no other has."""
        heads = exp.select("*").from_(read_parquet([self.place / "heads"]))
        if not pq.read_metadata(self.place / "twice").num_rows:
            return heads
        twice = exp.select("*").from_(read_parquet([self.place / "twice"])).subquery("other")
        once = exp.select("once.*").from_(heads.subquery("once"))
        return once.join(twice, on=self._equal("once", "other"), join_type="anti")

    def _rule(self) -> exp.Expr:
        """Why a line does not count: what its reader said, no key, two heads, no head."""
        keys = " and ".join(self.keys)
        empty = exp.or_(*(key.is_(exp.null()) for key in self._keys("line")))
        reasons = (
            (_of("line", RULE).is_(exp.null()).not_(), _of("line", RULE)),
            (empty, _text(f"it has no {keys}, by which it would be joined to {self.named}")),
            (_known("twice"), _text(f"two heads in {self.named} have its {keys} and say different things")),
            (_known("head").not_(), _text(f"no head in {self.named} has its {keys}")),
        )
        return exp.Case(ifs=[exp.If(this=exp.paren(condition), true=value) for condition, value in reasons])

    def _bad(self, number: int) -> exp.Select:
        """The rows of a file of heads that are no head."""
        part = self.heads[number]
        names = [*self.lines.kinds, *self._columns().values()]
        keys = " and ".join(self.keys)
        empty = exp.or_(*(key.is_(exp.null()) for key in self._keys()))
        unread = exp.DPipe(this=_text(f"{part.shown}: "), expression=column(RULE))
        rule = exp.func("coalesce", unread, _text(f"{part.shown}: a head without {keys}, by which lines would find it"))
        where = exp.or_(column(RULE).is_(exp.null()).not_(), empty)
        nothing = [exp.alias_(exp.null(), name, quoted=True) for name in names]
        shown = exp.func("coalesce", column(VALUE), _text(""))
        return (
            exp.select(*nothing, column(LINE), column(LINES), exp.alias_(shown, VALUE), exp.alias_(rule, RULE))
            .from_(part.rows(self._said(part)).subquery("head"))
            .where(where)
        )


def _by_text(pattern: str, found: Sequence[Arriving]) -> dict[str | None, list[Arriving]]:
    """Files by what stands in the place of the pattern's one ``*``; under None when that cannot be said."""
    normal = PurePosixPath(pattern).as_posix()
    single = normal.count("*") == 1 and not re.search(r"[?\[]", normal)
    before, _, after = normal.partition("*")
    wanted = re.compile(rf"{re.escape(before)}([^/]*){re.escape(after)}(/.*)?")
    texts: dict[str | None, list[Arriving]] = defaultdict(list)
    for each in found:
        match = wanted.fullmatch(each.shown) if single else None
        texts[match[1] if match else None].append(each)
    return texts


def _literal(pattern: str) -> int:
    """How narrow a pattern is."""
    return len(re.sub(r"[*?]|\[[^]]*\]", "", pattern))


def _join(section: Section) -> Join:
    join = section.source.join
    assert join is not None  # noqa: S101 - only sections with a join come here
    return join


def _with_counts(written: Path, into: Path, *, blank: int) -> int:
    """Copy a Parquet file, with the counts of blank and rejected records in its metadata; the number of its rows."""
    rejected = 0
    with pq.ParquetFile(written) as file:
        with pq.ParquetWriter(into, file.schema_arrow, compression="zstd") as writer:
            for batch in file.iter_batches(batch_size=ROWS_AT_ONCE):
                rejected += batch.num_rows - batch.column(RULE).null_count
                writer.write_batch(batch)
            writer.add_key_value_metadata({BLANK: str(blank).encode(), REJECTED: str(rejected).encode()})
        return int(file.metadata.num_rows)


def _metadata(path: Path, key: bytes) -> int:
    return int((pq.read_metadata(path).metadata or {}).get(key, b"0"))


def _known(alias: str) -> exp.Expr:
    """Whether an outer join found a partner: keys are never null."""
    return exp.column("_key 0", table=alias, quoted=True).is_(exp.null()).not_()


def _when_good(value: exp.Expr) -> exp.Expr:
    return exp.Case(ifs=[exp.If(this=column(RULE).is_(exp.null()), true=value)])


def _of(alias: str, name: str) -> exp.Column:
    return exp.column(name, table=alias)


def _text(value: str) -> exp.Expr:
    return exp.Literal.string(value)
