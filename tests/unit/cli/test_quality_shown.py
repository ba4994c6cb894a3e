"""What the commands show of the quality of data, and of a mistake in a command."""

from __future__ import annotations

import pytest

from clientela.cli.app import run
from clientela.cli.shown.quality import quality_lines


def test_what_all_systems_share_names_no_source_to_set_an_owner_in() -> None:
    measured = [
        {"verdict": "look", "property": "unique", "says": "Of all systems together", "source": "", "owner": None},
        {"verdict": "look", "property": "complete", "says": "Of one", "source": "shop", "owner": None},
    ]
    told = [line.strip() for line in quality_lines(measured) if "->" in line]
    assert told == ["-> set owner in [[source]] shop"]


@pytest.mark.parametrize("words", [["query", "revenue", "--limit", "0"], ["query", "--nonsense"], ["nonsense"]])
def test_a_mistake_in_a_command_ends_with_a_full_stop_before_the_hint(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words) == 2
    said = capsys.readouterr().err
    assert said.endswith(". See 'clientela --help'.\n")
    assert ".." not in said
