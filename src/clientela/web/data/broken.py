"""Which rule a row broke, in the reader's language: capture writes it down in English, in few forms."""

from __future__ import annotations

import re
from collections.abc import Mapping

from clientela.contracts.text import Text, text

_MUST: tuple[tuple[str, Text], ...] = (
    (r"a text", text("a text")),
    (r"a whole number", text("a whole number")),
    (r"yes or no", text("yes or no")),
    (r"a number from 0 to 1", text("a number from 0 to 1")),
    (
        r"a date written as (?P<form>.+), with or without a time",
        text("a date written as {form}, with or without a time"),
    ),
    (r"a date written as (?P<form>.+)", text("a date written as {form}")),
    (
        r"an amount of money with (?P<mark>[^,]+), of at most (?P<n>\d+) digits before it",
        text("an amount of money with {mark}, of at most {n} digits before it"),
    ),
    (
        r"a number with (?P<mark>[^,]+), of at most (?P<n>\d+) digits before it",
        text("a number with {mark}, of at most {n} digits before it"),
    ),
)
_MARKS: Mapping[str, Text] = {
    "a decimal point and no thousands separator": text("a decimal point and no thousands separator"),
    "a decimal point": text("a decimal point"),
    "a decimal comma": text("a decimal comma"),
}
_RULES: tuple[tuple[str, Text], ...] = (
    (r"(?P<name>\S+) must be one of: (?P<choices>.+)", text("{name} must be one of: {choices}")),
    (r"(?P<name>\S+) must not be below (?P<bound>\S+)", text("{name} must not be below {bound}")),
    (r"(?P<name>\S+) must not be above (?P<bound>\S+)", text("{name} must not be above {bound}")),
    (r"(?P<name>\S+) is missing", text("{name} is missing")),
    (
        r"another row of the file has the same key but says something else",
        text("another row of the file has the same key but says something else"),
    ),
    (
        r"no exchange rate is known for this currency on that day",
        text("no exchange rate is known for this currency on that day"),
    ),
    (r"(?P<n>\d+) cells where the header has (?P<width>\d+)", text("{n} cells where the header has {width}")),
    (
        r"in line (?P<line>\d+) a quote is opened and not closed, or text follows a closing quote",
        text("in line {line} a quote is opened and not closed, or text follows a closing quote"),
    ),
    (
        r"(a cell|a text|the line) holds the byte (?P<byte>\w+), which is no character in its encoding",
        text("it holds the byte {byte}, which is no character in its encoding"),
    ),
    (r"no valid JSON: .+ at character (?P<n>\d+)", text("it is no valid JSON at character {n}")),
    (r"not a JSON object", text("it is no JSON object")),
    (r"the key '(?P<key>.*)' stands there twice", text("the key '{key}' stands there twice")),
)


def words(rule: str | None) -> Text | str:
    """The rule as a message; as it stands where it is of no known form.

    Examples
    --------
    >>> words("ordered_at is missing").values["name"]
    'ordered_at'
    >>> words("it is blue")
    'it is blue'
    """
    said = rule or ""
    name, found, what = said.partition(" must be ")
    if found and (wanted := _told(_MUST, what)) is not None:
        mark = wanted.values.get("mark")
        if mark is not None:
            wanted = Text(wanted.id, {**wanted.values, "mark": _MARKS.get(str(mark), str(mark))})
        return text("{name} must be {what}", name=name, what=wanted)
    return _told(_RULES, said) or said


def _told(forms: tuple[tuple[str, Text], ...], said: str) -> Text | None:
    for pattern, message in forms:
        found = re.fullmatch(pattern, said, re.DOTALL)
        if found is not None:
            return Text(message.id, found.groupdict())
    return None
