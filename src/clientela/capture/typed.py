"""The query that types one landed batch by its contract: cells, formulas, values, instants, money, in layers.

Each layer is one select over the one before, so that nothing is written twice; a row carries both what
the file said and what was understood, and a list of rules says which rows are bad and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
from sqlglot import exp

from clientela.capture import reading, zone
from clientela.capture.files.csv_reader import LINE, LINES, RULE
from clientela.capture.formula import Kind
from clientela.capture.mapping import Field, Section, required
from clientela.capture.reading import Moment, Raw, Reading
from clientela.contracts.schema import Column, Type
from clientela.warehouse.physical import ENGINE_TYPES, column, day_of

KNOWN, BAD = "_known", "_bad"
FILE = "_file"  # which of several files that are read together a row is from
FILE_NAME = "filename"  # what the engine calls it
NUMBER = "customer_number"  # the first 60 bits of a pseudonym: eight bytes a row where the hex takes 64
RATES, REFS = "_rates", "_refs"
RATES_SCHEMA = pa.schema(
    [("currency", pa.string()), ("since", pa.date32()), ("until", pa.date32()), ("rate", pa.decimal128(18, 6))]
)
_KNOWN_AS = Column(name=KNOWN, type=Type.INSTANT)
_PLAIN = Reading(decimal=".")
_FROM_FORMULA = {Kind.TEXT: Raw.TEXT, Kind.NUMBER: Raw.DECIMAL, Kind.BOOL: Raw.BOOL}


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule over the typed rows: where ``broken`` holds, the row is bad. ``value`` is the column that shows why."""

    label: str
    value: str | None
    rule: str
    broken: exp.Expr


@dataclass(frozen=True, slots=True)
class Typed:
    """``rows`` has every row with raw and typed columns; ``listed`` are the columns to keep of the good ones."""

    rows: exp.Select
    listed: tuple[exp.Expr, ...]
    breaches: tuple[Breach, ...]
    persons: tuple[str, ...]
    keys: exp.Query | None  # every key of a person in the rows, once; None when the table names nobody

    def marked(self) -> exp.Select:
        """All rows as the contract names them, persons by the number of their pseudonym, with ``_bad`` beside them.

        A filter instead of the mark would make the engine read every cell once more for each rule.
        """
        broken = [exp.func("coalesce", each.broken.copy(), exp.false()) for each in self.breaches]
        mark = exp.alias_(exp.or_(*broken) if broken else exp.false(), BAD)
        query = exp.select(*(each.copy() for each in self.listed), mark).from_(self.rows.subquery("typed"))
        for name in self.persons:
            query = query.join(
                exp.alias_(exp.to_table(REFS), f"ref_{name}", table=True),
                on=exp.EQ(this=_of(f"t_{name}", "typed"), expression=_of("record_id", f"ref_{name}")),
                join_type="left",
            )
        return query

    def bad(self) -> exp.Select:
        """Of the other rows: the line, each value that a rule may show, and which rules are broken."""
        shown = sorted({each.value for each in self.breaches if each.value is not None})
        values = [exp.alias_(_text(column(name)), name, quoted=True) for name in shown]
        flags = [
            exp.alias_(exp.func("coalesce", each.broken.copy(), exp.false()), f"b_{number}")
            for number, each in enumerate(self.breaches)
        ]
        query = exp.select(column(LINE), column(LINES), *values, *flags).from_(self.rows.subquery("typed"))
        return query.where(exp.or_(*(each.broken.copy() for each in self.breaches)))


def typed(section: Section, source: exp.Expr, kinds: Mapping[str, Raw], *, text: bool, several: bool = False) -> Typed:
    """How to type a batch, or several of one kind.

    Parameters
    ----------
    section
        What its source says.
    source
        The batch's file, to read from.
    kinds
        Its columns and what they hold.
    text
        Whether the careful reader made it: then it has lines and may have lines that are no record.
    several
        Each row shall say in ``_file`` which file of the source it is from.
    """
    layers = _Layers(section, section.bound(kinds), kinds, several=several)
    rows = layers.rows(source, text=text)
    return Typed(
        rows=rows,
        listed=tuple(layers.listed()),
        breaches=tuple(layers.breaches()),
        persons=tuple(each.column.name for each in layers.fields if each.column.person),
        keys=layers.keys(source, text=text),
    )


