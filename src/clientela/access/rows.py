"""An area as a condition on the rows of one table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlglot import exp

from clientela.access.area import Area, Reach
from clientela.access.rights import Cells
from clientela.contracts.schema import AS_STORED

Bind = Callable[[object], exp.Expr]

HOME = "customer_territory"
MOST_APART = 4  # conditions that are read one after the other
# Tables that tell of the company, not of its customers: whoever sees anything sees their rows.
OPEN = frozenset(
    {
        "product",
        "territory",
        "campaign",
        "treatment",
        "exchange_rate",
        "model",
        "backtest",
        "lapse",
        "run",
        "quality",
        "segment",
    }
    | {"unit", "staff"}
)
# Tables that name no customer themselves, and the one that does: (columns of both, table).
THROUGH: Mapping[str, tuple[tuple[str, ...], str]] = MappingProxyType(
    {
        "opportunity_stage": (("source", "opportunity_id"), "opportunity"),
        "identity": (("customer_ref",), "identity"),  # the part of it in the people file
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One table of a query: its name, its columns by the names an author uses, and those of all tables there are."""

    name: str
    columns: Collection[str]
    known: Mapping[str, Collection[str]]

    @property
    def customers(self) -> tuple[str, ...]:
        """The columns that name customers, all of which must lie in an area."""
        return tuple(sorted(name for name in self.columns if name == "customer_id" or name.endswith("_customer_id")))

    @property
    def told_by(self) -> Asked | None:
        """The table that says whose its rows are, where it does not itself."""
        if self.customers or self.name not in THROUGH:
            return None
        other = THROUGH[self.name][1]
        return Asked(other, self.known.get(other, ()), self.known)


def condition(asked: Asked, reach: Reach, bind: Bind) -> exp.Expr | None:
    """Which rows of a table lie within a reach; None where all do.

    Who is at home where, and whom a campaign contacted, is today's, whatever date is looked from.

    Parameters
    ----------
    bind : takes up a list of values and gives what stands for it

    Examples
    --------
    >>> area = Area(customers=frozenset({7}))
    >>> invoice = Asked("invoice", ("customer_id",), {})
    >>> condition(invoice, (area,), lambda value: exp.Placeholder(this="some")).sql("duckdb")
    'customer_id IN (SELECT UNNEST($some))'
    """
    if (asked.name in OPEN and reach) or any(not area.limits for area in reach):
        return None
    told = [_within(asked, area, bind) for area in reach]
    kept = [each for each in told if each is not None]
    return exp.Paren(this=exp.or_(*kept, copy=False)) if len(kept) > 1 else kept[0] if kept else exp.false()


def of_kinds(asked: Asked, column: str, kinds: Mapping[str, Reach], bind: Bind) -> list[exp.Expr]:
    """The conditions that rows with some values in a column are seen within their own reach only.

    Examples
    --------
    >>> score = Asked("score", ("customer_id",), {})
    >>> [each.sql("duckdb") for each in of_kinds(score, "analysis", {"lifetime-value": ()}, exp.Literal.string)]
    ["analysis <> 'lifetime-value'"]
    """
    told: list[exp.Expr] = []
    for value, reach in kinds.items():
        other = exp.column(column).neq(exp.Literal.string(value))
        within = condition(asked, reach, bind) if reach else exp.false()
        if within is not None:
            told.append(exp.paren(exp.or_(other, within)) if reach else other)
    return told


def of_cells(asked: Asked, cells: Cells, bind: Bind) -> exp.Expr | None:
    """The condition that some columns of a row may be read; None where they may in all rows.

    Examples
    --------
    >>> score = Asked("score", ("customer_id",), {})
    >>> told = of_cells(score, Cells(reach=(Area(),), column="analysis", kinds=(("x", ()),)), exp.Literal.string)
    >>> told.sql("duckdb")
    "analysis <> 'x'"
    """
    if not cells.reach:
        return exp.false()
    within = condition(asked, cells.reach, bind)
    told = [*([] if within is None else [within]), *of_kinds(asked, cells.column, dict(cells.kinds), bind)]
    return exp.paren(exp.and_(*told, copy=False)) if len(told) > 1 else told[0] if told else None


