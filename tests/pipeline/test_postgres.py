"""A PostgreSQL table through whole runs: bit by bit, beside files, and its password in no file of the workspace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from clientela.cli import main
from tests.pipeline.company import NOW, buying, shop
from tests.unit.capture.database.servers import CANARY, Server, server

ERP = """
[[source]]
name = "erp"
table = "order_line"
delivery = "upsert"
known = "happened"
database = { url_from = "ERP_URL", table = "public.sales", cursor = "changed_at" }
"""
TABLE = """create table sales (order_id text, line_no int, customer_ref text, ordered_at timestamptz,
    net_revenue numeric(12,2), changed_at timestamptz, primary key (order_id, line_no))"""
FILL = """insert into sales select 'o' || n, 1, 'c' || n % 7,
    timestamptz '2024-01-01 12:00+00' + n * interval '1 day', n, timestamptz '2024-06-01' + n * interval '1 minute'
    from generate_series({first}, {last}) n"""


@pytest.fixture
def erp(postgres: str) -> Iterator[Server]:
    with server(postgres) as made:
        made.run(TABLE)
        yield made


def test_a_table_that_grows_is_read_bit_by_bit_beside_files_and_its_password_rests_nowhere(
    erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ERP_URL", erp.url)
    made = shop(tmp_path / "w", settings=ERP)
    made.deliver("orders-1.csv", buying(5, days=100))
    from_files = made.workspace.run(now=NOW).tables["order_line"]
    found = []
    for first, last in ((1, 60), (61, 61), (62, 90)):
        erp.run(FILL.format(first=first, last=last))
        done = made.workspace.run(now=NOW + timedelta(days=last))
        found.append(done.tables["order_line"] - from_files)
        assert done.warnings == ()
    assert found == [60, 61, 90]
    assert erp.run("select count(*) from sales") == [(90,)]

    monkeypatch.setenv("ERP_URL", erp.reader.set(database="gone").render_as_string(hide_password=False))
    with pytest.raises(SystemExit, match="1"):
        main(["run", "-w", str(made.workspace.folder)])
    said = capsys.readouterr()
    assert "source 'erp': there is no such database as ERP_URL names on its server" in said.out + said.err
    assert made.workspace.status().sources != ()

    for secret in (CANARY, quote(CANARY, safe=""), "c4nary"):
        assert secret not in said.out + said.err
        files = [path for path in made.workspace.folder.rglob("*") if path.is_file()]
        assert [path.name for path in files if secret.encode() in path.read_bytes()] == []
        assert len(files) > 20
