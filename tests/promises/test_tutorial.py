"""The tutorial, followed as a new user would, with the files the page shows."""

import json
import re
import runpy
import shlex
from pathlib import Path
from typing import Any

import pytest

from clientela.cli.app import run
from tests.promises.source import DOCS

PAGE = (DOCS / "tutorial" / "own-orders.md").read_text(encoding="utf-8")


def shown(title: str) -> str:
    """The block of the page that bears a file's name."""
    found = re.search(rf'^```\w+ title="{re.escape(title)}"\n(.*?)^```', PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found[1]


def answered(words: list[str], capsys: pytest.CaptureFixture[str], *, codes: set[int] | None = None) -> Any:
    """The JSON document of a command that ends well."""
    capsys.readouterr()
    assert run([*words, "--json"]) in (codes or {0}), capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def corner_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace as it is after the third step of the page."""
    monkeypatch.chdir(tmp_path)
    init = next(line for line in PAGE.splitlines() if line.startswith("$ clientela init"))
    assert run(shlex.split(init)[2:]) == 0
    folder = tmp_path / "corner-shop"
    monkeypatch.chdir(folder)
    (folder / "make_orders.py").write_text(shown("make_orders.py"), encoding="utf-8")
    runpy.run_path("make_orders.py")
    (folder / "clientela.toml").write_text(shown("clientela.toml"), encoding="utf-8")
    return folder


def test_your_own_orders_works_as_written(corner_shop: Path, capsys: pytest.CaptureFixture[str]):
    answered(["run"], capsys, codes={0, 1})
    assert run(["status"]) == 0
    for name in ("sales-trend", "customer-value"):
        answer = answered(["ask", name], capsys)
        assert answer["abstained"] is None, "what happened is answered for a small shop too"
        assert answer["headline"].endswith(".")
    foreseen = answered(["ask", "churn-risk"], capsys)
    assert (foreseen["abstained"] is None) == (foreseen["evidence"] is not None)

    orders = corner_shop / "exports" / "orders-2025.csv"
    orders.write_text(orders.read_text(encoding="utf-8").replace(";two;", ";2;"), encoding="utf-8")
    answered(["run"], capsys)
    assert run(["report"]) == 0
    assert "</html>" in (corner_shop / "report.html").read_text(encoding="utf-8")