def apart(condition: exp.Expr) -> Sequence[exp.Expr]:
    """A condition as several that no row meets two of, which together let the same rows through.

    An engine marks every row for each subquery of an OR; one condition alone it joins, reading no more rows than
    it must. So ten million lines are read three times in the time in which they were marked once.

    Examples
    --------
    >>> from sqlglot import parse_one
    >>> told = parse_one("(a in (select x from t) or (a is null and b in (select y from t)))", dialect="duckdb")
    >>> [each.sql("duckdb") for each in apart(told)]
    ['a IN (SELECT x FROM t)', 'a IS NULL AND b IN (SELECT y FROM t)']
    """
    terms = sorted(_terms(condition), key=_names_few)  # what is told apart from the others should be few rows
    if not 1 < len(terms) <= MOST_APART:
        return (condition,)
    told = []
    for place, term in enumerate(terms):
        alone, before = term.unnest().copy(), [each for each in terms[:place] if not _exclude(each, term)]
        if before:
            others = exp.Paren(this=exp.or_(*before, copy=True))
            if _names_few(term):
                look_up_only(others, term.this.name, term.args["query"])
            met = exp.Coalesce(this=others, expressions=[exp.false()])
            alone = exp.and_(alone, exp.Not(this=met), copy=False)
        told.append(alone)
    return told


def look_up_only(condition: exp.Expr, customer: str, those: exp.Expr) -> None:
    """Look up in a condition who is at home where for some customers only: a few in the place of a million.

    Parameters
    ----------
    customer : the column by which they are looked up
    those : the query of their numbers; the condition is asked of their rows alone
    """
    for each in condition.find_all(exp.In):
        home = each.args.get("query")
        told = home.this if isinstance(home, exp.Subquery) else None
        if each.this.name != customer or not isinstance(told, exp.Select):
            continue
        table = told.args["from_"].this if told.args.get("from_") else None
        if isinstance(table, exp.Table) and table.name == HOME:
            told.where(exp.In(this=exp.column("customer_id"), query=those.copy()), copy=False)


def _terms(condition: exp.Expr) -> list[exp.Expr]:
    """The conditions of which one is enough."""
    inner = condition.unnest()
    return (
        [term for each in (inner.left, inner.right) for term in _terms(each)] if isinstance(inner, exp.Or) else [inner]
    )


def _names_few(term: exp.Expr) -> bool:
    """Whether it is a list of customers who are named one by one."""
    return isinstance(term, exp.In) and term.this.name.endswith("customer_id") and term.find(exp.From) is None


def _exclude(one: exp.Expr, other: exp.Expr) -> bool:
    """Whether no row meets both: one asks for some value of a column, the other for none."""
    nowhere = other.flatten() if isinstance(other, exp.And) else [other]
    return isinstance(one, exp.In) and any(
        isinstance(each, exp.Is) and each.this == one.this and isinstance(each.expression, exp.Null) for each in nowhere
    )


def can_tell(asked: Asked, reach: Reach) -> bool:
    """Whether a table can be narrowed to a reach: else its figures are the whole company's or nothing."""
    if asked.name in OPEN or any(not area.limits for area in reach):
        return True
    teller = asked.told_by or asked
    return any(all(_TELLS[limit](teller) for limit in area.limits) for area in reach)


def _within(asked: Asked, area: Area, bind: Bind) -> exp.Expr | None:
    """The rows of one area; None where the table cannot say which these are."""
    teller = asked.told_by
    if teller is not None:
        inner = _within(teller, area, bind)
        return None if inner is None else _through(asked, teller, inner)
    if not all(_TELLS[limit](asked) for limit in area.limits):
        return None
    parts = [_LIMITED[limit](asked, sorted(getattr(area, limit)), bind) for limit in area.limits]
    return exp.Paren(this=exp.and_(*parts, copy=False)) if len(parts) > 1 else parts[0]


