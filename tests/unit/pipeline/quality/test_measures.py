"""What a measurement is worth, and that a manifest gives back what was put in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from clientela.pipeline.quality import history
from clientela.pipeline.quality.duplicates import DUPLICATE
from clientela.pipeline.quality.measures import Limits, Measure, Past, age, document, place, share, stored, with_past
from clientela.pipeline.quality.told import finding
from clientela.present.say import say

LIMITS = Limits(look=Decimal("0.01"), unfit=Decimal("0.2"))


def part(found: int, checked: int, *, harmless: bool = False) -> Measure:
    return share(
        "shop", "order_line", "product_id", "correct", found, checked, LIMITS, rule="refers", harmless=harmless
    )


@pytest.mark.parametrize(
    ("found", "checked", "verdict"),
    [
        (0, 0, "good"),
        (10, 1000, "good"),
        (11, 1000, "look"),
        (200, 1000, "look"),
        (201, 1000, "unfit"),
        (1, 1, "unfit"),
    ],
)
def test_a_share_is_judged_by_two_limits_that_still_belong_to_the_better_side(
    found: int, checked: int, verdict: str
) -> None:
    assert part(found, checked).verdict == verdict


def test_what_is_harmless_is_never_unfit() -> None:
    assert part(1000, 1000, harmless=True).verdict == "look"


@pytest.mark.parametrize(
    ("days", "hours", "within", "measured", "verdict"),
    [
        (3, 75, None, "3.000000", "shown"),
        (3, 75, "3 days", "3.000000", "good"),  # on the third day, whatever the hour
        (4, 75, "3 days", "4.000000", "unfit"),
        (1, 36, "36 hours", "1.500000", "good"),
        (1, 37, "36 hours", "1.541667", "unfit"),
        (14, 350, "2 weeks", "14.000000", "good"),
    ],
)
def test_age_is_held_against_what_the_source_promises(
    days: int, hours: int, within: str | None, measured: str, verdict: str
) -> None:
    found = age("shop", "order_line", "ordered_at", days=days, exact=timedelta(hours=hours), within=within)
    assert (str(found.measured), found.verdict) == (measured, verdict)


def test_a_manifest_gives_measurements_back() -> None:
    measure = part(1, 3)
    told = with_past([measure], {place(measure): (Past(run=1, measured=Decimal("0.5"), verdict="unfit"),)})
    assert stored(document(told)) == told
    older = {**document([measure])[0], "says": "what an older version said"}
    older.pop("before")
    assert stored([older]) == (measure,)


def test_the_journal_survives_and_gives_the_last_runs(tmp_path: Path) -> None:
    for run in range(1, 41):
        history.write(tmp_path, run, [part(run, 100)])
    records = history.read(tmp_path, before=40)
    assert [records[0]["run"], records[-1]["run"]] == [11, 39]  # 29 and this one are the thirty a snapshot carries
    past = history.past(records)[place(part(0, 0))]
    assert [each.run for each in past] == list(range(29, 40))
    arrays = history.arrays(records, 40, [part(40, 100)])
    assert (arrays["run"].tolist()[-1], arrays["measured"].tolist()[-1]) == (40, 0.4)
    assert arrays["found"].tolist()[:2] == [11.0, 12.0]


def test_a_first_run_has_no_past(tmp_path: Path) -> None:
    assert history.read(tmp_path, before=1) == ()
    assert len(history.arrays((), 1, [])["source"]) == 0


def test_duplicates_of_one_source_and_of_all_are_told_apart() -> None:
    of_one = share("crm", "customer_record", "record_id", "unique", 1, 3, LIMITS, rule=DUPLICATE, harmless=True)
    of_all = replace(of_one, source="")
    assert of_one.verdict == "look"  # they are counted as one customer, so they make nothing unfit
    assert say(finding(of_one)) == "Customer records of crm that are the same customer as another of it"
    assert say(finding(of_all)) == "Customer records of all systems together that are the same customer as another"
