"""The quality of data at the command line, in the report and in answers: said, exit codes, languages."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from clientela.cli.app import run as command
from clientela.contracts.derived import DERIVED
from clientela.pipeline.questions import questions
from tests.pipeline.company import NOW, buying, shop

OWNED = 'owner = "Ana Ruiz"\nfresh_within = "5 days"\n'


@pytest.fixture(scope="module")
def kept_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop that bought for 540 days; then a file with too many bad rows came."""
    made = shop(tmp_path_factory.mktemp("quality") / "w", extra=OWNED)
    lines = buying(40)
    made.deliver("orders-1.csv", [*lines, lines[0]])  # the last row says again what the first said
    made.workspace.run(now=NOW)
    made.deliver(
        "orders-2.csv", [[f"x{n}", *line[1:6], "12,5" if n < 9 else 10, ""] for n, line in enumerate(lines[:50])]
    )
    return made.workspace.folder


def test_a_run_that_keeps_a_file_out_says_so_everywhere(kept_out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["run", "--strict", "-w", str(kept_out)]) == 4
    assert "nothing was published (--strict): source 'shop': exports/orders-2.csv stays out" in capsys.readouterr().err
    assert command(["run", "-w", str(kept_out), "--json"]) == 1
    assert "9 of its 50 rows are bad" in json.loads(capsys.readouterr().out)["warnings"][0]

    assert command(["report", "-w", str(kept_out)]) == 0
    capsys.readouterr()
    page = (kept_out / "report.html").read_text(encoding="utf-8")
    first = page[: page.index("<h1>")]
    assert (
        "exports/orders-2.csv from shop stays out, and what came before still counts: of its 50 rows, 9 cannot" in first
    )
    assert "Ana Ruiz looks after shop." in first
    assert command(["report", "--lang", "es", "-w", str(kept_out)]) == 0
    capsys.readouterr()
    page = (kept_out / "report-es.html").read_text(encoding="utf-8")
    first = page[: page.index("<h1>")]
    assert (
        "exports/orders-2.csv de shop queda fuera y lo anterior sigue contando: de sus 50 filas, 9 no se pueden"
        in first
    )
    assert "Ana Ruiz es responsable de shop." in first
    assert "stays out" not in page

    # the fixture's run was in 2024 and this one is today: nothing newer came, so nobody looks ahead
    assert command(["ask", "churn-risk", "-w", str(kept_out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert "too old to look ahead: shop promises newer" in told["abstained"]
    assert told["next"][0] == "Ask Ana Ruiz, who looks after shop, to mend order_line and deliver it again."
    assert command(["ask", "churn-risk", "-w", str(kept_out), "--lang", "es"]) == 0
    assert "demasiado antiguos para mirar al futuro" in capsys.readouterr().out.replace("\n", " ")
    assert command(["ask", "sales-trend", "-w", str(kept_out)]) == 0
    said = capsys.readouterr().out.replace("\n    ", " ")
    assert "Revenue" in said
    assert "shop promises newer data" in said
    assert "exports/orders-2.csv from shop stays out" in said


def test_the_quarantine_shows_what_to_mend(kept_out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["status", "--quarantine", "--limit", "2", "-w", str(kept_out)]) == 0
    said = capsys.readouterr().out
    assert said.startswith(
        "In quarantine: 9 broken rules (9 wait with their batch).\n\nexports/orders-2.csv  (shop, order_line)\n"
    )
    assert "  line 2  held  net_revenue = '12,5': net_revenue must be an amount of money" in said
    assert "… and 7 more" in said
    assert command(["status", "--quarantine", "--source", "shop", "--json", "-w", str(kept_out)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["counts"] == {"held": 9}
    assert [told["rows"][0][name] for name in ("path", "line", "column", "value", "status", "run")] == [
        "exports/orders-2.csv",
        2,
        "net_revenue",
        "12,5",
        "held",
        2,
    ]
    assert command(["status", "--source", "shop", "-w", str(kept_out)]) == 2
    assert "add --quarantine" in capsys.readouterr().err
    assert command(["status", "--quarantine", "--state", "shut", "-w", str(kept_out)]) == 2
    assert "known: 'held', 'mended', 'open'" in capsys.readouterr().err


def test_status_tells_the_weak_first_and_whom_to_ask(kept_out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["status", "-w", str(kept_out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    [source] = [line for line in lines if line.startswith("shop: order_line, ")]
    assert f", {len(buying(40)):,} rows" in source
    assert source.endswith(", 1 repeated")
    at = next(n for n, line in enumerate(lines) if line.startswith("Data quality: 4 of 6 properties good"))
    assert lines[at + 1].startswith("  unfit  current     Age of the newest row of order_line from shop")
    assert lines[at + 2].strip() == "-> ask Ana Ruiz"
    assert "1 of 2, 50.0%; 0.0% in the run before" in lines[at + 3]


def test_unfit_data_refuse_every_answer_and_the_report_says_which(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = shop(tmp_path / "w")
    lines = buying(40)
    for n, line in enumerate(lines):
        if n % 3 == 0:
            line[6] = round(float(str(line[6])) * 100, 2)  # a third of the till's amounts are in cents
            line[4] = "p1"
        else:
            line[4] = "p1"
    made.deliver("orders-1.csv", lines)
    made.workspace.run(now=NOW + timedelta(days=1))
    folder = str(tmp_path / "w")
    assert command(["ask", "sales-trend", "-w", folder, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["headline"] is None
    assert "Sales from shop at more than 30 times the usual price of their product" in told["abstained"]
    assert "(order_line.net_revenue, Correct)" in told["abstained"]
    assert told["next"][0].startswith("Nobody is named who looks after shop: set owner in its [[source]]")
    assert command(["report", "--lang", "es", "-w", folder]) == 0
    page = (tmp_path / "w" / "report-es.html").read_text(encoding="utf-8")
    first = page[: page.index("<h1>")]
    asked = [each for each in questions().all() if each.name != "data-quality"]  # it tells of unfit data
    there = {"order_line", *DERIVED}  # what is missing altogether is said first
    unfit = sum("order_line.net_revenue" in each.rests_on and {*each.needs} <= there for each in asked)
    assert unfit > 3
    said = f"{unfit} preguntas quedan sin respuesta porque sus datos no son aptos. Ventas de shop a más de 30 veces"
    assert said in first
    assert "Nadie figura como responsable de shop" in first
