"""Every change a user notices has a fragment; CONTRIBUTING.md says how it is named."""

import re
from pathlib import Path

import pytest

from tests.promises.source import ROOT, page

KINDS = ("feature", "change", "fix", "removal")
NAME = re.compile(rf"[1-9][0-9]*\.({'|'.join(KINDS)})\.md")
FRAGMENTS = sorted((ROOT / "changelog.d").iterdir())


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.name)
def test_a_fragment_is_named_by_issue_and_kind(path: Path):
    assert NAME.fullmatch(path.name), f"name it <issue>.<{'|'.join(KINDS)}>.md"


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.name)
def test_a_fragment_is_whole_sentences_without_headings(path: Path):
    said = path.read_text(encoding="utf-8").strip()
    assert said.endswith(".")
    assert "#" not in said


def test_contributing_names_every_kind():
    contributing = page("CONTRIBUTING.md")
    assert all(f"`{kind}`" in contributing for kind in KINDS)
