"""Who is meant by an identifier: a customer's number, a record's key, an e-mail address, a telephone or tax number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
from sqlglot import exp

from clientela.capture import zone
from clientela.capture.mapping import Section
from clientela.capture.suppression import identifiers as ids
from clientela.capture.suppression.applied import batches
from clientela.capture.suppression.identifiers import Kind
from clientela.capture.suppression.matching import BatchFile
from clientela.capture.typed import RATES, RATES_SCHEMA
from clientela.config import Settings
from clientela.errors import PersonError, SnapshotError
from clientela.pipeline.create import read_secret
from clientela.warehouse.engine import Engine
from clientela.warehouse.physical import FACTS, PEOPLE, column
from clientela.warehouse.store.landing import Batch, Landing
from clientela.warehouse.store.snapshot import Reader, current

Record = tuple[str, str]  # a system, and the key of a customer in it
_KINDS = {"email": Kind.EMAIL, "phone": Kind.PHONE, "fax": Kind.PHONE, "tax_id": Kind.TAX_ID}
_NAMES = ("full_name", "first_name", "last_name")
_WANTED = "_wanted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One customer with every key by which a system knows them."""

    customer_id: int
    records: tuple[Record, ...]
    said: dict[str, tuple[str, ...]] = field(default_factory=dict)  # name, email, phone, tax_id as delivered

    @property
    def masked(self) -> str:
        """Enough to tell two persons apart, and no more."""
        keys = ", ".join(f"{system}:{_mask(key)}" for system, key in self.records)
        names = [" ".join(f"{word[0]}." for word in name.split()) for name in self.said.get("name", ())[:1]]
        others = [_mask(each) for kind in ("email", "phone", "tax_id") for each in self.said.get(kind, ())[:1]]
        return f"customer {self.customer_id} ({'; '.join([keys, *names, *others])})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A person, and all that names them. ``shared``: identifiers that name somebody else too, so they stay."""

    persons: tuple[Person, ...]
    identifiers: frozenset[tuple[Kind, str]]
    shared: frozenset[tuple[Kind, str]]

    @property
    def records(self) -> tuple[Record, ...]:
        """The keys of all of them."""
        return tuple(dict.fromkeys(each for person in self.persons for each in person.records))

    @property
    def customer_ids(self) -> tuple[int, ...]:
        """The numbers of all of them."""
        return tuple(person.customer_id for person in self.persons)


def known(folder: Path, settings: Settings, identifiers: Sequence[str]) -> Known:
    """The person each identifier means, and all that names them.

    Raises
    ------
    PersonError
        An identifier means nobody, or several.
    """
    if not identifiers or not all(each.strip() for each in identifiers):
        raise PersonError("an identifier is empty; name a customer number, a key, an e-mail address or a number.")
    secret = read_secret(folder)
    with Engine.in_memory(threads=settings.run.threads, memory_limit=settings.run.memory_limit) as engine:
        engine.register(RATES, RATES_SCHEMA.empty_table())
        files = tuple(_files(settings, Landing(folder)))
        zone.define(engine, *dict.fromkeys(each for _, file in files for each in _section(file).zones))
        register = _Register(engine, secret, folder, files)
        return register.known([_one(said, register.meant_by(said)) for said in identifiers])


def _one(said: str, found: Sequence[Person]) -> Person:
    if not found:
        raise PersonError("nobody here is known by this identifier; nothing was changed.")
    if len(found) > 1:
        listed = "; ".join(each.masked for each in found[:10])
        more = f"; and {len(found) - 10:,} more" if len(found) > 10 else ""
        raise PersonError(
            f"{len(found):,} customers fit this identifier: {listed}{more}. Nothing was changed; name the one you mean "
            "by its customer number, or several of them one after the other.",
            candidates=tuple(each.masked for each in found),
        )
    return found[0]


def _files(settings: Settings, landing: Landing) -> Iterator[tuple[Batch, BatchFile]]:
    """The batches whose rows name customers."""
    for batch, section in batches(settings, landing):
        file = BatchFile(landing.path_of(batch), section)
        if file.readable is not None and any(each.person for each in file.readable.contract.columns):
            yield batch, file


