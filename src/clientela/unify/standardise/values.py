"""Each distinct value of ``record`` beside its form: most values repeat, and to ask a library is dear."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import astuple

import pyarrow as pa
from sqlglot import exp

from clientela.unify.standardise.address.postal import COUNTRY
from clientela.unify.standardise.address.streets import HOUSE, STREET
from clientela.unify.standardise.companies import WHOLE_COMPANY
from clientela.unify.standardise.emails import QUICK, checked
from clientela.unify.standardise.names import LAST_KEY, WHOLE, first_key
from clientela.unify.standardise.phones import phone, quick
from clientela.unify.standardise.tax_numbers import TAX_ID
from clientela.unify.standardise.text import Form, call, literal
from clientela.warehouse.engine import MAIN, Engine

NAMES = ("full_name", "first_name", "last_name")
KEYS = ("customer_ref", "source", "first_run", "kind")
REPEATED = ("first_name", "last_name", "company", "city", "gender")
HAD = (*REPEATED, "full_name", "street", "postal_code", "email", "phone", "tax_id", "birth_date")
RAW = HAD
CODES_OF_ONE_LAND = {
    r"^\s*[1-9][0-9]{3} ?[A-Za-z]{2}\s*$": "NL",
    r"^\s*[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}\s*$": "GB",
}
# What stands before a number that is written for all the world.
DIALLED = {
    "34": "ES", "39": "IT", "31": "NL", "44": "GB", "49": "DE", "33": "FR", "351": "PT", "32": "BE", "353": "IE",
    "43": "AT", "41": "CH",
}  # fmt: skip
READ = (*REPEATED, "full_name", "street", "postal_code")
REGION = "nullif(region, '') as country"


class Values:
    """The tables of distinct values, each beside its form; they go when the work is done."""

    def __init__(self, engine: Engine, country: str | None, records: str = "record") -> None:
        self.engine = engine
        self.source = exp.alias_(place(records), "record", table=True)
        self.default = (country or "").upper()
        self.made: list[str] = []
        counted = [exp.alias_(exp.Count(this=exp.column(name)), name) for name in (*READ, "country")]
        rows = exp.alias_(exp.Count(this=exp.Star()), "rows")
        threads = exp.alias_(call("current_setting", literal("threads")), "threads")
        told = engine.fetch(exp.select(rows, threads, *counted).from_(self.source)).to_pylist()[0]
        self.rows, self.threads = int(told.pop("rows")), int(told.pop("threads"))
        self.said = frozenset(name for name, number in told.items() if number)

    def countries(self) -> None:
        """The code of each country as written."""
        told = exp.select("country as raw", "country").distinct().from_(self.source).where("country is not null")
        self.make_by(COUNTRY, "country", told, "raw", about="country")

    def read(self, field: str, form: Form) -> None:
        """Each distinct value of a field that repeats, beside its form, by the region it is read in."""
        told = exp.select(field, "region").distinct().from_(self.records(field)).where(f"known.{field} is not null")
        rows = exp.select("region", f"{field} as raw", field, REGION).from_(told.subquery("value"))
        self.make_by(form, field, rows, "raw", "region", about=field)

    def records(self, *columns: str) -> exp.Subquery:
        """The records with their country's code and the region they are read in, as ``known``.

        Who names no country shows it by the form of the postal code or the beginning of the telephone number.
        """
        region = call("coalesce", of("land", "country"), _shown_land(), literal(self.default))
        listed = [of("record", name) for name in columns]
        rows = exp.select(*listed, exp.alias_(of("land", "country"), "land"), exp.alias_(region, "region"))
        land = table("country").as_("land")
        joined = rows.from_(self.source).join(land, on=same("land.raw", "record.country"), join_type="left")
        return joined.subquery("known")

    def whole_names(self) -> None:
        """Whole names where a part is missing, and those that may be an organisation's."""
        told = exp.select(*NAMES, "region").distinct().from_(self.records(*NAMES))
        told = told.where("full_name is not null", "(first_name is null or last_name is null)")
        raw = [f"{name} as raw_{name}" for name in NAMES]
        rows = exp.select("region", *raw, *NAMES, REGION).from_(told.subquery("value"))
        self.make_by(WHOLE, "full_name", rows, "region", *(f"raw_{name}" for name in NAMES), about="full_name")
        nobody = exp.select("full_name as raw", "full_name as company").distinct().from_(self.source)
        nobody = nobody.where("full_name is not null", "first_name is null", "last_name is null")
        self.make_by(WHOLE_COMPANY, "whole_company", nobody, "raw", about="full_name")

    def inline(self) -> None:
        """The records with what is made at once of values that seldom repeat."""
        regions = self.engine.fetch(exp.select("region").distinct().from_(self.records())).column("region").to_pylist()
        had = [exp.alias_(_is_filled(name), f"had_{name}") for name in HAD]
        names = [*KEYS, *RAW, "land", "region"]
        rows = exp.select(*names, *had, REGION).from_(self.records(*KEYS, *RAW))
        columns = [*names, *(f"had_{name}" for name in HAD), "country"]
        for form in (TAX_ID, HOUSE, QUICK, quick(regions)):
            columns = [name for name in columns if name not in form.gives]
            rows = form.query(rows, *columns)
            columns += form.gives
        self.make("inline", rows.select(*columns, append=False, copy=False))

    def judged(self) -> None:
        """What the patterns were not sure of goes to the libraries; streets lose their spelling."""
        unsure = exp.select("trimmed").distinct().from_(table("inline"))
        unsure = unsure.where("trimmed is not null", "address is null")
        self.judge("email", unsure, {"address": pa.string()}, lambda trimmed: (checked(trimmed),))
        unsure = exp.select("phone", "region").distinct().from_(table("inline"))
        unsure = unsure.where("phone is not null", "number is null")
        told = {"number": pa.string(), "verified": pa.bool_(), "placeholder": pa.bool_()}
        self.judge("phone", unsure, told, lambda raw, region: astuple(phone(raw, region or None)))
        streets = exp.select("name", "region").distinct().from_(table("inline")).where("name is not null")
        rows = exp.select("name as raw", "name", "region", REGION).from_(streets.subquery("value"))
        self.make_by(STREET, "street", rows, "raw", "region", about="street")

    def keys(self) -> None:
        """The key of each family name, and of each given name in the language of its region."""
        families = [
            exp.select(f"{name} as raw", f"{name} as last_name").from_(table(source))
            for source, name in (("last_name", "last_name"), ("full_name", "family"))
        ]
        self.make("last_key", LAST_KEY.query(exp.union(*families, distinct=True), "raw"))
        given = [
            exp.select(f"{name} as raw", "region").from_(table(source)).where(f"{name} is not null")
            for source, name in (("first_name", "first_name"), ("full_name", "given"))
        ]
        told = {"first_key": pa.string()}
        self.judge("first_key", exp.union(*given, distinct=True), told, lambda raw, region: (first_key(raw, region),))

    def judge(
        self,
        name: str,
        query: exp.Query,
        told: Mapping[str, pa.DataType],
        function: Callable[..., tuple[object, ...]],
    ) -> None:
        """A table of what Python says of distinct values, beside them."""
        values = self.engine.fetch(query)
        judged = [function(*row.values()) for row in values.to_pylist()]
        for place, (column, kind) in enumerate(told.items()):
            values = values.append_column(column, pa.array([each[place] for each in judged], kind))
        self.engine.register("judged_values", values)
        try:
            self.make(name, exp.select(*values.column_names).from_("judged_values"))
        finally:
            self.engine.unregister("judged_values")

    def make_by(self, form: Form, name: str, rows: exp.Query, *keys: str, about: str) -> None:
        """Write a table of values beside what a form gives; where no record says anything ``about`` it, it stays empty.

        To compile a form takes longer than to read a thousand values by it.
        """
        nothing = [exp.alias_(exp.cast(exp.null(), "varchar"), each) for each in (*keys, *form.gives)]
        self.make(name, form.query(rows, *keys) if about in self.said else exp.select(*nothing).where(exp.false()))

    def make(self, name: str, query: exp.Query) -> None:
        """Write a table of values."""
        self.made.append(name)
        self.engine.run(exp.Create(this=table(name), kind="TABLE", replace=True, expression=query))

    def clear(self) -> None:
        """Remove the tables of values."""
        for name in self.made:
            self.engine.run(exp.Drop(tables=[table(name)], kind="TABLE", exists=True))
        self.made.clear()


