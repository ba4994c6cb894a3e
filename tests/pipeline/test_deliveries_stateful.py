"""Files delivered, repeated, changed, removed, shuffled, cut off by crashes: always what the log of arrivals says."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlglot import exp

from clientela.capture.arrive import land
from clientela.capture.conform import conform
from clientela.capture.kept import collected
from clientela.capture.versions import base_table
from clientela.config import load
from clientela.contracts.tables import CONTRACTS
from clientela.pipeline.deliveries import deliveries, disjoint
from clientela.warehouse.asof import as_known
from clientela.warehouse.engine import Engine
from clientela.warehouse.moments import COLLECTION, POINTS, watched
from clientela.warehouse.store.landing import Landing
from tests.pipeline.arrival_oracle import START, Arrival, Content, Known, Line, Source, at, unknown

SETTINGS = """[company]
name = "Corner Shop"
currency = "EUR"
timezone = "UTC"
[run]
threads = 1
[[source]]
name = "shop"
table = "order_line"
path = "orders-*.csv"
delivery = "{delivery}"
{known}
[source.columns]
order_id = "No"
ordered_at = "Date"
net_revenue = "Total"
{numbered}
"""
PATHS = st.sampled_from(["orders-a.csv", "orders-b.csv", "orders-c.csv"])
LINES = st.lists(
    st.builds(
        Line, st.integers(1, 3), st.integers(1, 2), st.integers(0, 12), st.integers(1, 3), st.none() | st.integers(0, 9)
    ),
    max_size=4,
    unique_by=lambda line: (line.order, line.number),  # a second row of one key is another matter: quarantine
).map(tuple)
MOMENTS_OF_LANDING = st.sampled_from((*POINTS[: POINTS.index("table written")], *COLLECTION))
PICKS = st.lists(st.integers(0, 99), min_size=2, max_size=3)


@pytest.fixture(autouse=True)
def two_are_many(monkeypatch):
    """Batches are kept together as soon as there are two of them."""
    monkeypatch.setattr(collected, "FAN", 2)


class KilledError(BaseException):
    """The process ends here: nothing after it runs."""


class Deliveries(RuleBasedStateMachine):
    """A folder of exports, the landing it is taken to, and the log of what arrived."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="deliveries-"))
        self.files: dict[str, Content] = {}
        self.contents: dict[str, Content] = {}  # by the hash of their bytes
        self.runs = 0
        self.published: set[int] = set()
        self.log: list[Arrival] = []  # of an append or upsert source each file, of a full one each delivery's files
        self.delivered: list[frozenset[Content]] = []

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @initialize(
        delivery=st.sampled_from(["append", "upsert", "full"]),
        known=st.sampled_from([None, "happened", "arrival", "Stand"]),
        numbered=st.booleans(),
    )
    def begin(self, delivery: Literal["append", "upsert", "full"], known: Known, numbered: bool) -> None:
        self.delivery, self.known, self.numbered = delivery, known, numbered
        said = {"known": f'known = "{known}"' if known else "", "numbered": 'line_no = "Line"' if numbered else ""}
        (self.folder / "clientela.toml").write_text(SETTINGS.format(delivery=delivery, **said))

    @rule(path=PATHS, lines=LINES)
    def deliver(self, path: str, lines: Content) -> None:
        """New rows, corrections, and for a full source deletions."""
        if not self.numbered:  # an order has one day
            lines = tuple(Line(each.order, each.number, 2 * each.order, each.revenue, each.said) for each in lines)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["No", "Line", "Date", "Total", "Stand"])
        for each in lines:
            said = "" if each.said is None else f"{START + timedelta(days=each.said):%Y-%m-%d}"
            writer.writerow([f"o{each.order}", each.number, f"{each.happened:%Y-%m-%d}", each.revenue, said])
        self.files[path] = lines
        self.contents[sha256(text.getvalue().encode()).hexdigest()] = lines
        (self.folder / path).write_text(text.getvalue())

    @precondition(lambda self: self.files)
    @rule(path=PATHS, chance=st.randoms(use_true_random=False))
    def repeat(self, path: str, chance: Any) -> None:
        """The same file under another path."""
        origin = chance.choice(sorted(self.files))
        if origin != path:
            shutil.copy(self.folder / origin, self.folder / path)
            self.files[path] = self.files[origin]

    @precondition(lambda self: self.files)
    @rule(chance=st.randoms(use_true_random=False))
    def shuffle(self, chance: Any) -> None:
        """The same rows in another order."""
        path = chance.choice(sorted(self.files))
        lines = list(self.files[path])
        chance.shuffle(lines)
        self.deliver(path, tuple(lines))

    @precondition(lambda self: self.files)
    @rule(chance=st.randoms(use_true_random=False))
    def remove(self, chance: Any) -> None:
        """The file is taken away; what it brought stays, unless the source delivers in full."""
        path = chance.choice(sorted(self.files))
        (self.folder / path).unlink()
        del self.files[path]

    @rule(point=MOMENTS_OF_LANDING, nth=st.integers(1, 3))
    def crash(self, point: str, nth: int) -> None:
        """A run that ends in the middle, if it comes so far."""
        passed = 0

        def watch(reached: str) -> None:
            nonlocal passed
            passed += reached == point
            if reached == point and passed == nth:
                raise KilledError

        before = len(self.log)
        expected = self._run_is_expected_to_bring()
        try:
            with watched(watch):
                self._land_and_conform()
        except KilledError:
            self.log = self._journalled()
            assert self.log[before:] == expected[: len(self.log) - before], "what arrived is no beginning of the run"
        else:
            self._agreed(expected)

    @rule(path=PATHS, lines=LINES, publishes=st.booleans(), picks=PICKS)
    def deliver_and_run(self, path: str, lines: Content, publishes: bool, picks: list[int]) -> None:
        """What happens most days."""
        self.deliver(path, lines)
        self.run(publishes, picks)

    @rule(publishes=st.booleans(), picks=PICKS)
    def run(self, publishes: bool, picks: list[int]) -> None:
        """A run that comes to its end; its build may still fail, then nothing is published."""
        expected = self._run_is_expected_to_bring()
        table = self._land_and_conform()
        self._agreed(expected)
        source, turns = self._source(), self._turns()
        past = set() if unknown(source) else {turns[pick % len(turns)] for pick in picks}
        for moment, visible in self._visible(table, [datetime(2100, 1, 1), *sorted(past)]):
            assert visible == at(source, self.log, moment), f"{source} at {moment}"
        if publishes:
            self.published.add(self.runs)

    def _turns(self) -> list[datetime]:
        """The moments at which what is known may change, and a breath after."""
        days = {START} | {each.at for each in self.log}
        for line in (line for each in self.log for line in each.content):
            days |= {line.happened, START + timedelta(days=line.said or 0)}
        return sorted(day + timedelta(microseconds=more) for day in days for more in (0, 1))

    def _land_and_conform(self) -> Any:
        self.runs += 1
        now, said, landing = self._now(), load(self.folder, {}), Landing(self.folder)
        land(said, self.folder, landing, run=self.runs, now=now.replace(tzinfo=UTC))
        with Engine.in_memory(threads=1) as engine:
            found = conform(said, self.folder, landing, engine, b"k" * 32)
            contract = CONTRACTS["order_line"]
            sources = [disjoint(engine, contract, each) for each in deliveries(contract, found, self.published)]
            return engine.fetch(base_table(contract, sources))

    def _visible(self, table: Any, moments: list[datetime]) -> Iterator[tuple[datetime, list[tuple[int, int, int]]]]:
        """What a query sees of the table at each moment."""
        listed = ("order_id", "happened_on", "net_revenue", "line_no", "known_from")
        query, day = as_known(exp.select(*listed).from_("order_line"), CONTRACTS), START.date()
        with Engine.in_memory(threads=1) as engine:
            engine.register("order_line", table)
            for moment in moments:
                rows = engine.fetch(query, {"known_at": moment, "as_of": datetime(2100, 1, 1)}).to_pylist()
                keys = [(row["order_id"], row["line_no"]) for row in rows]
                assert len(keys) == len(set(keys)), f"one line in two versions at {moment}"
                yield (
                    moment,
                    sorted(
                        (int(r["order_id"][1:]), (r["happened_on"] - day).days, int(r["net_revenue"])) for r in rows
                    ),
                )

    def _now(self) -> datetime:
        return START + timedelta(days=3 * self.runs, hours=6)

    def _source(self) -> Source:
        """The source's first delivery goes on until a run has published it."""
        begun = min((each.run for each in self.log), default=0)
        first = min((run for run in self.published if run >= begun), default=self.runs)
        return Source(self.delivery, self.known, self.numbered, first)

    def _run_is_expected_to_bring(self) -> list[Arrival]:
        """What a run that begins now has to add to the log, in order."""
        run, now = self.runs + 1, START + timedelta(days=3 * (self.runs + 1), hours=6)
        files = sorted(self.files.items())
        if self.delivery == "full":
            held = frozenset(content for _, content in files)
            if not files or (self.delivered and held == self.delivered[-1]):
                return []
            first_of: dict[Content, str] = {}
            for path, content in files:
                first_of.setdefault(content, path)
            return [Arrival(path, content, run, now) for content, path in first_of.items()]
        log = list(self.log)
        for path, content in files:
            last = [each for each in log if each.path == path][-1:]
            elsewhere = [each for each in log if each.content == content]
            if (last and last[0].content == content) or (elsewhere and path not in [each.path for each in elsewhere]):
                continue
            log.append(Arrival(path, content, run, now))
        return log[len(self.log) :]

    def _agreed(self, expected: list[Arrival]) -> None:
        before, self.log = self.log, self._journalled()
        assert self.log == [*before, *expected]

    def _journalled(self) -> list[Arrival]:
        """The log as it lies in the landing, read without the product."""
        landing = self.folder / "landing"
        if self.delivery != "full":
            return [
                Arrival(each["path"], self._content(each["hash"]), each["run"], _moment(each["arrived_at"]))
                for each in _lines(landing / "arrivals.jsonl")
            ]
        wholes = _lines(landing / "deliveries.jsonl")
        self.delivered = [frozenset(self._content(file["hash"]) for file in each["files"]) for each in wholes]
        return [
            Arrival(file["path"], self._content(file["hash"]), each["run"], _moment(each["arrived_at"]))
            for each in wholes
            for file in each["files"]
        ]

    def _content(self, hash: str) -> Content:
        return self.contents[hash.partition(".")[0]]