class _Layers:
    """The layers of one batch; column names: ``c_`` cell, ``n_`` number of a cell, ``v_`` value, ``t_`` typed."""

    def __init__(self, section: Section, fields: tuple[Field, ...], kinds: Mapping[str, Raw], *, several: bool) -> None:
        self.section, self.kinds = section, kinds
        self.beside = (FILE,) if several else ()
        known = section.known_column
        self.extra = (Field(_KNOWN_AS, name=known),) if known is not None else ()
        self.fields = fields
        self.all = (*fields, *self.extra)
        names = sorted({name for field in self.all for name in field.reads})
        self.cells = {name: f"c_{number}" for number, name in enumerate(names)}
        self.numbers = sorted({name for field in self.all if field.formula for name in field.formula.numbers})
        by_name = {field.column.name: field for field in fields}
        currency = by_name.get("currency")
        self.converted = (
            currency is not None
            and section.contract.name != "exchange_rate"
            and currency.constant != section.currency
            and any(field.column.type is Type.MONEY for field in fields)
        )

    def rows(self, source: exp.Expr, *, text: bool) -> exp.Select:
        """All layers on top of each other."""
        line = column(LINE) if text else exp.Add(this=exp.column("file_row_number"), expression=_int(1))
        lines = column(LINES) if text else exp.cast(_int(1), "bigint")
        cells = [exp.alias_(self._cell(name), alias) for name, alias in self.cells.items()]
        files = [exp.alias_(exp.column(FILE_NAME), name) for name in self.beside]
        query = exp.select(exp.alias_(line, LINE), exp.alias_(lines, LINES), *files, *cells).from_(source)
        if text:
            query = query.where(column(RULE).is_(exp.null()))
        query = _on_top(query, [exp.alias_(self._number(name), self._number_name(name)) for name in self.numbers])
        query = _on_top(
            query, [exp.alias_(self._said(each), f"v_{each.column.name}", quoted=True) for each in self.all]
        )
        query = _on_top(query, [part for each in self.all for part in self._typed(each)])
        query = _on_top(query, [part for each in self.all for part in self._in_utc(each)])
        query = _on_top(query, [part for each in self.fields for part in self._day(each)])
        return self._with_rates(query) if self.converted else query

    def keys(self, source: exp.Expr, *, text: bool) -> exp.Query | None:
        """Every key of a person in the rows, once."""
        union: exp.Query | None = None
        for each in (field for field in self.fields if field.column.person):
            part = self._keys_of(each, source, text=text)
            union = part if union is None else exp.union(union, part, distinct=True)
        return union

    def _keys_of(self, field: Field, source: exp.Expr, *, text: bool) -> exp.Select:
        """The keys in one column; what the file repeats is made distinct before it is read, as reading is dearer."""
        if field.name is None:
            rows = self.rows(source, text=text)
            value: exp.Expr = column(f"t_{field.column.name}")
        else:
            rows = exp.select(exp.alias_(column(field.name), "cell")).distinct().from_(source.copy())
            rows = rows.where(column(RULE).is_(exp.null())) if text else rows
            raw = self.kinds[field.name]
            value = reading.of_person(reading.read(column("cell"), raw, field.column.type, self._reading(field)))
        known = exp.select(exp.alias_(value, "record_id")).distinct().from_(rows.subquery("named"))
        return exp.select("record_id").from_(known.subquery("key")).where(column("record_id").is_(exp.null()).not_())

    def listed(self) -> Iterator[exp.Expr]:
        """The columns of the conformed file."""
        yield exp.alias_(exp.Literal.string(self.section.source.name), "source")
        for each in self.fields:
            name, kind = each.column.name, each.column.type
            if each.column.person:
                yield exp.alias_(_of(NUMBER, f"ref_{name}"), name, quoted=True)
            elif kind is Type.INSTANT:
                yield exp.alias_(column(f"u_{name}"), name, quoted=True)
                yield exp.alias_(column(f"on_{name}"), day_of(name), quoted=True)
            elif kind is Type.MONEY and self.converted:
                yield exp.alias_(self._in_company_money(column(f"t_{name}")), name, quoted=True)
            elif name == "currency" and self.section.contract.name == "order_line":
                company = exp.Literal.string(self.section.currency)
                yield exp.alias_(exp.func("coalesce", column("t_currency"), company), name, quoted=True)
            elif name == "kind" and self._kind_by_sign is not None:
                yield exp.alias_(exp.func("coalesce", column("t_kind"), self._kind_by_sign), name, quoted=True)
            else:
                yield exp.alias_(column(f"t_{name}"), name, quoted=True)
        if self._kind_by_sign is not None and "kind" not in self._names:
            yield exp.alias_(self._kind_by_sign, "kind", quoted=True)
        if self.section.contract.name == "order_line" and "currency" not in self._names:
            yield exp.alias_(exp.Literal.string(self.section.currency), "currency", quoted=True)
        for each in self.extra:
            yield exp.alias_(column(f"u_{each.column.name}"), KNOWN)
        yield column(LINE)
        yield column(LINES)
        yield from map(column, self.beside)

    def breaches(self) -> Iterator[Breach]:
        """Every rule a row may break, in the order of the contract."""
        for name in self.numbers:
            cell, number = self.cells[name], self._number_name(name)
            said = f"'{name}' must be {reading.rule(Type.NUMBER, self.section.reading)}"
            yield Breach(name, cell, said, _unread(cell, number))
        needed = required(self.section.contract)
        for each in self.all:
            name, kind = each.column.name, each.column.type
            value, result = f"v_{name}", f"t_{name}"
            label = each.name or name
            if kind is Type.INSTANT:
                result = f"u_{name}"
            subject = f"'{label}', the moment it was known," if name == KNOWN else name
            said = f"{subject} must be {reading.rule(kind, self._reading(each))}"
            yield Breach(label, value, said, _unread(value, result))
            if name in needed or name == "line_no":
                yield Breach(label, None, f"{name} is missing", self._missing(each))
            yield from _rules(each.column, label, value, result)
            if each.column.scaled_by in self._names:
                yield from _scales(each.column, label, value, result)
        if self.converted:
            dated = self._event_day.is_(exp.null()).not_()  # a row without a day is bad for that alone
            unknown = exp.and_(self._foreign, _of("rate", "typed").is_(exp.null()), dated)
            yield Breach("currency", "t_currency", "no exchange rate is known for this currency on that day", unknown)

    def _cell(self, name: str) -> exp.Expr:
        cell = column(name)
        return reading.as_text(cell, Raw.TEXT) if self.kinds[name] is Raw.TEXT else cell

    def _number_name(self, name: str) -> str:
        return self.cells[name].replace("c_", "n_", 1)

    def _number(self, name: str) -> exp.Expr:
        return reading.read(column(self.cells[name]), self.kinds[name], Type.NUMBER, self.section.reading)

    def _said(self, field: Field) -> exp.Expr:
        """What the file says for a column, but of an erased person nothing."""
        value = self._value(field)
        return reading.of_person(value) if field.column.person and self._raw(field) is Raw.TEXT else value

    def _value(self, field: Field) -> exp.Expr:
        """What the file says for a column of the contract."""
        if field.formula is not None:
            tree = field.formula.tree.transform(self._resolved)
            return reading.as_text(tree, Raw.TEXT) if field.formula.kind is Kind.TEXT else reading.call("try", tree)
        if field.name is not None:
            return column(self.cells[field.name])
        return exp.Literal.string(field.constant or "")

    def _resolved(self, node: exp.Expr) -> exp.Expr:
        """A formula's column as the column of a lower layer."""
        if not isinstance(node, exp.Column):
            return node
        if node.table == "number":
            return column(self._number_name(node.name))
        return reading.as_text(column(self.cells[node.name]), self.kinds[node.name])

    def _raw(self, field: Field) -> Raw:
        if field.formula is not None:
            return _FROM_FORMULA[field.formula.kind]
        return self.kinds[field.name] if field.name is not None else Raw.TEXT

    def _reading(self, field: Field) -> Reading:
        return self.section.reading if field.constant is None else _PLAIN

    def _typed(self, field: Field) -> Iterator[exp.Expr]:
        name, value, raw = field.column.name, column(f"v_{field.column.name}"), self._raw(field)
        if field.column.type is Type.INSTANT:
            moment = reading.moment(value, raw, self._reading(field))
            yield exp.alias_(moment.clock, f"t_{name}", quoted=True)
            for prefix, part in (("o", moment.offset), ("d", moment.is_day)):
                if part is not None:
                    yield exp.alias_(part, f"{prefix}_{name}", quoted=True)
            return
        if raw is Raw.TEXT and field.column.type is Type.TEXT and field.name is not None:
            result: exp.Expr = value  # its cell was trimmed already
        else:
            result = reading.read(value, raw, field.column.type, self._reading(field))
        if field.column.choices:
            result = exp.func("lower", result)
        if name == "currency":
            result = exp.func("upper", result)
        yield exp.alias_(result, f"t_{name}", quoted=True)

    def _in_utc(self, field: Field) -> Iterator[exp.Expr]:
        """An instant put into its zone: a stated offset holds, a mere day is the company's, else the source's clock."""
        if field.column.type is not Type.INSTANT:
            return
        name, clock = field.column.name, column(f"t_{field.column.name}")
        moment = reading.moment(column("v"), self._raw(field), self._reading(field))
        yield exp.alias_(self._utc(name, clock, moment), f"u_{name}", quoted=True)

    def _utc(self, name: str, clock: exp.Column, moment: Moment) -> exp.Expr:
        section = self.section
        result = zone.utc(clock, section.zone)
        if isinstance(moment.is_day, exp.Boolean) and moment.is_day.this:
            return zone.utc(clock, section.company_zone)
        ifs = []
        if moment.offset is not None:
            if isinstance(moment.offset, exp.Literal):
                return clock.copy()
            said = reading.call("to_seconds", exp.cast(column(f"o_{name}"), "double"))
            ifs.append(
                exp.If(this=column(f"o_{name}").is_(exp.null()).not_(), true=exp.Sub(this=clock, expression=said))
            )
        if moment.is_day is not None and section.zone != section.company_zone:
            ifs.append(exp.If(this=column(f"d_{name}"), true=zone.utc(clock, section.company_zone)))
        return exp.Case(ifs=ifs, default=result) if ifs else result

    def _day(self, field: Field) -> Iterator[exp.Expr]:
        if field.column.type is Type.INSTANT:
            name = field.column.name
            day = zone.day(column(f"u_{name}"), self.section.company_zone)
            yield exp.alias_(day, f"on_{name}", quoted=True)

    @property
    def _names(self) -> frozenset[str]:
        return frozenset(each.column.name for each in self.fields)

    @property
    def _kind_by_sign(self) -> exp.Expr | None:
        """What an order line is when nothing says so: a return when quantity or revenue is below zero."""
        if self.section.contract.name != "order_line":
            return None
        below = [
            exp.func("coalesce", exp.LT(this=column(f"t_{name}"), expression=_int(0)), exp.false())
            for name in ("quantity", "net_revenue")
            if name in self._names
        ]
        returned = exp.If(this=exp.or_(*below), true=exp.Literal.string("return"))
        return exp.Case(ifs=[returned], default=exp.Literal.string("sale"))

    @property
    def _foreign(self) -> exp.Expr:
        """Whether the row is in another currency than the company's."""
        return exp.NEQ(this=_of("t_currency", "typed"), expression=exp.Literal.string(self.section.currency))

    def _in_company_money(self, amount: exp.Expr) -> exp.Expr:
        wide = exp.Cast(this=amount.copy(), to=exp.DataType.build("decimal(28, 4)"))
        product = exp.TryCast(
            this=exp.Paren(this=exp.Mul(this=wide, expression=column("rate"))),
            to=exp.DataType.build(ENGINE_TYPES[Type.MONEY]),
            safe=True,
        )
        return exp.Case(ifs=[exp.If(this=self._foreign, true=product)], default=amount.copy())

    @property
    def _event_day(self) -> exp.Column:
        """The day on which the row happened."""
        event = self.section.contract.event_time
        instant = event is not None and self.section.contract.column(event).type is Type.INSTANT
        return column(f"on_{event}" if instant else f"t_{event}")

    def _with_rates(self, query: exp.Select) -> exp.Select:
        """Each row with the rate of the latest day on or before it."""
        day = self._event_day
        since, until = _of("since", RATES), _of("until", RATES)
        valid = exp.and_(
            exp.EQ(this=column("t_currency"), expression=_of("currency", RATES)),
            exp.GTE(this=day, expression=since),
            exp.or_(until.is_(exp.null()), exp.LT(this=day.copy(), expression=until.copy())),
        )
        joined = query.subquery("counted")
        return (
            exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier("counted")), _of("rate", RATES))
            .from_(joined)
            .join(exp.to_table(RATES), on=valid, join_type="left")
        )

    def _missing(self, field: Field) -> exp.Expr:
        """Nothing where something is required; a formula over a bad number is bad already."""
        absent = column(f"v_{field.column.name}").is_(exp.null())
        if field.formula is None:
            return absent
        unread = [_unread(self.cells[name], self._number_name(name)) for name in sorted(field.formula.numbers)]
        return exp.and_(absent, *(_holds_not(each) for each in unread))


