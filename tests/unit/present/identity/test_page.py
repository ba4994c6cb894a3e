"""The page of uncertain pairs shows two records side by side, marks what differs, and says what to do."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from clientela.contracts.identity import FieldSays, Line, PairSeen, RecordSeen, Review
from clientela.contracts.text import text
from clientela.present.identity.page import review_page

LEFT = RecordSeen(customer_ref="a", source="crm", record_id="3", customer_id=1055234957864877310)
RIGHT = RecordSeen(customer_ref="b", source="shop", record_id="91", customer_id=806495964244721372)
PAIR = PairSeen(
    left=LEFT,
    right=RIGHT,
    match_weight=3.0,
    match_probability=0.9,
    status="uncertain",
    is_bridge=False,
    lines=(
        Line(field="full_name", name=text("name"), left="<b>Giulia</b>", right="Giulia", differs=False),
        Line(field="birth_date", name=text("birth date"), left=date(1990, 7, 7), right=date(1990, 7, 8), differs=True),
        Line(field="email", name=text("e-mail address"), left="g@libero.it", right=None, differs=False),
    ),
    evidence=(
        FieldSays(field=None, name=text("before comparing"), likeness=text("two records by chance"), match_weight=-6.5),
        FieldSays(field="last_name", name=text("last name"), likeness=text("same"), match_weight=9.5),
    ),
)
REVIEW = Review(
    company="Shop",
    currency="EUR",
    snapshot="1-29bcbdee",
    as_of=date(2024, 6, 11),
    uncertain=1,
    bridges=0,
    pairs=(PAIR,),
)


def rows(html: str) -> list[list[str]]:
    """The cells of the table of the two records, in words."""
    table = html.split('class="beside-each-other"')[1].split("</table>", maxsplit=1)[0]
    cells = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in table.split("<tr")[1:])
    return [[re.sub(r"<[^>]+>", "", each) for each in row] for row in cells]


def test_what_differs_is_marked_and_a_date_is_said_as_people_do() -> None:
    assert rows(review_page(REVIEW)) == [
        ["Field", "crm:3", "shop:91"],
        ["customer", "1055234957864877310", "806495964244721372"],
        ["name", "&lt;b&gt;Giulia&lt;/b&gt;", "Giulia"],
        ["birth date differs", "7 July 1990", "8 July 1990"],
        ["e-mail address", "g@libero.it", "–"],
    ]
    assert "7 de julio de 1990" in review_page(REVIEW, "es")


def test_beside_a_bar_stands_only_what_there_is_room_for() -> None:
    html = review_page(REVIEW)
    assert "last name: same" in html
    assert "before comparing" in html
    assert "two records by chance" not in html


@pytest.mark.parametrize(
    ("status", "join", "split"),
    [
        ("uncertain", "1055234957864877310 806495964244721372", "1055234957864877310 806495964244721372"),
        ("joined", "crm:3 shop:91", "1055234957864877310 shop:91"),
    ],
)
def test_the_commands_that_decide_stand_below(status: str, join: str, split: str) -> None:
    html = review_page(replace(REVIEW, pairs=(replace(PAIR, status=status),)))
    commands = [re.sub(r"<[^>]+>", "", each) for each in re.findall(r"<code>(.*?)</code>", html)]
    assert commands == [
        f'clientela identity join {join} --reason "…"',
        f'clientela identity split {split} --reason "…"',
    ]


def test_a_page_that_does_not_show_all_says_so() -> None:
    assert "--limit shows more" not in review_page(REVIEW)
    assert "1 pair is shown here; --limit shows more." in review_page(replace(REVIEW, uncertain=7, bridges=2))
    assert "personal data" in review_page(REVIEW)
