"""The value across services in words, pictures and caveats."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from clientela.analyse.customer.services.across import Across, Held, Service
from clientela.analyse.customer.subscriptions.evidence import Outlook, why_not
from clientela.contracts.analysis import KnowledgeBase
from clientela.contracts.insight import Chart, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, ntext, text


def lead(kb: KnowledgeBase, whole: Across, held: Sequence[Held]) -> tuple[Text, ...]:
    """What part is from contracts, and what customers of several services bring beside those of one."""
    said = []
    if whole.worth > 0 and whole.orders > 0:
        said.append(
            text(
                "{share} of it is from running contracts, the rest from orders.",
                share=Amount(whole.contracts / whole.worth, "share", digits=0),
            )
        )
    elif not whole.orders:
        said.append(text("All of it is from running contracts."))
    one = next((each for each in held if each.services == 1), None)
    several = [each for each in held if each.services > 1]
    if one is None or not several:
        return tuple(said)
    many = sum(each.customers for each in several)
    mean = sum(each.worth for each in several) / many
    said.append(
        ntext(
            "The {n} customer of two services or more brings {mean}; one of a single service {one} on average.",
            "The {n} customers of two services or more bring {mean} each; one of a single service {one} on average.",
            "n",
            n=Amount(many, "count"),
            mean=_money(kb, mean),
            one=_money(kb, one.mean),
        )
    )
    return tuple(said)


def pictures(
    kb: KnowledgeBase, whole: Across, services: Sequence[Service], held: Sequence[Held], *, is_margin: bool
) -> tuple[Chart, ...]:
    """What each service brings, and what customers bring by how many services they have, where that is known."""
    of_services = _services(kb, whole, services, is_margin=is_margin)
    return (of_services, _numbers(kb, held, is_margin=is_margin)) if held else (of_services,)


def caveats(kb: KnowledgeBase, whole: Across, contracts: Outlook | None, *, is_margin: bool) -> tuple[Text, ...]:
    """What is to be kept in mind of contracts: what is counted once, what may be twice, why they are not in it."""
    if contracts is None:
        return without_contracts(kb)
    said = []
    company = whole.company
    if company is not None and company.delivered_customers:
        said.append(
            ntext(
                "Order lines of {n} customer are of a product that they had a contract for on that day ({money} so "
                "far). They count once, with the contract, and are not expected again as orders.",
                "Order lines of {n} customers are of a product that they had a contract for on that day ({money} so "
                "far). They count once, with the contract, and are not expected again as orders.",
                "n",
                n=Amount(company.delivered_customers, "count"),
                money=Amount(round(Decimal(str(company.delivered)), 2), "money", kb.currency, digits=2),
            )
        )
    if company is not None and company.unnamed:
        said.append(
            ntext(
                "{n} contract names no product: should what it is paid stand among the order lines too, it counts "
                "twice.",
                "{n} contracts name no product: should what they are paid stand among the order lines too, it counts "
                "twice.",
                "n",
                n=Amount(company.unnamed, "count"),
            )
        )
    if company is not None and company.of_nobody:
        said.append(
            ntext(
                "{n} running contract is of nobody who is known, and in no customer's value.",
                "{n} running contracts are of nobody who is known, and in no customer's value.",
                "n",
                n=Amount(company.of_nobody, "count"),
            )
        )
    if whole.contracts and whole.orders and not is_margin:
        said.append(text("Contracts count at revenue as orders do, so that both can be added up."))
    elif whole.contracts and not is_margin:
        said.append(text("What contracts cost is not known well enough, so this counts revenue, not margin."))
    if whole.contracts and whole.orders and not whole.is_part:
        said.append(
            text(
                "Orders and contracts are taken as uncertain each by itself; what befalls both at once makes the range "
                "wider than it is said to be."
            )
        )
    return tuple(said)


def without_contracts(kb: KnowledgeBase) -> tuple[Text, ...]:
    """That contracts are not in it, and why; nothing where none runs."""
    test = kb.evidence("subscription-churn")
    said = next((row for row in test.models if row["as_of"] == kb.as_of), None)
    if said is None:
        return _unasked() if kb.delivered("subscription") else ()
    if '"no_contracts"' in str(said["parameters"]):
        return ()
    if said["winner"] or any(row["winner"] and row["as_of"] == kb.as_of for row in test.models):
        return (text("What contracts will bring is not in it: no running contract says what its customer pays."),)
    return (text("What contracts will bring is not in it. {why}", why=why_not(test, kb.as_of)),)


def _unasked() -> tuple[Text, ...]:
    return (
        text(
            "What contracts will bring is not in it: how they end was not computed for this date. Ask "
            "subscription-churn why."
        ),
    )


def tested() -> Text:
    """That contracts were tested too, and where that is told."""
    return text("How contracts end was tested by itself: subscription-churn shows how right it was.")


def computed() -> Text:
    """How the two are added up, in words."""
    return text(
        "A contract is worth what it brings in each month ahead (where margin is counted, what it leaves), times the "
        "chance that it still runs then (subscription-churn), discounted. Orders and contracts are added up, and so "
        "are the squares of how far each may stray."
    )


def _services(kb: KnowledgeBase, whole: Across, services: Sequence[Service], *, is_margin: bool) -> Chart:
    first = services[0]
    share = Amount(first.worth / whole.worth if whole.worth else 0.0, "share", digits=0)
    named = any(each.name for each in services)
    name = _name(first, named=named)
    title = (
        text("The largest part of the margin to come is from “{service}”: {share}.", service=name, share=share)
        if is_margin
        else text("The largest part of the revenue to come is from “{service}”: {share}.", service=name, share=share)
    )
    worth = text("Margin to come") if is_margin else text("Revenue to come")
    rows: list[tuple[Value, ...]] = [
        (
            _name(each, named=named), each.customers, each.contracts or None, _cents(each.worth),
            None if not whole.worth else Decimal(str(round(each.worth / whole.worth, 4))),
        )
        for each in services
    ]  # fmt: skip
    return Chart(
        mark=Mark.BAR,
        title=title,
        subtitle=text("What each service is expected to bring; contracts by their product"),
        data=Table(
            columns=(
                TableColumn(name="service", type=Type.TEXT, label=text("Service")),
                TableColumn(name="customers", type=Type.INT, label=text("Customers"), unit="customers"),
                TableColumn(name="contracts", type=Type.INT, label=text("Contracts"), unit="contracts"),
                TableColumn(name="worth", type=Type.MONEY, label=worth, unit=kb.currency),
                TableColumn(name="share", type=Type.SHARE, label=text("Share of what all will bring")),
            ),
            rows=tuple(rows),
            caption=text("What customers will bring, by service"),
        ),
        x="service",
        y="worth",
    )


def _numbers(kb: KnowledgeBase, held: Sequence[Held], *, is_margin: bool) -> Chart:
    best = max(held, key=lambda each: each.mean)
    named = _number(best.services)
    title = (
        text(
            "Worth most, each, are customers of {services}: {mean} of margin.",
            services=named,
            mean=_money(kb, best.mean),
        )
        if is_margin
        else text(
            "Worth most, each, are customers of {services}: {mean} of revenue.",
            services=named,
            mean=_money(kb, best.mean),
        )
    )
    worth = text("Margin to come") if is_margin else text("Revenue to come")
    return Chart(
        mark=Mark.BAR,
        title=title,
        subtitle=text("What a customer is expected to bring on average, by how many services they have"),
        data=Table(
            columns=(
                TableColumn(name="services", type=Type.TEXT, label=text("Services")),
                TableColumn(name="customers", type=Type.INT, label=text("Customers"), unit="customers"),
                TableColumn(name="worth", type=Type.MONEY, label=worth, unit=kb.currency),
                TableColumn(name="mean", type=Type.MONEY, label=text("Each, on average"), unit=kb.currency),
            ),
            rows=tuple(
                (_number(each.services), each.customers, _cents(each.worth), _cents(each.mean)) for each in held
            ),
            caption=text("What customers will bring, by how many services they have"),
            note=text(
                "Orders are one service, and each product of a contract is one. That customers of several bring more "
                "does not say that a further service made them do so."
            ),
        ),
        x="services",
        y="mean",
    )


def _name(service: Service, *, named: bool) -> Text:
    """What a service is called; ``named``: whether some contract names its product."""
    if service.product is None:
        return text("Orders")
    if not service.name:
        return text("Other contracts") if named else text("Contracts")
    return text("Contract: {name}", name=service.name)


def _number(services: int) -> Text:
    if services == 1:
        return text("one service")
    return text("two services") if services == 2 else text("three services or more")


def _money(kb: KnowledgeBase, value: float) -> Amount:
    """A figure to three digits: its interval does not carry more."""
    return Amount(round(float(f"{value:.3g}")), "money", kb.currency, digits=0)


def _cents(value: float) -> Decimal:
    return Decimal(str(round(value, 2)))