def _rules(each: Column, label: str, value: str, result: str) -> Iterator[Breach]:
    """The contract's own rules about a value."""
    typed_value = column(result)
    if each.choices:
        among = exp.In(this=typed_value, expressions=[exp.Literal.string(choice) for choice in each.choices])
        yield Breach(label, value, f"{each.name} must be one of: {', '.join(each.choices)}", exp.Not(this=among))
    low, high = (0, 1) if each.type is Type.SHARE else (each.minimum, each.maximum)
    if low is not None:
        yield Breach(
            label, value, f"{each.name} must not be below {low}", exp.LT(this=column(result), expression=_int(low))
        )
    if high is not None:
        above = exp.GT(this=column(result), expression=_int(high))
        yield Breach(label, value, f"{each.name} must not be above {high}", above)


def _scales(each: Column, label: str, value: str, result: str) -> Iterator[Breach]:
    """The lowest and highest value that another column's choice allows."""
    for choice, low, high in each.scales:
        chosen = exp.EQ(this=column(f"t_{each.scaled_by}"), expression=exp.Literal.string(choice))
        outside = exp.or_(
            exp.LT(this=column(result), expression=_int(low)), exp.GT(this=column(result), expression=_int(high))
        )
        said = f"{each.name} must be {low} to {high} where {each.scaled_by} is {choice}"
        yield Breach(label, value, said, exp.and_(chosen, outside))


def _on_top(query: exp.Select, added: list[exp.Expr]) -> exp.Select:
    """Another layer: all columns of the one below, and more."""
    if not added:
        return query
    return exp.select(exp.Star(), *added).from_(query.subquery("below"))


def _unread(value: str, result: str) -> exp.Expr:
    """Something stood there and was not understood."""
    return exp.and_(column(value).is_(exp.null()).not_(), column(result).is_(exp.null()))


def _holds_not(condition: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.func("coalesce", condition.copy(), exp.false()))


def _text(value: exp.Expr) -> exp.Expr:
    return exp.func("left", exp.cast(value, "varchar"), _int(1000))


def _of(name: str, table: str) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table=exp.to_identifier(table, quoted=True))


def _int(value: int) -> exp.Expr:
    return exp.Literal.number(value) if value >= 0 else exp.Neg(this=exp.Literal.number(-value))
