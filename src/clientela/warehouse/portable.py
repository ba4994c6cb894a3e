"""Portable SQL: what a model may be written in, so that every engine answers it alike."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from clientela.errors import ModelError, NotPortableError

DIALECTS = ("duckdb", "spark")
FUNCTIONS = frozenset({"id63"})  # our own, registered with every engine
TYPES = ("BIGINT", "BOOLEAN", "DATE", "DECIMAL", "DOUBLE", "TEXT", "TIMESTAMP", "VARCHAR")
DATE_FORMATS = ("%Y", "%Y-%m", "%Y-%m-%d")
PEOPLE = "people"  # the one database a model may name: the file of what is personal

_STATEMENT = (exp.Select, exp.Union, exp.Except, exp.Intersect, exp.Subquery, exp.With, exp.CTE, exp.Values)
_CLAUSE = (exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Qualify, exp.Order, exp.Ordered, exp.Distinct)
_GROUPING = (exp.Cube, exp.Rollup, exp.GroupingSets, exp.Grouping)
_NAME = (exp.Table, exp.TableAlias, exp.Alias, exp.Column, exp.Identifier, exp.Placeholder, exp.Anonymous)
_VALUE = (exp.Literal, exp.Boolean, exp.Null, exp.Tuple, exp.Paren, exp.Interval, exp.Var, exp.Star)
_TYPE = (exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam)
_LOGIC = (exp.And, exp.Or, exp.Not, exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Exists, exp.In, exp.Is)
_COMPARISON = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.NullSafeEQ, exp.NullSafeNEQ)
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.Greatest, exp.Least)
_NUMBER = (exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Sign, exp.Sqrt, exp.Pow, exp.Ln, exp.Exp)
_AGGREGATE = (exp.Count, exp.CountIf, exp.Sum, exp.Min, exp.Max, exp.ArgMax, exp.ArgMin, exp.GroupConcat, exp.Filter)
_TRUTH = (exp.LogicalAnd, exp.LogicalOr)
_WINDOW = (exp.Window, exp.WindowSpec, exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile, exp.CumeDist)
_NEIGHBOUR = (exp.PercentRank, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue)
_TEXT = (exp.Lower, exp.Upper, exp.Trim, exp.Concat, exp.DPipe, exp.Length, exp.Substring, exp.Replace, exp.Like)
_MATCH = (exp.StartsWith, exp.Contains, exp.MD5, exp.SHA2)
_DATE = (exp.DateDiff, exp.TimestampTrunc, exp.DateTrunc, exp.Year, exp.Quarter, exp.Month, exp.TimeToStr)
ALLOWED: frozenset[type[exp.Expr]] = frozenset(
    _STATEMENT + _CLAUSE + _GROUPING + _NAME + _VALUE + _TYPE + _LOGIC + _COMPARISON + _ARITHMETIC + _NUMBER
    + _AGGREGATE + _TRUTH + _WINDOW + _NEIGHBOUR + _TEXT + _MATCH + _DATE
)  # fmt: skip
_WHOLE = (exp.Count, exp.CountIf, exp.Sum, exp.Min, exp.Max, exp.Window, exp.Floor, exp.Ceil, exp.Round, exp.Filter)
_COUNTED = (*_WHOLE, exp.Case, exp.Coalesce, exp.DateDiff, exp.Literal, exp.Null, exp.Predicate, exp.Connector, exp.Not)
_DOUBLE = (exp.Div, exp.Sqrt, exp.Ln, exp.Exp, exp.Pow, exp.CumeDist, exp.PercentRank)


def parse_model(sql: str, name: str, *, tables: Collection[str] = (), proved: bool = False) -> exp.Query:
    """The tree of a model's one ``select``, checked, its divisions written out.

    Parameters
    ----------
    tables : names that no CTE may bear, beside those the model reads.
    proved : it was checked before.

    Raises
    ------
    ModelError
        It is not one query, or a CTE bears a table's name.
    NotPortableError
        It uses what is not in the allow-list, or a form that another engine answers differently.

    Examples
    --------
    >>> parse_model("select a / nullif(b, 0) as share from t", "shares").sql("duckdb")
    'SELECT CAST(a AS DOUBLE) / NULLIF(b, 0) AS share FROM t'
    """
    try:
        statements = sqlglot.parse(sql, read="duckdb")
    except SqlglotError as error:
        raise ModelError(name, f"cannot be read as SQL: {str(error).splitlines()[0]}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise ModelError(name, "a model is exactly one select.")
    tree = statements[0]
    for node in tree.walk():
        node.pop_comments()  # the engine needs none
        node._meta = None  # where it stood in the text; copied with every node, that takes most of a copy's time
    if not proved:
        check(tree, name, tables=tables)
    return _with_double_division(tree)


def check(tree: exp.Expr, name: str, *, tables: Collection[str] = ()) -> None:
    """Refuse a tree that is not portable; all reasons at once."""
    _check_ctes(tree, name, tables)
    reasons = list(dict.fromkeys(_reasons(tree)))
    for dialect in DIALECTS:
        try:
            tree.sql(dialect=dialect, unsupported_level=ErrorLevel.RAISE)
        except SqlglotError as error:
            reasons.append(f"{dialect} cannot say it: {str(error).splitlines()[0]}")
    if reasons:
        raise NotPortableError(name, "; ".join(reasons))


def base_tables(tree: exp.Expr) -> Iterator[exp.Table]:
    """The tables a tree reads, without its CTEs."""
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and (table.db or table.name not in ctes):
            yield table


def gives_nothing(tree: exp.Query, empty: Collection[str]) -> bool:
    """Whether a query has no row because tables it reads have none; False too where that is not certain.

    Parameters
    ----------
    empty : the tables without a row, with their database where the query names it.

    Examples
    --------
    >>> bought = parse_model("select customer_id, count(*) as n from order_line group by customer_id", "bought")
    >>> total = parse_model("select count(*) as n from order_line", "total")
    >>> gives_nothing(bought, ["order_line"]), gives_nothing(bought, []), gives_nothing(total, ["order_line"])
    (True, False, False)
    """
    return bool(empty) and _is_empty(tree, frozenset(empty), {})


def _is_empty(query: exp.Expr, empty: frozenset[str], named: Mapping[str, bool]) -> bool:
    ctes = query.args.get("with_")
    for cte in ctes.expressions if ctes is not None else ():
        named = {**named, cte.alias: _is_empty(cte.this, empty, named)}
    if isinstance(query, exp.Subquery):
        return not query.args.get("joins") and _is_empty(query.this, empty, named)
    if isinstance(query, exp.SetOperation):
        left, right = (_is_empty(side, empty, named) for side in (query.left, query.right))
        if isinstance(query, exp.Except):
            return left
        return left or right if isinstance(query, exp.Intersect) else left and right
    source = query.args.get("from_")
    if not isinstance(query, exp.Select) or source is None or _has_a_row_of_nothing(query):
        return False
    nothing = _has_none(source.this, empty, named)
    for join in query.args.get("joins") or ():
        other = _has_none(join.this, empty, named)
        if join.side in ("RIGHT", "FULL"):
            nothing = other and (nothing or join.side == "RIGHT")
        elif join.side != "LEFT" and join.kind != "ANTI":
            nothing = nothing or other
    return nothing


def _has_none(source: exp.Expr, empty: frozenset[str], named: Mapping[str, bool]) -> bool:
    if isinstance(source, exp.Subquery):
        return _is_empty(source, empty, named)
    if not isinstance(source, exp.Table) or source.args.get("joins"):
        return False
    if source.db:
        return f"{source.db}.{source.name}" in empty
    return named.get(source.name, source.name in empty)


def _has_a_row_of_nothing(query: exp.Select) -> bool:
    """Whether a select may have a row where what it is from has none: it aggregates all of them."""
    group = query.args.get("group")
    if group is not None:
        plain = group.expressions and not any(value for name, value in group.args.items() if name != "expressions")
        return not plain or any(isinstance(each, _GROUPING) for each in group.expressions)
    told = [*query.expressions, *(query.args[name] for name in ("having", "qualify", "order") if query.args.get(name))]
    return any(
        isinstance(node, exp.AggFunc) and not (isinstance(node.parent, exp.Window) and node.arg_key == "this")
        for each in told
        for node in each.walk()
    )


def _check_ctes(tree: exp.Expr, name: str, tables: Collection[str]) -> None:
    seen: set[str] = set()
    for cte in tree.find_all(exp.CTE):
        inside = {table.name for table in cte.this.find_all(exp.Table)}
        if cte.alias in tables or cte.alias in seen or cte.alias in inside or cte.alias == name:
            raise ModelError(name, f"the CTE '{cte.alias}' bears the name of a table; give it its own name.")
        seen.add(cte.alias)


def _reasons(tree: exp.Expr) -> Iterator[str]:
    for node in tree.walk():
        if type(node) not in ALLOWED:
            yield f"{_said(node)}: {type(node).__name__} is not in the portable subset"
        elif (rule := _RULES.get(type(node))) and (reason := rule(node)):
            yield f"{_said(node)}: {reason}"


def _said(node: exp.Expr) -> str:
    sql = node.sql(dialect="duckdb")
    return f"'{sql if len(sql) <= 60 else sql[:57] + '...'}'"


def _with_double_division(tree: exp.Query) -> exp.Query:
    for node in list(tree.find_all(exp.Div)):
        node.set("this", exp.cast(node.this, "double", copy=False))
    return tree


def _bare(node: exp.Expr | None) -> exp.Expr | None:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _is_number(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string and float(node.this) != 0


def _never_zero(divisor: exp.Expr | None, what: str) -> str | None:
    node = _bare(divisor)
    if isinstance(node, exp.Nullif) and node.expression.sql() == "0":
        return None
    return None if _is_number(node) else f"{what} zero differs by engine: write nullif(…, 0)"


def _anonymous(node: exp.Expr) -> str | None:
    return None if node.name.lower() in FUNCTIONS else f"the function {node.name} is not in the portable subset"


def _star(node: exp.Expr) -> str | None:
    return None if isinstance(node.parent, exp.Count) else "list the columns, never '*'"


def _table(node: exp.Expr) -> str | None:
    if not isinstance(node.this, exp.Identifier) or not node.name.isidentifier():
        return "a model reads tables, not files or functions"
    if node.args.get("catalog") or node.args.get("sample"):
        return "a table is named alone, and read whole"
    return None if node.text("db") in ("", PEOPLE) else f"only the database '{PEOPLE}' may be named"


def _join(node: exp.Expr) -> str | None:
    return "name the columns to join on" if node.args.get("method") else None


def _with(node: exp.Expr) -> str | None:
    return "recursion is not in the portable subset" if node.args.get("recursive") else None


def _distinct(node: exp.Expr) -> str | None:
    if node.args.get("on"):
        return "use qualify row_number() instead of distinct on"
    select = node.parent
    mixed = isinstance(select, exp.Select) and select.args.get("qualify")
    return "distinct beside qualify loses its meaning on Spark: use a CTE" if mixed else None


def _cast(node: exp.Expr) -> str | None:
    kind, operand = node.args["to"], _bare(node.this)
    base = kind.this.name
    if base not in TYPES:
        return f"the type {kind.sql('duckdb')} is not one of {', '.join(TYPES)}"
    if base == "DECIMAL" and len(kind.expressions) != 2:
        return "a decimal states its precision and scale"
    if base == "BIGINT" and not isinstance(operand, _COUNTED):
        return "engines round or cut a fraction differently: write round(…), floor(…) or ceil(…) inside"
    if base == "DATE" and any(_is_named(column, "at") for column in node.find_all(exp.Column)):
        return "the day of an instant depends on the zone: use its ..._on column"
    return None


def _rounded(node: exp.Expr) -> str | None:
    cast = node.find_ancestor(exp.Cast, exp.Select)
    return None if isinstance(cast, exp.Cast) else "its type differs by engine: cast the result"


def _date_diff(node: exp.Expr) -> str | None:
    return None if node.text("unit").upper() == "DAY" else "count days: other units differ by engine"


def _date_sum(node: exp.Expr) -> str | None:
    left, right = _bare(node.this), _bare(node.expression)
    if isinstance(left, exp.Interval) or isinstance(right, exp.Interval):
        whole: exp.Expr | None = node.parent
        while isinstance(whole, exp.Paren):
            whole = whole.parent
        return None if isinstance(whole, exp.Cast) else "date and interval: cast the result to date"
    days = isinstance(node, exp.Sub) and _is_day(left) and _is_day(right)
    return "use date_diff('day', …) between dates" if days else None


def _is_day(node: exp.Expr | None) -> bool:
    if isinstance(node, exp.Cast):
        return bool(node.is_type("date"))
    return isinstance(node, exp.Column) and _is_named(node, "on")


def _is_named(column: exp.Column, ending: str) -> bool:
    return column.name == ending or column.name.endswith(f"_{ending}")


def _sum(node: exp.Expr) -> str | None:
    for each in node.this.walk():
        inexact = isinstance(each, _DOUBLE) or (isinstance(each, exp.Cast) and each.is_type("double"))
        if inexact and not _exact_within(each, node):
            return "a sum of doubles depends on their order: cast each term to decimal(18, 9)"
    return None


def _exact_within(node: exp.Expr, whole: exp.Expr) -> bool:
    each = node.parent
    while each is not None and each is not whole:
        if isinstance(each, exp.Cast) and each.is_type("decimal"):
            return True
        each = each.parent
    return False


def _substring(node: exp.Expr) -> str | None:
    start = node.args.get("start")
    return None if _is_number(start) else "the first character has number 1"


def _grouping(node: exp.Expr) -> str | None:
    return "one column each: grouping(a), grouping(b)" if len(node.expressions) > 1 else None


def _text_of_day(node: exp.Expr) -> str | None:
    return None if node.text("format") in DATE_FORMATS else f"the format is one of {', '.join(DATE_FORMATS)}"


def _placeholder(node: exp.Expr) -> str | None:
    if node.name in ("known_at", "sample_permille"):
        return "the warehouse puts this in, a model never does"
    parent = node.parent
    dated = isinstance(parent, exp.Cast) and parent.is_type("date")
    return "write cast(:as_of as date)" if node.name == "as_of" and not dated else None


_RULES: Mapping[type[exp.Expr], Callable[[exp.Expr], str | None]] = {
    exp.Anonymous: _anonymous,
    exp.Star: _star,
    exp.Table: _table,
    exp.Join: _join,
    exp.With: _with,
    exp.Distinct: _distinct,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Floor: _rounded,
    exp.Ceil: _rounded,
    exp.TimestampTrunc: _rounded,
    exp.DateTrunc: _rounded,
    exp.DateDiff: _date_diff,
    exp.Add: _date_sum,
    exp.Sub: _date_sum,
    exp.Sum: _sum,
    exp.Substring: _substring,
    exp.Grouping: _grouping,
    exp.TimeToStr: _text_of_day,
    exp.Placeholder: _placeholder,
    exp.Div: lambda node: _never_zero(node.args["expression"], "dividing by"),
    exp.IntDiv: lambda node: _never_zero(node.args["expression"], "dividing by"),
    exp.Mod: lambda node: _never_zero(node.args["expression"], "dividing by"),
    exp.Ln: lambda node: _never_zero(node.this, "the logarithm of"),
    exp.GroupConcat: lambda node: None if node.find(exp.Order) else "string_agg states its order",
}
