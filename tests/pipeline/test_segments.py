"""Segments in a run: who is in one since when, against an oracle that looks at every date by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from clientela.errors import ConfigurationError, UnknownNameError, UsageError
from tests.pipeline.company import FEWER, Shop, shop
from tests.pipeline.segment_oracle import ZONE, Line, Seen, stays

HEADER = ("order_id", "line_no", "customer_ref", "ordered_at", "kind", "channel", "quantity", "net_revenue")
RUNS = (datetime(2024, 4, 1, 8, tzinfo=UTC), datetime(2024, 5, 15, 8, tzinfo=UTC), datetime(2024, 7, 1, 8, tzinfo=UTC))
FIRST = date(2023, 6, 1)
CUSTOMERS = 150


def near(seen: Seen, days: int) -> bool | None:
    bought = seen.bought()
    return (seen.day - bought[-1]).days <= days if bought else None


def web(seen: Seen) -> bool:
    return any(each.channel == "web" and each.kind == "sale" for each in seen.lines)


def both(*parts: bool | None) -> bool | None:
    return False if False in parts else None if None in parts else True


def basket(seen: Seen) -> bool | None:
    lines = seen.within(months=12)
    orders = seen.orders(lines)
    return None if not orders else seen.revenue(lines) / orders >= 80


SEGMENTS: dict[str, tuple[str, Callable[[Seen], bool | None]]] = {
    "loyal_web": (
        "orders >= 3 and channel = 'web' and last_order within 90 days",
        lambda s: both(s.orders() >= 3, web(s), near(s, 90)),
    ),
    "quarterly": ("revenue over 3 months > 200", lambda s: s.revenue(s.within(months=3)) > 200),
    "frequent": ("orders over 60 days >= 2", lambda s: s.orders(s.within(days=60)) >= 2),
    "asleep": (
        "last_order not within 45 days",
        lambda s: None if near(s, 45) is None else not near(s, 45),
    ),
    "app_spender": (
        "revenue(channel = 'app') over 6 months > 100 or repeat_purchases >= 4",
        lambda s: (
            s.revenue([x for x in s.within(months=6) if x.channel == "app"]) > 100
            or (len(s.bought()) > 4 if s.bought() else False)
        ),
    ),
    "new": ("first_order within 30 days", lambda s: (s.day - s.bought()[0]).days <= 30 if s.bought() else None),
    "basket": ("basket over 1 year >= 80", basket),
    "returner": ("returns > 0 and not orders = 1", lambda s: returned(s) > 0 and s.orders() != 1),
    "no_orders": ("orders = 0", lambda s: s.orders() == 0),
    "since_spring": ("last_order >= '2024-03'", lambda s: s.bought()[-1] >= date(2024, 3, 1) if s.bought() else None),
}


def returned(seen: Seen) -> Decimal:
    return -sum((each.revenue for each in seen.lines if each.kind == "return"), Decimal(0))


TOML = "".join(f'\n[segment.{name}]\nwhere = "{where}"\n' for name, (where, _) in SEGMENTS.items())


def history(rng: Random) -> list[list[list[object]]]:
    """What is delivered before each run: new lines, some late, and some that correct earlier ones."""
    deliveries: list[list[list[object]]] = []
    so_far: list[list[object]] = []
    begun = datetime.combine(FIRST, datetime.min.time())
    for place, now in enumerate(RUNS):
        ended = now.replace(tzinfo=None) - timedelta(hours=9)
        told: list[list[object]] = []
        for customer in range(CUSTOMERS):
            for _ in range(rng.choice((0, 0, 1, 1, 2, 3, 5))):
                late = place and rng.random() < 0.3
                start = datetime.combine(FIRST, datetime.min.time()) if late or not place else begun
                at = start + (ended - start) * rng.random()
                kind = rng.choices(("sale", "return", "shipping", "cancellation"), (8, 1, 1, 1))[0]
                number = f"o{place}-{len(told)}"
                for line in range(1, rng.choice((1, 1, 2)) + 1):
                    money = rng.randint(5, 150) * (1 if kind in ("sale", "shipping") else -1)
                    channel = rng.choice(("web", "app", "store", ""))
                    told.append([number, line, f"c{customer}", f"{at:%Y-%m-%d %H:%M:%S}", kind, channel, 1, money])
        for line_before in rng.sample(so_far, len(so_far) // 12):
            changed = [*line_before]
            changed[7] = int(changed[7]) + rng.choice((-60, 40, 90))  # type: ignore[call-overload]
            changed[5] = rng.choice(("web", "app"))
            told.append(changed)
        deliveries.append(told)
        so_far = list({(*row[:2],): row for row in (*so_far, *told)}.values())  # the newest of each
        begun = ended
    return deliveries


def versions(deliveries: list[list[list[object]]]) -> dict[str, list[Line]]:
    """Every version of every line, as the contract says they are kept."""
    current: dict[tuple[object, object], Line] = {}
    found: list[Line] = []
    for place, (told, now) in enumerate(zip(deliveries, RUNS, strict=True)):
        for order, line, customer, at, kind, channel, _, money in told:
            moment = datetime.fromisoformat(str(at)).replace(tzinfo=ZONE)
            known = moment if place == 0 else now
            before = current.get((order, line))
            if before is not None:
                found.remove(before)
                found.append(Line(**{**before.__dict__, "known_until": known}))
            new = Line(
                str(order),
                str(customer),
                moment,
                str(kind),
                str(channel) or None,
                Decimal(str(money)),
                known,
                None,
            )
            current[order, line] = new
            found.append(new)
    told_of: dict[str, list[Line]] = defaultdict(list)
    for each in found:
        told_of[each.customer].append(each)
    return told_of


def delivered(folder: Path, deliveries: list[list[list[object]]]) -> Shop:
    company = shop(folder, settings=TOML + FEWER)
    for place, (told, now) in enumerate(zip(deliveries, RUNS, strict=True)):
        company.deliver(f"orders-{place}.csv", told, HEADER)
        company.workspace.run(now=now)
    return company


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, dict[str, list[Line]]]:
    deliveries = history(Random(20240701))  # noqa: S311
    return delivered(tmp_path_factory.mktemp("segments"), deliveries), versions(deliveries)


def numbers(company: Shop) -> dict[str, str]:
    rows = company.workspace.sql(
        "select record_id, customer_id from people.identity as p join identity using (customer_ref)"
    )
    return {str(key): str(number) for key, number in rows.rows}


@pytest.mark.parametrize("name", SEGMENTS)
def test_every_time_in_a_segment_is_what_a_look_at_each_date_finds(
    company: tuple[Shop, dict[str, list[Line]]], name: str
) -> None:
    made, told = company
    as_of = date(2024, 7, 1)
    found = defaultdict(list)
    rows = made.workspace.sql(
        "select customer_id, valid_from, valid_to, segment from segment_member order by 1, 2"
    ).rows
    for customer, since, until, segment in rows:
        if segment == name:
            found[str(customer)].append((since, until))
    number = numbers(made)
    flips = 0
    for key, lines in told.items():
        expected = [
            (str(since), None if until is None else str(until))
            for since, until in stays(
                lines, SEGMENTS[name][1], first=FIRST, as_of=as_of, now=RUNS[-1] + timedelta(microseconds=1)
            )
        ]
        assert found.get(number[key], []) == expected, (name, key)
        flips += len(expected)
    assert flips > 30  # the histories are not all about nothing


LOYAL = (
    '\n[segment.loyal]\nwhere = "orders >= 3 and last_order within 90 days"\ntitle = { en = "Loyal", es = "Fieles" }\n'
)
BIG = '\n[segment.big]\nwhere = "revenue over 30 days > 100"\n'


def small(folder: Path, lines: list[list[object]], settings: str) -> Shop:
    made = shop(folder, settings=settings)
    made.deliver("orders-1.csv", lines, HEADER)
    made.workspace.run(now=RUNS[-1])
    return made


def line(order: str, customer: str, day: str, money: int, number: int = 1, kind: str = "sale") -> list[object]:
    return [order, number, customer, f"{day} 12:00:00", kind, "web", 1, money]


def turned(made: Shop, segment: str) -> list[tuple[object, ...]]:
    """Each time in a segment: from, the fact and the figures that turned it, until, and the same."""
    columns = "valid_from, entered_because, entered_by, entered_was, entered_is, entered_key, entered_on, valid_to, "
    columns += "left_because, left_by, left_was, left_is, left_key, left_on, segment"
    rows = made.workspace.sql(
        f"select {columns} from segment_member order by customer_id, valid_from, version"  # noqa: S608 -- said here
    ).rows
    return [tuple(row[:-1]) for row in rows if row[-1] == segment]


def test_the_third_order_brings_in_and_ninety_days_without_one_let_go(tmp_path: Path) -> None:
    days = ("2024-01-10", "2024-01-20", "2024-02-01")
    lines = [line(f"a{at}", "ana", day, 20) for at, day in enumerate(days)]
    made = small(tmp_path, [*lines, line("b", "ben", "2024-06-30", 5)], LOYAL)
    assert turned(made, "loyal") == [
        (
            *("2024-02-02", "happened", "orders >= 3", "2", "3", "shop / a2 / 1", "2024-02-01"),
            *("2024-05-02", "time", "last_order within 90 days", "90", "91", "shop / a2 / 1", "2024-02-01"),
        )
    ]


def test_of_several_lines_of_one_day_the_one_that_passes_the_bound_is_named(tmp_path: Path) -> None:
    lines = [line("a1", "ana", "2024-03-01", 60), line("a2", "ana", "2024-03-05", 30, 1)]
    lines += [line("a2", "ana", "2024-03-05", 30, 2), line("a2", "ana", "2024-03-05", 30, 3)]
    made = small(tmp_path, [*lines, line("b", "ben", "2024-06-30", 5)], BIG)
    assert turned(made, "big") == [
        (
            *("2024-03-06", "happened", "revenue over 30 days > 100", "90.00", "120.00", "shop / a2 / 2", "2024-03-05"),
            *("2024-04-01", "time", "revenue over 30 days > 100", "150.00", "90.00", "shop / a1 / 1", "2024-03-01"),
        )
    ]


def test_a_return_lets_go_on_the_day_after_it(tmp_path: Path) -> None:
    lines = [line("a1", "ana", "2024-06-10", 120), line("r1", "ana", "2024-06-20", -50, kind="return")]
    made = small(tmp_path, [*lines, line("b", "ben", "2024-06-30", 5)], BIG)
    assert turned(made, "big") == [
        (
            *("2024-06-11", "happened", "revenue over 30 days > 100", "0.00", "120.00", "shop / a1 / 1", "2024-06-10"),
            *("2024-06-21", "happened", "revenue over 30 days > 100", "120.00", "70.00", "shop / r1 / 1", "2024-06-20"),
        )
    ]


def test_a_corrected_line_is_one_change_from_what_it_was_to_what_it_is(tmp_path: Path) -> None:
    made = small(tmp_path, [line("a1", "ana", "2024-06-10", 120), line("b", "ben", "2024-06-30", 5)], BIG)
    made.deliver("orders-2.csv", [line("a1", "ana", "2024-06-10", 80), line("b2", "ben", "2024-07-04", 5)], HEADER)
    made.workspace.run(now=datetime(2024, 7, 3, 8, tzinfo=UTC), as_of=date(2024, 7, 3))
    left = turned(made, "big")[0][7:]
    assert left == (
        *("2024-07-03", "changed", "revenue over 30 days > 100", "120.00", "80.00", "shop / a1 / 1", "2024-06-10"),
    )


def test_a_changed_definition_is_a_new_version_from_that_run_on_and_a_rebuild_says_the_same(tmp_path: Path) -> None:
    made = small(tmp_path, [line("a1", "ana", "2024-06-10", 120), line("b", "ben", "2024-06-30", 5)], BIG)
    toml = made.workspace.folder / "clientela.toml"
    toml.write_text(toml.read_text().replace("> 100", "> 110"))
    made.deliver("orders-2.csv", [line("b2", "ben", "2024-07-04", 5)], HEADER)
    made.workspace.run(now=datetime(2024, 7, 5, 8, tzinfo=UTC))
    told = turned(made, "big")
    assert [(each[0], each[1], each[7], each[8]) for each in told] == [
        ("2024-06-11", "happened", "2024-07-05", "definition"),
        ("2024-07-05", "definition", None, None),
    ]
    shown = made.workspace.segments.show("big")
    assert [(each.version, each.valid_from, each.valid_to) for each in shown.versions] == [
        (1, None, date(2024, 7, 5)),
        (2, date(2024, 7, 5), None),
    ]
    before = made.workspace.fingerprints()["segment_member"]
    made.workspace.run(now=datetime(2024, 7, 5, 9, tzinfo=UTC))
    assert made.workspace.fingerprints()["segment_member"] == before


def test_a_segment_no_longer_declared_ends_and_its_history_stays(tmp_path: Path) -> None:
    made = small(tmp_path, [line("a1", "ana", "2024-06-10", 120), line("b", "ben", "2024-06-30", 5)], BIG)
    toml = made.workspace.folder / "clientela.toml"
    toml.write_text(toml.read_text().replace(BIG, ""))
    made.deliver("orders-2.csv", [line("b2", "ben", "2024-07-04", 5)], HEADER)
    made.workspace.run(now=datetime(2024, 7, 5, 8, tzinfo=UTC))
    assert [(each[0], each[7], each[8]) for each in turned(made, "big")] == [("2024-06-11", "2024-07-05", "definition")]
    assert made.workspace.segments.list().segments == ()
    assert [each.size for each in made.workspace.segments.list(as_of=date(2024, 6, 20)).segments] == [1]


def test_a_condition_that_cannot_be_read_stops_the_run_before_it_begins(tmp_path: Path) -> None:
    made = shop(tmp_path, settings='\n[segment.odd]\nwhere = "chanel = 1"\n')
    with pytest.raises(ConfigurationError, match=r"\[segment.odd\]: unknown field 'chanel'"):
        made.workspace.run(now=RUNS[-1])


def test_figures_by_segment_count_who_is_in_two_once_in_the_total(tmp_path: Path) -> None:
    lines = [line(f"a{at}", "ana", day, 60) for at, day in enumerate(("2024-06-01", "2024-06-10", "2024-06-20"))]
    made = small(
        tmp_path, [*lines, line("b", "ben", "2024-06-30", 5), line("c", "cid", "2024-06-30", 300)], LOYAL + BIG
    )
    told = made.workspace.query("revenue", "customers", by=["segment"]).table
    assert [(row[0], row[1], row[2]) for row in told.rows] == [
        ("big", 480, 2),
        ("loyal", 180, 1),
        (None, 5, 1),
    ]
    assert told.total is not None
    assert (told.total[1], told.total[2]) == (485, 3)
    both_ = made.workspace.query("revenue", where="segment = 'big' and segment = 'loyal'").table.rows
    assert both_[0][0] == 180
    neither = made.workspace.query("revenue", where="segment is null").table.rows
    assert neither[0][0] == 5
    either = made.workspace.query("revenue", where="segment in ('big', 'loyal')").table.rows
    assert either[0][0] == 480
    page = made.workspace.rows.page("order_line", ["order_id"], "segment = 'loyal'")
    assert [row[0] for row in page.rows.rows] == ["a0", "a1", "a2"]


def test_a_condition_tried_out_fits_whom_the_run_finds(company: tuple[Shop, dict[str, list[Line]]]) -> None:
    made, _ = company
    for day in (None, date(2024, 6, 1)):
        listed = {each.name: each.size for each in made.workspace.segments.list(as_of=day).segments}
        for name, (where, _holds) in SEGMENTS.items():
            assert made.workspace.segments.count(where, as_of=day).fitting == listed[name], (name, day)


def test_members_come_page_by_page_and_why_tells_each_condition(company: tuple[Shop, dict[str, list[Line]]]) -> None:
    made, _ = company
    segments, found, cursor = made.workspace.segments, list[object](), None
    while True:
        page = segments.members("frequent", limit=7, cursor=cursor)
        found += [row[0] for row in page.rows.rows]
        cursor = page.cursor
        if cursor is None:
            break
    size = next(each.size for each in segments.list().segments if each.name == "frequent")
    assert len(found) == len({*found}) == size
    told = segments.why("frequent", str(found[0]))
    assert told.is_in
    assert [(each.condition, each.holds) for each in told.conditions] == [("orders over 60 days >= 2", True)]
    with pytest.raises(UsageError, match="is no customer's number"):
        segments.why("frequent", "ana")
    with pytest.raises(UnknownNameError, match="unknown segment 'frequnt'"):
        segments.members("frequnt")
