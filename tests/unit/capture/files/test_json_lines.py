"""Every record of a JSON file is accepted, quarantined with its line and why, or blank."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clientela.capture.files import text_blocks
from clientela.capture.files.kinds import Kind
from clientela.errors import SourceError
from tests.some import examples
from tests.unit.capture.files.reading import land_text


def test_each_line_is_a_row_and_late_keys_are_columns(tmp_path: Path) -> None:
    found = land_text(tmp_path, '{"id": "o1", "total": 5}\n\n{"id": "o2", "total": 7, "channel": "web"}\n{}\n')
    assert found.kind is Kind.JSON
    assert found.header == ("id", "total", "channel")
    assert found.rows == [("o1", 5, None), ("o2", 7, "web")]
    assert [row["_line"] for row in found.table.to_pylist()] == [1, 3]
    assert (found.blank, found.quarantined) == (2, 0)


def test_objects_become_columns_and_lists_stay_json(tmp_path: Path) -> None:
    line = '{"id": 1, "address": {"city": "León", "geo": {"lat": 42.60}}, "tags": ["a", 1.50, {"x": null}]}'
    found = land_text(tmp_path, line)
    assert found.header == ("id", "address.city", "address.geo.lat", "tags")
    assert found.rows == [(1, "León", Decimal("42.60"), '["a", 1.50, {"x": null}]')]


def test_numbers_never_pass_through_a_float(tmp_path: Path) -> None:
    found = land_text(tmp_path, '{"n": 0.10000000000000000555}\n{"n": 9007199254740993}\n')
    assert [row[0] for row in found.rows] == [
        Decimal("0.10000000000000000555"),
        Decimal("9007199254740993"),
    ]


@pytest.mark.parametrize(
    ("cells", "type_", "landed"),
    [
        (["1", "-5", "null"], "int64", [1, -5, None]),
        (["1", "2.50"], "decimal128(38, 2)", [Decimal("1"), Decimal("2.50")]),
        (["true", "false"], "bool", [True, False]),
        (['"x"', "null", '""'], "string", ["x", None, None]),
        (["1", '"2"'], "string", ["1", "2"]),
        (["1.50", '"1,50"'], "string", ["1.5", "1,50"]),
        (["99999999999999999999"], "decimal128(38, 0)", [Decimal("99999999999999999999")]),
        (["1e400"], "string", ["1E+400"]),
        (["1e3", "-0"], "decimal128(38, 0)", [Decimal(1000), Decimal(0)]),
        (["null"], "string", [None]),
    ],
)
def test_a_column_lands_as_what_all_its_values_are(
    cells: list[str], type_: str, landed: list[object], tmp_path: Path
) -> None:
    found = land_text(tmp_path, "".join(f'{{"k": 0, "n": {cell}}}\n' for cell in cells))
    assert found.types["n"] == type_
    assert [row[1] for row in found.rows] == landed


def test_numbers_among_texts_are_written_as_the_source_writes_numbers(tmp_path: Path) -> None:
    found = land_text(tmp_path, '{"n": 1.234}\n{"n": "5,60"}\n', decimal=",")
    assert found.rows == [("1,234",), ("5,60",)]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ('{"a": 1, "a": 2}', "the key 'a' stands there twice"),
        ('{"a": {"b": 1, "b": 2}}', "the key 'b' stands there twice"),
        ('{"a": {"b": 1}, "a.b": 2}', "the key 'a.b' stands there twice"),
        ('{"a": NaN}', "NaN is no number of JSON"),
        ('{"a": -Infinity}', "-Infinity is no number of JSON"),
        ('{"a": 1', "no valid JSON: Expecting ',' delimiter at character 8"),
        ('{"a": 1} {"a": 2}', "no valid JSON: Extra data at character 10"),
        ("[1, 2]", "not a JSON object"),
        ("7", "not a JSON object"),
        ("a,b", "no valid JSON: Expecting value at character 1"),
        ('{"a": "x\\u0000"}', "a text holds the control character U+0000"),
        ('{"a": "\\ud800"}', "a text holds half of a character, U+D800"),
        ('{"a": "x\x00y"}', "the line holds the control character U+0000"),
        ('{"a": "x\ty"}', "no valid JSON: Invalid control character at at character 9"),
        ('{"a": ' + "[" * 5000 + "]" * 5000 + "}", "objects or lists stand more than 50 deep in each other"),
        ('{"a": ' * 60 + "1" + "}" * 60, "objects or lists stand more than 50 deep in each other"),
        ('{"a": ' + "9" * 5000 + "}", "a whole number has more than 4,300 digits"),
        ('{"a": 1e99999999999999999999}', "a number is too large"),
    ],
)
def test_a_line_that_is_no_object_is_quarantined_with_why(line: str, rule: str, tmp_path: Path) -> None:
    found = land_text(tmp_path, f'{{"a": "good"}}\n{line}\n{{"a": "too"}}\n')
    assert found.rows == [("good",), ("too",)]
    assert found.bad == [(2, line[:1000], rule)]


def test_a_byte_that_is_no_character_spoils_its_line_only(tmp_path: Path) -> None:
    found = land_text(tmp_path, b'\xef\xbb\xbf{"a": "x"}\r\n{"a": "caf\xe9"}\r\n{"a": "y"}')
    assert found.rows == [("x",), ("y",)]
    assert found.bad == [
        (2, '{"a": "caf\\xe9"}', "the line holds the byte 0xE9, which is no character in its encoding")
    ]


def test_an_overlong_line_spoils_itself_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_blocks, "LINE_LIMIT", 1000)
    monkeypatch.setattr(text_blocks, "BLOCK_BYTES", 100)
    found = land_text(tmp_path, '{"a": "x"}\n{"a": "' + "y" * 5000 + '"}\n{"a": "z"}\n')
    assert found.rows == [("x",), ("z",)]
    assert [(line, rule.startswith("the line is longer than")) for line, _, rule in found.bad] == [(2, True)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
def test_a_byte_order_mark_names_the_encoding(encoding: str, tmp_path: Path) -> None:
    assert land_text(tmp_path, '{"a": "ñ"}\n'.encode(encoding)).rows == [("ñ",)]


def test_an_encoding_that_is_stated_is_used(tmp_path: Path) -> None:
    assert land_text(tmp_path, '{"a": "ñ"}\n'.encode("cp1252"), encoding="cp1252").rows == [("ñ",)]


@pytest.mark.parametrize(("content", "kind"), [("", "json"), ("\n\n", "json"), ("[]", None), ("{bad\n", None)])
def test_a_file_without_any_object_is_refused(content: str, kind: str | None, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"orders.jsonl is empty: no line of it is a JSON object"):
        land_text(tmp_path, content, kind=kind)


def test_more_keys_than_a_table_has_columns_are_refused(tmp_path: Path) -> None:
    line = json.dumps({f"k{number}": 1 for number in range(20_001)})
    with pytest.raises(SourceError, match=r"has more than 20,000 columns: its keys seem to be values"):
        land_text(tmp_path, line)


def test_names_that_differ_only_in_case_or_are_ours_are_made_distinct(tmp_path: Path) -> None:
    found = land_text(tmp_path, '{"Id": 1, "id": 2, "_line": 3, "": 4}')
    assert found.header == ("Id", "id (2)", "_line (2)", "column 4")
    assert found.rows == [(1, 2, 3, 4)]


def test_a_whole_array_of_objects_is_read_too(tmp_path: Path) -> None:
    text = ' [\n  {"a": 1,\n   "b": [1]},\n  {"a": 2, "a": 3},\n  {"a": 4}, 5,\n  {"a": NaN}\n]\n'
    found = land_text(tmp_path, text, "orders.json")
    assert found.rows == [(1, "[1]"), (4, None)]
    assert [(line, rule) for line, _, rule in found.bad] == [
        (4, "the key 'a' stands there twice"),
        (5, "not a JSON object"),
        (6, "NaN is no number of JSON"),
    ]
    assert [(row["_line"], row["_lines"]) for row in found.table.to_pylist()][:2] == [(2, 2), (4, 1)]


def test_an_array_on_one_line_may_be_longer_than_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_blocks, "BLOCK_BYTES", 100)
    values = [{"a": number, "b": "x" * (number % 300)} for number in range(1000)]
    found = land_text(tmp_path, json.dumps(values))
    assert [row[0] for row in found.rows] == list(range(1000))


@pytest.mark.parametrize(
    "content",
    [
        '[{"a": 1} {"a": 2}]',
        '[{"a": 1}',
        '[{"a": 1},]',
        '[{"a": 1}] x',
        '[{"a": 1}, {"a": ',
        '[{"a": 1}, {"a" 2}]',
        "[{",
    ],
)
def test_a_broken_array_is_refused_whole(content: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"the JSON array in orders.jsonl is broken in line 1"):
        land_text(tmp_path, content)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.decimals(-1000, 1000, places=3), WORDS)
LINES = st.one_of(
    st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES, min_size=1).map(
        lambda found: json.dumps(found, default=float)
    ),
    st.sampled_from(["", "  ", "{}", "{", "[]", "null", '{"a":1,"a":2}', '{"a":', "x,y"]),
)


@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, max_size=30))
def test_accepted_quarantined_and_blank_lines_are_all_lines(lines: list[str], tmp_path: Path) -> None:
    def fate(line: str) -> str:
        if not line.strip():
            return "blank"
        try:
            found = json.loads(line, object_pairs_hook=list)
        except ValueError:
            return "bad"
        if not line.startswith("{") or len(dict(found)) < len(found):
            return "bad"
        return "good" if any(value not in (None, "") for _, value in found) else "blank"

    fates = ["good", *map(fate, lines)]
    found = land_text(tmp_path, "\n".join(['{"k": 1}', *lines]))
    count = (len(found.rows), found.quarantined, found.blank)
    assert count == (fates.count("good"), fates.count("bad"), fates.count("blank") - (lines[-1:] == [""]))