@dataclass(frozen=True, slots=True)
class _Register:
    engine: Engine
    secret: bytes
    folder: Path
    files: tuple[tuple[Batch, BatchFile], ...]

    def meant_by(self, said: str) -> tuple[Person, ...]:
        """Everybody an identifier may mean, each once."""
        found: set[Record] = set()
        for _, file in self.files:
            section = _section(file)
            for name in _persons(file):
                query = self._keys(file, name).where(self._means(section.source.keys_from, said, file, name))
                keys = self._fetch(query.distinct()).column("key").to_pylist()
                found |= {(section.source.keys_from, key) for key in keys}
        return self._grouped(found | self._numbered(said))

    def known(self, persons: Sequence[Person]) -> Known:
        """All that names these persons."""
        once = tuple({each.customer_id: each for each in persons}.values())
        records = {each for person in once for each in person.records}
        named = {(Kind.RECORD, ids.record(*each)) for each in records}
        others = {(kind, form) for kind, form, _ in self._named(records) if len(set(form)) > 2}  # no 000000000
        shared = self._shared(others, records)
        return Known(persons=once, identifiers=frozenset(named | (others - shared)), shared=frozenset(shared))

    def _means(self, system: str, said: str, file: BatchFile, name: str) -> exp.Expr:
        """Whether a row's customer, or what the row says of them, is what was said."""
        plain = said.strip()
        key = column(f"t_{name}")
        keys = [plain, *([plain.removeprefix(f"{system}:")] if plain.startswith(f"{system}:") else [])]
        tests: list[exp.Expr] = [key.isin(*keys)]
        address, number, tax = ids.email(plain), ids.phone(plain), ids.tax_id(plain)
        if address is not None:
            tests.append(exp.EQ(this=exp.func("lower", key.copy()), expression=_text(address)))
        if plain.isascii() and plain.isdigit() and len(plain) < 20:
            numbered = exp.Anonymous(this="id63", expressions=[ids.customer_ref_sql(system, key.copy())])
            tests.append(exp.EQ(this=numbered, expression=exp.Literal.number(int(plain))))
        wanted = {Kind.EMAIL: address, Kind.PHONE: number, Kind.TAX_ID: tax}
        for each, kind in _identifying(file):
            if (form := wanted[kind]) is not None:
                tests.append(exp.EQ(this=_form(kind, column(f"t_{each}")), expression=_text(form)))
        return exp.and_(key.copy().is_(exp.null()).not_(), exp.or_(*tests))

    def _numbered(self, said: str) -> set[Record]:
        """The records of the customer of this number in what is published: a number may stand for several."""
        plain = said.strip()
        if not (plain.isascii() and plain.isdigit() and len(plain) < 20):
            return set()
        return {each for number, each in self._published(exp.column("customer_id", "own").isin(int(plain)))}

    def _grouped(self, records: set[Record]) -> tuple[Person, ...]:
        """The records as persons: those that are published as one customer together, with all records of them."""
        refs = {ids.customer_ref(self.secret, *each): each for each in records}
        groups: dict[int, set[Record]] = {}
        published = set()
        if refs:
            wanted = exp.column("customer_ref", "own").isin(*sorted(refs))
            numbers = {number for number, _ in self._published(wanted)}
            if numbers:
                for number, each in self._published(exp.column("customer_id", "own").isin(*sorted(numbers))):
                    groups.setdefault(number, set()).add(each)
                    published.add(each)
        for ref, each in refs.items():
            if each not in published:
                groups.setdefault(int(ref[:15], 16), set()).add(each)
        return tuple(self._person(number, group) for number, group in sorted(groups.items()))

    def _published(self, condition: exp.Expr) -> list[tuple[int, Record]]:
        """Customer and record of what is published, where a condition holds of the identity."""
        own = exp.table_("identity", db="main", catalog=FACTS, alias="own")
        keys = exp.table_("identity", db="main", catalog=PEOPLE, alias="keys")
        same = exp.column("customer_ref", "own").eq(exp.column("customer_ref", "keys"))
        listed = (exp.column("customer_id", "own"), exp.column("source", "own"), exp.column("record_id", "keys"))
        query = exp.select(*listed).from_(own).join(keys, on=same).where(condition)
        try:
            snapshot = current(self.folder)
            if snapshot is None:
                return []
            with Reader(snapshot) as reader:
                rows = reader.fetch(query).to_pylist()
        except SnapshotError:  # the landing has every key; what is published is built from it
            return []
        return [(row["customer_id"], (row["source"], row["record_id"])) for row in rows]

    def _person(self, number: int, records: Iterable[Record]) -> Person:
        said: dict[str, set[str]] = {}
        for kind, _, value in self._named(set(records)):
            said.setdefault(kind.value, set()).add(value)
        for name in self._names(set(records)):
            said.setdefault("name", set()).add(name)
        told = {kind: tuple(sorted(values)) for kind, values in said.items()}
        return Person(customer_id=number, records=tuple(sorted(records)), said=told)

    def _named(self, records: set[Record]) -> set[tuple[Kind, str, str]]:
        """What is said to identify the customers of these records: its kind, its form, and as it was delivered."""
        found = {(Kind.EMAIL, address, key) for _, key in records if (address := ids.email(key)) is not None}
        for file, name, keys in self._of(records):
            for each, kind in _identifying(file):
                value = column(f"t_{each}")
                query = self._keys(file, name, exp.alias_(value, "value"), exp.alias_(_form(kind, value), "form"))
                query = query.where(column(f"t_{name}").isin(*keys), _form(kind, value).is_(exp.null()).not_())
                rows = self._fetch(query.distinct())
                pairs = zip(rows.column("form").to_pylist(), rows.column("value").to_pylist(), strict=True)
                found |= {(kind, form, value) for form, value in pairs}
        return found

    def _names(self, records: set[Record]) -> set[str]:
        found: set[str] = set()
        for file, name, keys in self._of(records):
            bound = {each.column.name for each in _section(file).bound(file.kinds)}
            for each in _NAMES:
                if each in bound and (each == "full_name" or "full_name" not in bound):
                    query = self._keys(file, name, exp.alias_(column(f"t_{each}"), "value"))
                    rows = self._fetch(query.where(column(f"t_{name}").isin(*keys)).distinct())
                    found |= set(filter(None, rows.column("value").to_pylist()))
        return found

    def _of(self, records: set[Record]) -> Iterator[tuple[BatchFile, str, list[str]]]:
        """Every batch that may say something about these records, the column that names them, their keys."""
        for _, file in self.files:
            keys = [key for system, key in sorted(records) if system == _section(file).source.keys_from]
            for name in _persons(file):
                if keys:
                    yield file, name, keys

    def _shared(self, forms: set[tuple[Kind, str]], records: set[Record]) -> set[tuple[Kind, str]]:
        """Those of the identifiers that somebody else is known by as well."""
        found: set[tuple[Kind, str]] = set()
        for _, file in self.files:
            system = _section(file).source.keys_from
            own = [key for known, key in records if known == system]
            for name in _persons(file):
                key = column(f"t_{name}")
                others = key.isin(*own).not_() if own else exp.true()
                asked = [(kind, column(f"t_{each}")) for each, kind in _identifying(file)]
                for kind, value in [*asked, (Kind.EMAIL, key)]:
                    wanted = [form for known, form in forms if known is kind]
                    if wanted:
                        form = _form(kind, value.copy())
                        query = self._keys(file, name, exp.alias_(form, "form"))
                        query = query.where(key.copy().is_(exp.null()).not_(), others.copy(), form.copy().isin(*wanted))
                        found |= {(kind, each) for each in self._fetch(query.distinct()).column("form").to_pylist()}
        return found

    def _keys(self, file: BatchFile, name: str, *listed: exp.Expr) -> exp.Select:
        """The customers of a batch's rows, with other columns beside them."""
        query = file.named
        assert query is not None  # noqa: S101 - only readable batches are asked
        key = exp.alias_(column(f"t_{name}"), "key")
        return exp.select(key, *(each.copy() for each in listed)).from_(query.rows.subquery("typed"))

    def _fetch(self, query: exp.Select) -> pa.Table:
        return self.engine.fetch(query, {"secret": self.secret})


