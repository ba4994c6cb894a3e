"""``expr``: what is allowed, what each column is read as, what is refused."""

from __future__ import annotations

import pytest

from clientela.capture.formula import ALLOWED, FormulaError, Kind, formula


@pytest.mark.parametrize(
    ("text", "wanted", "kind", "numbers", "texts"),
    [
        ("Quantity * UnitPrice", Kind.NUMBER, Kind.NUMBER, {"Quantity", "UnitPrice"}, set()),
        ('"Unit Price" * 2', Kind.NUMBER, Kind.NUMBER, {"Unit Price"}, set()),
        ("coalesce(Net, Gross)", Kind.NUMBER, Kind.NUMBER, {"Net", "Gross"}, set()),
        ("coalesce(Net, Gross)", Kind.TEXT, Kind.TEXT, set(), {"Net", "Gross"}),
        ("Year || '-' || No", Kind.TEXT, Kind.TEXT, set(), {"Year", "No"}),
        ("case when Quantity < 0 then 'return' else 'sale' end", Kind.TEXT, Kind.TEXT, {"Quantity"}, set()),
        ("case when Paid > Due then Paid else 0 end", Kind.NUMBER, Kind.NUMBER, {"Paid", "Due"}, set()),
        ("nullif(CustomerID, '0')", Kind.TEXT, Kind.TEXT, set(), {"CustomerID"}),
        ("text(c)", Kind.NUMBER, Kind.TEXT, set(), {"c"}),
        ("Type = 'C' and not Amount between 1 and 2", Kind.TEXT, Kind.BOOL, {"Amount"}, {"Type"}),
        ("upper(left(Code, 2))", Kind.TEXT, Kind.TEXT, set(), {"Code"}),
    ],
)
def test_columns_are_read_as_they_are_used(
    text: str, wanted: Kind, kind: Kind, numbers: set[str], texts: set[str]
) -> None:
    found = formula(text, wanted)
    assert (found.kind, found.numbers, found.texts) == (kind, numbers, texts)


@pytest.mark.parametrize(
    "text",
    [
        "read_text('/etc/passwd')",
        "(select 1)",
        "a from t",
        "a, b",
        "*",
        "t.a",
        "a +",
        "date_trunc('day', a)",
        "cast(a as int)",
        "sum(a)",
        "a over ()",
        "getenv('HOME')",
        "a in (select b from c)",
        "regexp_replace(a, 'x', 'y')",
        ":as_of",
        "a where true",
        "upper(a) + 1",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        formula(text, Kind.NUMBER)


def test_a_refusal_names_what_is_allowed() -> None:
    with pytest.raises(FormulaError) as caught:
        formula("sum(a)", Kind.NUMBER)
    assert f"SUM(a) is not allowed; allowed: {', '.join(ALLOWED)}" in str(caught.value)
