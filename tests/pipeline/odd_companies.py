"""Companies that are small, or odd, or both: what each delivers, a few lines a file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

import numpy as np

from tests.pipeline.company import Shop, buying, shop

LAST = date(2024, 6, 30)
HEADER = (
    "order_id", "line_no", "customer_ref", "ordered_at", "kind", "product_id", "quantity", "net_revenue",
    "cost_of_goods",
)  # fmt: skip
AT, MONEY = 3, 7
Line = list[object]
Lines = list[Line]
File = tuple[Sequence[str], Sequence[Sequence[object]]]
ASIDE = MappingProxyType(  # what may be delivered beside orders, and what is the same in each row of it
    {
        "product": "",
        "customer_record": '[source.constants]\nkind = "person"\n',
        "invoice": "",
        "subscription": "",
        "survey_answer": '[source.constants]\ninstrument = "nps"\nabout = "company"\n',
        "contact_list": "",
        "opportunity": "",
        "cost_pool": "",
        "campaign": "",
        "service_case": "",
    }
)
OF_PEOPLE = ("customer_record", "invoice", "subscription", "survey_answer", "opportunity", "service_case")


def line(number: object, customer: object, day: date, money: float, **more: object) -> Line:
    """An order line of a product at half its price in costs."""
    plain = {"line_no": 1, "kind": "sale", "product_id": "p1", "quantity": 1, "cost_of_goods": round(money / 2, 4)}
    at = f"{day} 11:30:00"
    told = {**plain, "order_id": f"o{number}", "customer_ref": customer, "ordered_at": at, "net_revenue": money, **more}
    return [told[name] for name in HEADER]


def rhythm(customers: int, *, every: int = 20, days: int = 540, money: Callable[[int], float] | None = None) -> Lines:
    """Customers who come about every so many days, and none who leaves."""
    rng = np.random.default_rng(1)
    found: Lines = []
    for who in range(customers):
        day = int(rng.integers(0, every))
        while day < days:
            spent = round(float(rng.gamma(3.0, 12.0)) + 1, 2) if money is None else money(len(found))
            found.append(line(len(found), f"c{who}", ago(days - 1 - day), spent, product_id=f"p{len(found) % 7}"))
            day += max(1, int(rng.poisson(every)))
    return found


def leaving(customers: int, *, days: int = 540, seed: int = 1) -> Lines:
    """Customers who come and leave by chance."""
    return [[*row[:4], "sale", *row[4:]] for row in buying(customers, days=days, seed=seed)]


def ago(days: int) -> date:
    """So many days before the last one."""
    return LAST - timedelta(days=days)


def changed(lines: Lines, **columns: Callable[[int, Line], object]) -> Lines:
    """The same lines with some columns worked out anew, from the number of the line and the line."""
    found = []
    for at, row in enumerate(lines):
        new = [*row]
        for name, value in columns.items():
            new[HEADER.index(name)] = value(at, row)
        found.append(new)
    return found


def money_of(row: Line) -> float:
    return float(str(row[MONEY]))


def once(customers: int, within: int = 500) -> Lines:
    """Customers who bought once."""
    return [line(who, f"c{who}", ago(who * 37 % within), 20 + who % 5) for who in range(customers)]


def given_back() -> Lines:
    sold = [line(at, f"c{at % 30}", ago(at * 3 % 500 + 5), 20 + at % 7) for at in range(150)]
    back = [
        line(f"r{at}", f"c{at % 30}", ago(at * 3 % 500), -20 - at % 7, kind="return", quantity=-1) for at in range(150)
    ]
    return sold + back


def gained(lines: Lines, more: Lines) -> Lines:
    return [*lines, *more]


ORDERS: Mapping[str, Callable[[], Lines]] = MappingProxyType(
    {
        "nothing is sold": list,
        "one customer, one order": lambda: [line(1, "a", LAST, 10)],
        "two customers": lambda: [line(1, "a", LAST, 10), line(2, "b", ago(3), 12)],
        "two customers, often": lambda: rhythm(2, every=5),
        "29 customers": lambda: rhythm(29, every=9),
        "30 customers": lambda: leaving(30),
        "31 customers": lambda: leaving(31, seed=5),
        "60 customers": lambda: leaving(60, seed=3),
        "60 customers for three years": lambda: leaving(60, days=1_100, seed=8),
        "300 customers": lambda: leaving(300, seed=9),
        "all bought once": lambda: once(60),
        "all bought once on one day": lambda: [line(who, f"c{who}", ago(200), 20) for who in range(60)],
        "one day of sales": lambda: [line(at, f"c{at % 20}", LAST, 20 + at) for at in range(40)],
        "three days of sales": lambda: [line(at, f"c{at % 30}", ago(at % 3), 20) for at in range(300)],
        "two months of sales": lambda: leaving(40, days=60),
        "one buys nearly all": lambda: gained(rhythm(1, every=2), once(40)),
        "one brings all the money": lambda: gained(
            leaving(40, seed=6), [line(f"w{at}", "whale", ago(40 * at), 1_000_000) for at in range(1, 10)]
        ),
        "all amounts are equal": lambda: rhythm(60, money=lambda _: 25),
        "everybody comes each week": lambda: [
            line(f"{who}-{week}", f"c{who}", ago(7 * week + who % 7), 20 + who)
            for who in range(50)
            for week in range(60)
        ],
        "all once a year": lambda: [
            line(f"{who}-{year}", f"c{who}", date(2018 + year, 12, 1 + who % 20), 50 + who)
            for who in range(50)
            for year in range(6)
        ],
        "returns alone": lambda: changed(
            rhythm(30), kind=lambda *_: "return", net_revenue=lambda _, row: -money_of(row)
        ),
        "all is given back": given_back,
        "no sale above nothing": lambda: changed(rhythm(40), net_revenue=lambda _, row: -abs(money_of(row))),
        "more taken than brought": lambda: changed(
            rhythm(40), net_revenue=lambda at, row: money_of(row) * (-1 if at % 3 else 1)
        ),
        "free of charge": lambda: changed(rhythm(40), net_revenue=lambda *_: 0),
        "all below cost": lambda: changed(rhythm(60), cost_of_goods=lambda _, row: 1.4 * money_of(row)),
        "no cost is known": lambda: changed(leaving(60), cost_of_goods=lambda *_: ""),
        "cancelled": lambda: changed(leaving(30), kind=lambda *_: "cancellation"),
        "shipping alone": lambda: changed(leaving(30), kind=lambda *_: "shipping"),
        "no product": lambda: changed(leaving(60), product_id=lambda *_: ""),
        "one product": lambda: changed(leaving(60), product_id=lambda *_: "only"),
        "each sells once": lambda: changed(leaving(60), product_id=lambda at, _: f"u{at}"),
        "no quantity": lambda: changed(leaving(40), quantity=lambda *_: ""),
        "sold in the future too": lambda: gained(
            leaving(40), [line(f"f{at}", f"c{at}", ago(-400 - at), 30) for at in range(20)]
        ),
        "sold in the future alone": lambda: [line(at, f"c{at % 10}", ago(-40 - at), 30) for at in range(40)],
        "thirty years ago": lambda: changed(leaving(40), ordered_at=lambda _, row: str(row[AT]).replace("202", "199")),
        "and once in 1999": lambda: gained(
            leaving(40), [line(f"x{at}", f"c{at}", date(1999, 1, 1 + at % 28), 30) for at in range(40)]
        ),
        "nobody is known": lambda: changed(leaving(40), customer_ref=lambda *_: ""),
        "half are not known": lambda: changed(leaving(60), customer_ref=lambda at, row: row[2] if at % 2 else ""),
        "billions": lambda: rhythm(40, money=lambda at: 10_000_000_000 + at),
        "hundredths of a cent": lambda: rhythm(40, money=lambda _: 0.0001),
        "from cents to billions": lambda: rhythm(60, money=lambda at: round(10 ** (at * 7 % 13 - 4), 4)),
        "nobody since winter": lambda: [row for row in leaving(60) if str(row[AT]) < "2024-01-01"],
        "all came this week": lambda: [
            line(f"{who}-{day}", f"c{who}", ago(day), 20 + who) for who in range(60) for day in range(3)
        ],
        "half came today": lambda: gained(leaving(40), [line(f"n{who}", f"n{who}", LAST, 30) for who in range(40)]),
        "names that are markup": lambda: changed(
            rhythm(40),
            customer_ref=lambda _, row: f"<i>{row[2]}&%(n)s",
            product_id=lambda at, _: ("<b>x</b>", "%s", "日本", "a" * 300, "'; drop", "{{ 1 }}")[at % 6],
        ),
    }
)


def seldom(at: int) -> object:
    """The day on which a contract ended; of one in three it runs."""
    return ago(at * 7 % 300) if at % 3 else ""


def invoices(customers: int, paid: Callable[[int], object], amount: Callable[[int], object]) -> File:
    header = ("invoice_id", "customer_ref", "amount", "issued_on", "due_on", "paid_on")
    rows = [
        (f"i{at}", f"c{at % customers}", amount(at), ago(at * 5 % 700), ago(at * 5 % 700 - 30), paid(at))
        for at in range(6 * customers)
    ]
    return header, rows


def contracts(customers: int, ends: Callable[[int], object], **columns: Callable[[int], object]) -> File:
    plain: dict[str, Callable[[int], object]] = {
        "started_on": lambda at: ago(100 + at * 11 % 900), "ended_on": ends, "period": lambda _: "month",
        "amount": lambda _: 15, "end_reason": lambda _: "", "product_id": lambda _: "care",
    }  # fmt: skip
    told = plain | columns
    rows = [(f"s{at}", f"c{at % customers}", *(each(at) for each in told.values())) for at in range(3 * customers)]
    return ("subscription_id", "customer_ref", *told), rows


def answers(customers: int, score: Callable[[int], int]) -> File:
    rows = [(f"a{at}", f"c{at % customers}", f"{ago(100 + at)} 18:00:00", score(at)) for at in range(2 * customers)]
    return ("answer_id", "customer_ref", "answered_at", "score"), rows


def prospects(customers: int) -> dict[str, File]:
    """Half of those known never bought: on a fair's list, on a competitor's, or with an opportunity."""
    who = [f"c{at}" for at in range(2 * customers)]
    return {
        "customer_record": (
            ("record_id", "full_name", "list_id", "created_at"),
            [(each, f"Name {each}", ("fair", "theirs", "")[at % 3], f"{ago(at * 9 % 600)} 08:00:00")
             for at, each in enumerate(who)],
        ),
        "contact_list": (
            ("list_id", "kind", "cost", "delivered_on"),
            [("fair", "fair", 0, ago(30)), ("theirs", "competitor", "", "")],
        ),
        "opportunity": (
            ("opportunity_id", "customer_ref", "opened_at", "amount", "status", "closed_at", "lost_reason"),
            [(f"t{at}", each, f"{ago(90)} 08:00:00", 100 - at, ("lost", "open")[at % 2],
              (f"{ago(20)} 08:00:00", "")[at % 2], ("A competitor", "")[at % 2]) for at, each in enumerate(who)],
        ),
    }  # fmt: skip


UNIT_COSTS = "what a piece costs alone"
BESIDE: Mapping[str, Callable[[], dict[str, File]]] = MappingProxyType(
    {
        "all pay late": lambda: {"invoice": invoices(40, lambda at: ago(at % 60), lambda at: 10 + at)},
        "nobody pays": lambda: {"invoice": invoices(40, lambda _: "", lambda at: 10 + at)},
        "credits alone": lambda: {"invoice": invoices(40, lambda _: "", lambda at: -10 - at)},
        "invoices without amount": lambda: {"invoice": invoices(40, lambda at: ago(at % 90), lambda _: "")},
        "contracts that never end": lambda: {"subscription": contracts(40, lambda _: "")},
        "contracts that all ended": lambda: {"subscription": contracts(40, lambda at: ago(at % 90))},
        "contracts that end by chance": lambda: {"subscription": contracts(60, seldom)},
        "contracts free of charge": lambda: {"subscription": contracts(60, seldom, amount=lambda _: 0)},
        "contracts by the year of unknown amount": lambda: {
            "subscription": contracts(60, seldom, period=lambda _: "year", amount=lambda _: "")
        },
        "contracts that begin tomorrow": lambda: {
            "subscription": contracts(40, lambda _: "", started_on=lambda _: ago(-1))
        },
        "contracts nobody paid for": lambda: {
            "subscription": contracts(60, lambda at: ago(at % 400), end_reason=lambda _: "Card expired")
        },
        "all are content": lambda: {"survey_answer": answers(60, lambda _: 10)},
        "all are discontent": lambda: {"survey_answer": answers(60, lambda _: 0)},
        "half are content": lambda: {"survey_answer": answers(60, lambda at: 10 * (at % 2))},
        "answers of strangers": lambda: {
            "survey_answer": (
                ("answer_id", "customer_ref", "answered_at", "score"),
                [("a", "nobody", f"{ago(200)} 18:00:00", 5)],
            )
        },
        "people who never bought": lambda: prospects(40),
        "pools of nothing": lambda: {
            "cost_pool": (
                ("pool", "period", "amount", "driver"),
                [("care", "2024-01-01", 0, "minutes"), ("ads", "2024-02-01", -5, "orders"),
                 ("rent", "2024-03-01", 99, "visits")],
            )
        },
        "campaigns without anybody": lambda: {
            "campaign": (
                ("campaign_id", "name", "starts_on", "ends_on", "budget"),
                [("x", "Spring", ago(90), ago(100), 500), ("y", "", "", "", 0)],
            )
        },
        "cases of nothing": lambda: {
            "service_case": (
                ("case_id", "customer_ref", "kind", "opened_at", "handling_minutes", "cost"),
                [(f"k{at}", f"c{at}", "complaint", f"{ago(at * 4)} 10:00:00", 0, 0) for at in range(60)],
            )
        },
        "products without a group": lambda: {
            "product": (("product_id", "name", "category", "unit_cost"), [(f"p{at}", "", "", 0) for at in range(7)])
        },
        UNIT_COSTS: lambda: {
            "product": (
                ("product_id", "name", "unit_cost"),
                [(f"p{at}", f"Thing {at}", ("", 0, -4, 7.5, 900_000_000, 12.3456, 30)[at]) for at in range(7)],
            )
        },
    }
)  # fmt: skip
WITHOUT_COST = {UNIT_COSTS}  # whose order lines say no cost of goods
NAMES = (*ORDERS, *BESIDE)


def odd(name: str, folder: Path) -> Shop:
    """A workspace with the files of the company of that name, not run yet."""
    files = BESIDE[name]() if name in BESIDE else {}
    made = shop(folder, settings="".join(_source(table) for table in files))
    lines = ORDERS[name]() if name in ORDERS else leaving(60, seed=3)
    made.deliver("orders-1.csv", changed(lines, cost_of_goods=lambda *_: "") if name in WITHOUT_COST else lines, HEADER)
    for table, (header, rows) in files.items():
        with (made.exports / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)
    return made


def _source(table: str) -> str:
    keys = 'keys_of = "shop"\n' if table in OF_PEOPLE else ""
    return (
        f'\n[[source]]\nname = "erp"\ntable = "{table}"\npath = "exports/{table}.csv"\ndelivery = "upsert"\n'
        f"{keys}{ASIDE[table]}"
    )