def _lines(path: Path) -> list[dict[str, Any]]:
    """The records of a journal, each after its sum."""
    return [json.loads(line)[1] for line in path.read_text().splitlines()] if path.exists() else []


def _moment(said: str) -> datetime:
    return datetime.fromisoformat(said).astimezone(UTC).replace(tzinfo=None)


FIRST, CHANGED, EARLIER = Line(1, 1, 2, 1, 3), Line(1, 1, 2, 2, 5), Line(1, 1, 2, 2, 1)
OTHER = Line(2, 1, 4, 1, 0)


@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("publishes", [True, False])
@pytest.mark.parametrize(
    ("delivery", "known", "files"),
    [
        ("upsert", "Stand", {"what was said first arrives last": [("a", FIRST), ("b", EARLIER)]}),
        ("full", "Stand", {"a line changes": [("a", FIRST), ("a", CHANGED)]}),
        ("full", "Stand", {"a line changes back": [("a", FIRST), ("a", CHANGED), ("a", EARLIER)]}),
        ("full", "Stand", {"a line is gone and back": [("a", FIRST, OTHER), ("a", OTHER), ("a", FIRST, OTHER)]}),
        ("full", None, {"two files name one line, the first changes": [("a", FIRST), ("b", CHANGED), ("a", EARLIER)]}),
        ("full", None, {"a first delivery in two attempts": [("a", FIRST), ("a", CHANGED)]}),
        ("upsert", None, {"a first delivery in two attempts": [("a", FIRST), ("b", CHANGED)]}),
    ],
)
def test_what_once_went_wrong(
    delivery: Any, known: Any, files: dict[str, list[Any]], publishes: bool, numbered: bool
) -> None:
    machine = Deliveries()
    try:
        machine.begin(delivery, known, numbered)
        for path, *lines in next(iter(files.values())):
            machine.deliver(f"orders-{path}.csv", tuple(lines))
            machine.run(publishes, list(range(40)))
    finally:
        machine.teardown()


@pytest.mark.parametrize("runs", [10, pytest.param(2_000, marks=pytest.mark.slow)])
def test_whatever_is_delivered_the_tables_say_what_the_log_of_arrivals_says(runs: int) -> None:
    run_state_machine_as_test(
        Deliveries, settings=settings(max_examples=runs, stateful_step_count=12, deadline=None, print_blob=True)
    )
