"""The page on making a company works as written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.promises.source import DOCS, fenced


@pytest.mark.slow
def test_the_page_on_making_a_company_works_as_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (DOCS / "howto" / "make-a-company.md").read_text(encoding="utf-8")
    code = "\n".join(fenced(page, "python"))
    known: dict[str, object] = {"tmp_path": tmp_path}
    exec(code.replace("5_000", "150"), known)  # noqa: S102 - our own page
    assert known["world"].returned == 0.1  # type: ignore[attr-defined]
    assert known["customers"].num_rows == known["expected"].num_rows == 150  # type: ignore[attr-defined]
    assert type(known["answer"]).__name__ == "Insight"
    assert "2023-01-09 ('till-sales-2023-W01.csv'" in capsys.readouterr().out
