"""Net revenue of an order line: a column that says so, else quantity times price, less what was taken off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from clientela.capture.propose.look.sample import Sample
from clientela.capture.propose.look.values import Profile, number_of
from clientela.capture.propose.match import Field, Match, quoted
from clientela.capture.propose.words import Meaning, meaning

_EVEN = 0.95  # of the rows in which a product must come out at the amount
_LOOKED_AT = 5_000
_TAX_IN = "its name says that tax is in it; net revenue is before tax"


def with_revenue(found: Match, look: Sample, profiles: Sequence[Profile]) -> Match:
    """The match with the best source of ``net_revenue`` and ``discount``."""
    fields = dict(found.fields)
    off = _discounts(look, profiles, fields)
    if off is not None:
        fields["discount"] = off
    price = _price(profiles)
    quantity = fields.get("quantity")
    direct = fields.get("net_revenue")
    if direct is not None and "price" in meaning(direct.reads[0]).notions and quantity is not None:
        direct = None  # a price is not an amount when there is a quantity
        fields.pop("net_revenue")
    repeated = direct is not None and _repeats(look, fields.get("order_id"), direct.reads[0])
    if direct is not None and not repeated:
        fields["net_revenue"] = _direct(direct, look, quantity, price, fields)
    elif price is not None and quantity is not None and quantity.column is not None:
        fields["net_revenue"] = _product(look, quantity.column, price, fields.get("discount"))
    elif direct is not None:
        fields["net_revenue"] = replace(
            direct, doubt="every line of an order has the same amount: it may be the whole order's, counted many times"
        )
    return replace(found, fields=fields)


def _price(profiles: Sequence[Profile]) -> Profile | None:
    """The column of the price of a piece."""
    named = [
        (len(meaning(each.name).unknown), each)
        for each in profiles
        if each.numeric and "price" in meaning(each.name).notions and not {"total", "line"} & meaning(each.name).notions
    ]
    named += [(1, each) for each in profiles if each.numeric and "listprice" in meaning(each.name).notions]
    return min(named, key=lambda each: each[0])[1] if named else None


def _discounts(look: Sample, profiles: Sequence[Profile], fields: dict[str, Field]) -> Field | None:
    """The discount: one column of amounts, or the sum of several."""
    named = [
        each
        for each in profiles
        if each.numeric and "discount" in (said := meaning(each.name)).notions and not _is_share(each, said)
    ]
    if not named:
        if "discount" in fields:  # a percentage is no amount
            fields.pop("discount")
        return None
    if len(named) == 1:
        score = fields["discount"].score if "discount" in fields else 0.7
        doubt = "" if score >= 0.85 else f"'{named[0].name}' is taken for an amount that was taken off"
        return Field("discount", named[0].name, None, (named[0].name,), score, named[0].said, doubt)
    names = tuple(each.name for each in named)
    return Field(
        "discount", None, " + ".join(quoted(name) for name in names), names, 0.8, "the sum of all discounts",
        "several columns are discounts; their sum is what was taken off if none contains another",
    )  # fmt: skip


def _is_share(shown: Profile, said: Meaning) -> bool:
    return "percent" in said.notions or "%" in shown.name or "rate" in said.notions


def _repeats(look: Sample, order: Field | None, name: str) -> bool:
    """Whether all lines of an order have one amount, in orders of several lines."""
    if order is None or order.column is None:
        return False
    orders: dict[str | None, list[str | None]] = {}
    for key, amount in zip(look.column(order.column), look.column(name), strict=True):
        if len(orders) < _LOOKED_AT or key in orders:
            orders.setdefault(key, []).append(amount)
    several = [amounts for amounts in orders.values() if len(amounts) > 2]
    return len(several) >= 20 and all(len(set(amounts)) == 1 for amounts in several)


def _direct(
    direct: Field, look: Sample, quantity: Field | None, price: Profile | None, fields: dict[str, Field]
) -> Field:
    """A column of amounts, checked against quantity times price and against tax."""
    said = meaning(direct.reads[0])
    if "gross" in said.notions and "net" not in said.notions:
        tax = fields.get("tax")
        if tax is not None and tax.column is not None and direct.column is not None:
            expr = f"{quoted(direct.column)} - {quoted(tax.column)}"
            return replace(direct, column=None, expr=expr, reads=(*direct.reads, *tax.reads), doubt=_TAX_IN)
        return replace(direct, doubt=_TAX_IN)
    if quantity is not None and quantity.column is not None and price is not None and direct.column is not None:
        share = _comes_out(look, quantity.column, price.name, direct.column)
        if share >= _EVEN:
            evidence = f"{quantity.column} times {price.name} in {share:.0%} of the rows sampled"
            return replace(direct, score=1.0, evidence=evidence, doubt="")
    if direct.doubt and "tax" not in said.notions:
        return replace(direct, doubt="nothing says whether tax is in it; net revenue is before tax")
    return direct


def _comes_out(look: Sample, quantity: str, price: str, amount: str) -> float:
    signs = {each.name: each.decimal for each in look.profiles_of((quantity, price, amount))}
    even = rows = 0
    for cells in list(zip(*(look.column(name) for name in (quantity, price, amount)), strict=True))[:_LOOKED_AT]:
        numbers = [
            number_of(cell, signs[name]) if cell else None
            for name, cell in zip((quantity, price, amount), cells, strict=True)
        ]
        if None in numbers:
            continue
        pieces, each, whole = (number or 0.0 for number in numbers)
        rows += 1
        even += abs(pieces * each - whole) <= max(0.011, 0.005 * abs(pieces) + 0.005)
    return even / rows if rows >= 20 else 0.0


def _product(look: Sample, quantity: str, price: Profile, off: Field | None) -> Field:
    """Quantity times price, less the discount when there is one in money."""
    expr = f"{quoted(quantity)} * {quoted(price.name)}"
    reads: tuple[str, ...] = (quantity, price.name)
    doubt = ""
    notions = meaning(price.name).notions
    if off is not None and off.column is not None:
        expr += f" - {quoted(off.column)}"
        reads += off.reads
        doubt = "the discount is taken for that of the whole line, in money, and not yet in the price"
    if "gross" in notions:
        doubt = "the price's name says that tax is in it; net revenue is before tax"
    elif price.name and "listprice" in notions:
        doubt = "the list price is taken for the price paid"
    said = f"no column of amounts; {quantity} times {price.name}, taken as without tax"
    return Field("net_revenue", None, expr, reads, 0.9, said, doubt)