def _section(file: BatchFile) -> Section:
    section = file.readable
    assert section is not None  # noqa: S101 - only readable batches are asked
    return section


def _persons(file: BatchFile) -> list[str]:
    return [each.column.name for each in _section(file).bound(file.kinds) if each.column.person]


def _identifying(file: BatchFile) -> list[tuple[str, Kind]]:
    """The columns of a batch that identify its customers."""
    bound = {each.column.name for each in _section(file).bound(file.kinds)}
    return [(name, kind) for name, kind in _KINDS.items() if name in bound]


def _form(kind: Kind, value: exp.Expr) -> exp.Expr:
    if kind is Kind.EMAIL:
        return ids.email_sql(value)
    return ids.phone_sql(value) if kind is Kind.PHONE else ids.tax_id_sql(value)


def _mask(said: str) -> str:
    """The first letter, and after an address's sign the end; else the last two.

    Examples
    --------
    >>> _mask("ana@example.org"), _mask("600123456"), _mask("C7")
    ('a…@…org', '6…56', '…')
    """
    name, at, place = said.partition("@")
    if at:
        return f"{name[:1]}…@…{place.rpartition('.')[2]}"
    return f"{said[0]}…{said[-2:]}" if len(said) > 4 else "…"


def _text(value: str) -> exp.Literal:
    return exp.Literal.string(value)