def _through(asked: Asked, teller: Asked, inner: exp.Expr) -> exp.Expr:
    keys = [exp.column(name) for name in THROUGH[asked.name][0]]
    told = exp.select(*(key.copy() for key in keys)).from_(_as_stored(teller.name)).where(inner)
    if "known_from" in teller.columns:
        told = told.where(_newest())
    left = keys[0] if len(keys) == 1 else exp.Tuple(expressions=keys)
    return exp.In(this=left, query=told.subquery())


def _as_stored(name: str) -> exp.Table:
    table = exp.Table(this=exp.to_identifier(name))
    table.meta[AS_STORED] = True
    return table


def _newest() -> exp.Expr:
    return exp.Is(this=exp.column("known_until"), expression=exp.Null())


def _has_territory(asked: Asked) -> bool:
    return "territory_id" in asked.columns or (bool(asked.customers) and HOME in asked.known)


def _has_customer(asked: Asked) -> bool:
    return bool(asked.customers)


def _has_product(asked: Asked) -> bool:
    return "product_id" in asked.columns


def _has_campaign(asked: Asked) -> bool:
    return "campaign_id" in asked.columns or ("contact" in asked.known and bool(asked.customers))


def _territories(asked: Asked, keys: list[object], bind: Bind) -> exp.Expr:
    """Rows at home in the territories: those that name one of them, or none and a customer of theirs."""
    theirs = [_at_home(name, keys, bind) for name in asked.customers] if HOME in asked.known else []
    if "territory_id" not in asked.columns:
        return exp.and_(*theirs, copy=False)
    own = _among(exp.column("territory_id"), keys, bind)
    if not theirs:
        return own
    nowhere = exp.Is(this=exp.column("territory_id"), expression=exp.Null())
    inside = exp.Paren(this=exp.and_(nowhere, *theirs, copy=False))
    return exp.Paren(this=exp.or_(own, inside, copy=False))


def _at_home(customer: str, keys: list[object], bind: Bind) -> exp.Expr:
    home = exp.Select(expressions=[exp.column("customer_id")]).from_(_as_stored(HOME), copy=False)
    home = home.where(_among(exp.column("territory_id"), keys, bind), copy=False)
    return exp.In(this=exp.column(customer), query=exp.Subquery(this=home))


def _of_customers(asked: Asked, keys: list[object], bind: Bind) -> exp.Expr:
    return exp.and_(*(_among(exp.column(name), keys, bind) for name in asked.customers))


def _of_products(asked: Asked, keys: list[object], bind: Bind) -> exp.Expr:
    return _among(exp.column("product_id"), keys, bind)


def _of_campaigns(asked: Asked, keys: list[object], bind: Bind) -> exp.Expr:
    """Rows that name one of the campaigns; of tables that name none, those of customers whom one of them contacted."""
    if "campaign_id" in asked.columns:
        return _among(exp.column("campaign_id"), keys, bind)
    told = exp.select("contact_id" if asked.name == "response" else "customer_id").from_(_as_stored("contact"))
    told = told.where(_among(exp.column("campaign_id"), keys, bind), _newest())
    if asked.name == "response":
        return exp.column("contact_id").isin(query=told)
    return exp.and_(*(exp.column(name).isin(query=told.copy()) for name in asked.customers))


def _among(column: exp.Expr, keys: list[object], bind: Bind) -> exp.Expr:
    return exp.In(this=column, query=exp.Subquery(this=exp.Select(expressions=[exp.Explode(this=bind(keys))])))


_TELLS: Mapping[str, Callable[[Asked], bool]] = MappingProxyType(
    {
        "territories": _has_territory,
        "customers": _has_customer,
        "products": _has_product,
        "campaigns": _has_campaign,
    }
)
_LIMITED: Mapping[str, Callable[[Asked, list[object], Bind], exp.Expr]] = MappingProxyType(
    {
        "territories": _territories,
        "customers": _of_customers,
        "products": _of_products,
        "campaigns": _of_campaigns,
    }
)
