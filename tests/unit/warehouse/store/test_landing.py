"""Landing keeps what arrived, once, in the order it arrived."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from clientela.errors import WarehouseError
from clientela.warehouse.store.landing import Batch, Landing

NOW = datetime(2017, 10, 1, 6, tzinfo=UTC)


def writer(content: str) -> Callable[[Path], int]:
    def write(path: Path) -> int:
        path.write_text(content)
        return len(content)

    return write


def add(
    landing: Landing, path: str, content: str, *, source: str = "shop", table: str = "order_line", run: int = 1
) -> Batch:
    return landing.add(
        source=source,
        table=table,
        path=path,
        hash=hashlib.sha256(content.encode()).hexdigest(),
        run=run,
        now=NOW + timedelta(days=run),
        format="text",
        write=writer(content),
    )


def test_a_batch_is_kept_with_its_arrival(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    batch = add(landing, "orders.csv", "abc")
    assert (batch.sequence, batch.rows, batch.size) == (1, 3, 3)
    assert batch.arrived_at == datetime(2017, 10, 2, 6, tzinfo=UTC)
    assert landing.path_of(batch) == tmp_path / "landing/batches/shop/order_line" / f"{batch.hash}.parquet"
    assert landing.path_of(batch).read_text() == "abc"
    assert Landing(tmp_path).arrivals() == (batch,)


def test_the_last_of_a_path_and_what_was_seen_are_known_by_source_and_table(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    first = add(landing, "a.csv", "one")
    second = add(landing, "a.csv", "two")
    assert landing.last_of("shop", "a.csv") == second
    assert landing.last_of("erp", "a.csv") is None
    assert landing.last_of("shop", "a.csv", table="product") is None
    assert landing.has("shop", first.hash)
    assert not landing.has("erp", first.hash)
    assert not landing.has("shop", first.hash, table="product")


def test_content_that_comes_back_arrives_again_without_being_written_again(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    first = add(landing, "a.csv", "one")
    add(landing, "a.csv", "two")
    landing.path_of(first).chmod(0o400)
    again = landing.add(
        source="shop",
        table="order_line",
        path="a.csv",
        hash=first.hash,
        run=3,
        now=NOW,
        format="text",
        write=lambda path: pytest.fail("written again"),
    )
    assert (again.sequence, again.rows, again.file) == (3, 3, first.file)
    assert landing.last_of("shop", "a.csv") == again


def test_a_batch_that_was_lost_is_written_again(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    first = add(landing, "a.csv", "one")
    landing.path_of(first).unlink()
    assert landing.damaged() == (first.file,)
    add(landing, "a.csv", "one")
    assert landing.damaged() == ()


def test_a_changed_batch_is_found(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    first = add(landing, "a.csv", "one")
    landing.path_of(first).write_text("ono")
    assert landing.damaged() == (first.file,)


def test_a_write_that_fails_is_no_arrival(tmp_path: Path) -> None:
    def fails(path: Path) -> int:
        path.write_text("half")
        raise OSError("no space left")

    landing = Landing(tmp_path)
    with pytest.raises(OSError, match="no space"):
        landing.add(source="shop", table="t", path="a", hash="ab", run=1, now=NOW, format="text", write=fails)
    assert landing.arrivals() == ()
    assert not landing.has("shop", "ab")


@pytest.mark.parametrize("name", ["", ".", "..", "../up", "a/b", ".hidden"])
def test_a_name_never_leaves_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(WarehouseError, match="cannot name a folder"):
        add(Landing(tmp_path), "a.csv", "one", source=name)


class Deliveries(RuleBasedStateMachine):
    """Files delivered, changed, delivered again, a process killed in between: nothing is lost or doubled."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="landing-"))
        self.landing = Landing(self.folder)
        self.told: list[tuple[str, str, str]] = []

    @rule(
        source=st.sampled_from(["shop", "erp"]),
        path=st.sampled_from(["a", "b"]),
        content=st.sampled_from(["x", "yy", "z"]),
    )
    def deliver(self, source: str, path: str, content: str) -> None:
        batch = add(self.landing, path, content, source=source)
        self.told.append((source, path, content))
        assert batch.sequence == len(self.told)
        assert batch.rows == len(content)

    @rule()
    def restart(self) -> None:
        self.landing = Landing(self.folder)

    @rule()
    def crash_in_the_journal(self) -> None:
        if self.told:
            with (self.folder / "landing" / "arrivals.jsonl").open("ab") as journal:
                journal.write(b'{"hash": "torn')
        self.landing = Landing(self.folder)

    def teardown(self) -> None:
        rmtree(self.folder)

    @invariant()
    def every_acknowledged_arrival_is_there(self) -> None:
        arrivals = self.landing.arrivals()
        assert [(b.source, b.path, self.landing.path_of(b).read_text()) for b in arrivals] == self.told
        for source in ("shop", "erp"):
            for path in ("a", "b"):
                last = self.landing.last_of(source, path)
                contents = [content for s, p, content in self.told if (s, p) == (source, path)]
                assert (last and self.landing.path_of(last).read_text()) == (contents[-1] if contents else None)


TestDeliveries = Deliveries.TestCase