def table(name: str) -> exp.Table:
    """A table of values."""
    return place(f"standard_{name}")


def place(name: str) -> exp.Table:
    """A work table."""
    return exp.table_(name, db="main", catalog=MAIN)


def of(table: str, name: str) -> exp.Column:
    """A column of a table."""
    return exp.column(name, table=table)


def same(left: str, right: str, *shared: str) -> exp.Expr:
    """The condition that two columns are equal, and those ``shared`` by their tables."""
    pairs = [(exp.to_column(left), exp.to_column(right))]
    tables = left.partition(".")[0], right.partition(".")[0]
    pairs += [(of(tables[0], name), of(tables[1], name)) for name in shared]
    return exp.and_(*(one.eq(other) for one, other in pairs))


def _shown_land() -> exp.Expr:
    """The country of whose form a record's postal code or telephone number is and no other's."""
    code, number = of("record", "postal_code"), of("record", "phone")
    ifs = [
        exp.If(this=call("regexp_matches", code.copy(), literal(pattern)), true=literal(land))
        for pattern, land in CODES_OF_ONE_LAND.items()
    ]
    ifs += [
        exp.If(this=call("starts_with", number.copy(), literal(sign + dialled)), true=literal(land))
        for dialled, land in DIALLED.items()
        for sign in ("+", "00")
    ]
    return exp.Case(ifs=ifs)


def _is_filled(name: str) -> exp.Expr:
    value = exp.column(name)
    if name == "birth_date":
        return value.is_(exp.null()).not_()
    blank = call("coalesce", call("trim", value).neq(literal("")), exp.false())
    begins = exp.GTE(this=value.copy(), expression=literal("!"))  # with a sign after the space: no need to look further
    return exp.Case(ifs=[exp.If(this=begins, true=exp.true())], default=blank)
