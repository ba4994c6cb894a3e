"""How far a run is, in words and by stages, from its line of progress."""

from __future__ import annotations

import re
from collections.abc import Mapping

from clientela.contracts.text import Text, text

STAGES: tuple[Text, ...] = (
    text("Read what was delivered"),
    text("Find out who is who"),
    text("Write the tables"),
    text("Answer the questions"),
    text("Measure and publish"),
)
_LINES: tuple[tuple[str, int, Text], ...] = (
    (r"Looking at your files", 0, text("Looking at your files")),
    (r"Copying the example", 0, text("Copying the example")),
    (r"Making up the company", 0, text("Making up the company")),
    (r"Setting the parameters", 0, text("Setting the parameters")),
    (r"Keeping the decision", 0, text("Keeping the decision")),
    (r"Going back", 0, text("Going back to the earlier snapshot")),
    (r"Looking for the person.*|Looking through .*|Rewriting .*", 0, text("Looking for the person")),
    (r"Looking for new files", 0, text("Looking for new files")),
    (r"(Looking at|Landing|Reading) app\.sqlite#.+", 0, text("Reading who works here and what they answer for")),
    (r"Looking at (?P<what>.+)", 0, text("Looking at {what}")),
    (r"Landing (?P<what>.+?)( again)?", 0, text("Taking in {what}")),
    (r"Reading (?P<what>.+)", 0, text("Reading {what}")),
    (r"(Naming the customers|Joining records to customers)", 1, text("Finding out which records are one customer")),
    (r"(Standardising|Comparing) customer records", 1, text("Comparing the records of customers")),
    (r"Learning how to compare records.*", 1, text("Learning how to compare records")),
    (r"Writing (?P<what>.+)", 2, text("Writing the table {what}")),
    (r"Loading the analyses", 3, text("Loading the analyses")),
    (r"Computing (?P<what>.+)", 3, text("Computing {what}")),
    (r"Following segments", 3, text("Following segments")),
    (r"Counting .+", 4, text("Adding up the figures")),
    (r"Publishing", 4, text("Publishing")),
    (r"Another run is at work.*", 0, text("Another run is at work; this one begins when it has ended")),
)


def words(line: str | None) -> Text:
    """A line of progress in words; that the work has begun, where there is none or it is not known.

    Examples
    --------
    >>> words("Landing exports/orders-1.csv").values["what"]
    'exports/orders-1.csv'
    >>> words("Reading app.sqlite#responsibility").id
    'Reading who works here and what they answer for'
    """
    for pattern, _, said in _LINES:
        found = re.fullmatch(pattern, line or "")
        if found is not None:
            values: Mapping[str, str] = {name: value for name, value in found.groupdict().items() if value is not None}
            return Text(said.id, values)
    return text("At work")


def stage(line: str | None) -> int:
    """Which of the stages a run is in.

    Examples
    --------
    >>> stage("Writing order_line"), stage(None)
    (2, 0)
    """
    return next((at for pattern, at, _ in _LINES if re.fullmatch(pattern, line or "")), 0)
