"""What goods cost where the line does not say it: what a piece of the product cost then, times the pieces."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from clientela.capture.deliveries import Deliveries
from clientela.capture.versions import base_table, columns
from clientela.contracts.delivered.sales import ORDER_LINE, PRODUCT
from clientela.warehouse.physical import COST_ASSUMED

_GIVEN_BACK = ("return", "cancellation")


def says_costs(products: Sequence[Deliveries]) -> bool:
    """Whether any delivery of products says what a piece costs."""
    return any("unit_cost" in rows.columns for each in products for rows in each.rows)


def costed(lines: exp.Select, products: Sequence[Deliveries]) -> exp.Select:
    """The versions of order lines, each with what its goods cost, as delivered, else by its product; and which it is.

    A line that was sold or came back without ``cost_of_goods`` takes ``product.unit_cost`` times its quantity, below
    zero for what came back. It is the unit cost that was known when the line happened; of lines before the first that
    is known, the first.

    Parameters
    ----------
    lines : as `base_table` gives them for ``order_line``
    products : what the sources brought of ``product``
    """
    if not says_costs(products):
        return exp.select("*", exp.alias_(exp.false(), COST_ASSUMED)).from_(lines.subquery("line"))
    pieces = exp.Case(
        ifs=[exp.If(this=_line("kind").isin(*_GIVEN_BACK), true=-exp.Abs(this=_line("quantity")))],
        default=_line("quantity"),
    )
    worth = exp.TryCast(
        this=exp.Mul(this=exp.cast(exp.paren(pieces), "decimal(19, 6)"), expression=_piece("unit_cost")),
        to=exp.DataType.build("decimal(18, 4)"),
        safe=True,
    )  # no amount of money holds a hundred billions and more: such a line stays without a cost
    assumed = exp.and_(_line("cost_of_goods").is_(exp.null()), worth.copy().is_(exp.null()).not_())
    listed = [
        exp.alias_(exp.func("coalesce", _line(name), worth), name, quoted=True)
        if name == "cost_of_goods"
        else _line(name)
        for name in columns(ORDER_LINE)
    ]
    at_the_time = exp.and_(
        _line("product_id").eq(_piece("product_id")),
        _line("cost_of_goods").is_(exp.null()),
        _line("kind").isin("sale", *_GIVEN_BACK),
        exp.or_(_piece("since").is_(exp.null()), _piece("since") <= _line("happened_at")),
        exp.or_(_piece("until").is_(exp.null()), _piece("until") > _line("happened_at")),
    )
    return (
        exp.select(*listed, exp.alias_(assumed, COST_ASSUMED))
        .from_(lines.subquery("line"))
        .join(_unit_costs(products).subquery("piece"), on=at_the_time, join_type="left")
    )


def _unit_costs(products: Sequence[Deliveries]) -> exp.Select:
    """What a piece of each product cost, since when and until when; the first since ever, the last for ever.

    A source that never says what a piece costs is left out: where two deliver a product, its row would stand for both.
    """
    saying = [each for each in products if says_costs([each])]
    known = exp.column("known_from")
    by_time = exp.Order(expressions=[exp.Ordered(this=known.copy(), nulls_first=False)])
    before, after = (
        exp.Window(this=each, partition_by=[exp.column("product_id")], order=by_time.copy())
        for each in (exp.Lag(this=known.copy()), exp.Lead(this=known.copy()))
    )
    since = exp.Case(ifs=[exp.If(this=before.is_(exp.null()).not_(), true=known.copy())])
    return (
        exp.select("product_id", "unit_cost", exp.alias_(since, "since"), exp.alias_(after, "until"))
        .from_(base_table(PRODUCT, saying).subquery("version"))
        .where(exp.column("unit_cost").is_(exp.null()).not_())
    )


def _line(name: str) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table="line")


def _piece(name: str) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table="piece")
