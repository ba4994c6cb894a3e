"""UCI Online Retail as a Spanish export: from the folder to insights with no edit, figures as summed from the data."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clientela.cli.app import run as command
from clientela.workspace import open as open_workspace
from tests.proposals.spanish_retail import Sums, write


def asked(workspace: Path, capsys: pytest.CaptureFixture[str], *question: str) -> dict[str, Any]:
    capsys.readouterr()
    assert command(["ask", *question, "-w", str(workspace), "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert answer["headline"]
    assert answer["abstained"] is None
    return answer


def from_folder_to_figures(folder: Path, sums: Sums, capsys: pytest.CaptureFixture[str]) -> None:
    """Propose, run, ask; the revenue of quarters and customers is that of the rows."""
    workspace = folder / "empresa"
    assert command(["init", str(workspace), "--from", str(folder / "ventas"), "--no-input"]) == 0
    assert command(["run", "-w", str(workspace)]) == 0
    status = open_workspace(workspace).status()
    assert [(each.table, each.rows) for each in status.sources] == [("order_line", sums.lines)]
    value = asked(workspace, capsys, "customer-value", "--set", "days=3650")
    tenths = value["table"]["rows"]
    assert sum(row[1] for row in tenths) == sums.buyers
    trend = asked(workspace, capsys, "sales-trend", "--set", "period=quarter")
    quarters = {row[0][:10]: Decimal(row[1]) for row in trend["table"]["rows"]}
    assert len(quarters) >= 3
    assert quarters == {first: pytest.approx(sums.quarters[first], abs=Decimal("0.01")) for first in quarters}
    assert sum(Decimal(row[2]) for row in tenths) == pytest.approx(sums.of_buyers, abs=Decimal("0.01"))


def test_five_thousand_lines_go_from_folder_to_insights_with_no_edit(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sums = write(shared_data, tmp_path / "ventas", lines=5000)
    assert sums.lines == 5000
    from_folder_to_figures(tmp_path, sums, capsys)


@pytest.mark.slow
def test_the_whole_set_goes_from_folder_to_insights_with_no_edit(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sums = write(shared_data, tmp_path / "ventas")
    assert (sums.lines, sums.customers) == (541_909, 4_372)
    assert sums.revenue.quantize(Decimal("0.01")) == Decimal("9747747.93")
    from_folder_to_figures(tmp_path, sums, capsys)
