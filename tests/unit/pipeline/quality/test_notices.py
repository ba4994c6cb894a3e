"""Notices go through a manifest unchanged, and are English where no language is chosen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from clientela.contracts.text import Amount, Text, ntext, text
from clientela.pipeline.quality.notices import Notice, documents, english, from_plain, stored, to_plain
from clientela.present.say import say

TOLD = [
    text("{path} of {source}", path="a.csv", source="shop"),
    ntext("{rows} row, {share}", "{rows} rows, {share}", "rows", rows=1234, share=Amount(Decimal("0.01"), "share")),
    ntext(
        "{rows} row, {share}",
        "{rows} rows, {share}",
        "rows",
        rows=1,
        share=Amount(Decimal("0.0025"), "share", digits=2),
    ),
    text("{said} {owner} looks.", said=text("{n} left.", n=3), owner="Ana"),
    text("since {day}", day=date(2024, 2, 29)),
    text("nothing: {value}", value=None),
]


@pytest.mark.parametrize("said", TOLD, ids=lambda said: said.id)
def test_a_sentence_goes_through_a_manifest_unchanged(said: Text) -> None:
    notice = Notice(source="shop", table="order_line", said=said, detail="the cause")
    assert from_plain(to_plain(said)) == said
    assert stored(documents([notice])) == (notice,)


@pytest.mark.parametrize("said", TOLD[:4], ids=lambda said: said.id)
def test_the_plain_english_is_what_a_report_would_say(said: Text) -> None:
    assert english(said) == say(said, "en")


def test_the_warning_of_an_older_snapshot_is_a_sentence() -> None:
    (notice,) = stored(["source 'shop': it stays out."])
    assert say(notice.said, "es") == "source 'shop': it stays out."
    assert (notice.source, notice.detail) == ("", "source 'shop': it stays out.")
