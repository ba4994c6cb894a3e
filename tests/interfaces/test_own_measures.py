"""A company's own measures and its fiscal year, as one meets them: in `clientela query`, Python, and for one person."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import clientela
from clientela.cli.app import run as command
from clientela.errors import CONFIGURATION, NOT_PERMITTED, USAGE
from clientela.workspace import create

Call = Callable[..., tuple[int, str, str]]
# Moments in UTC at the edges of days in Madrid: of the year, of summer time on both sides, of the fiscal year.
ORDERS = """\
order_id,customer_ref,ordered_at,product_id,net_revenue,channel
1,a,2023-12-31T22:30:00,wine,1,web
2,a,2023-12-31T23:30:00,wine,2,web
3,b,2024-03-30T23:30:00,soap,4,store
4,b,2024-03-31T21:59:00,wine,8,store
5,c,2024-03-31T22:00:00,soap,16,web
6,c,2024-10-26T22:30:00,wine,32,store
7,a,2024-10-27T22:59:00,wine,64,web
8,a,2024-10-27T23:00:00,soap,128,web
"""
SOURCES = """
[[source]]
name = "shop"
table = "order_line"
path = "orders.csv"
delivery = "upsert"
timezone = "UTC"
[[source]]
name = "shop"
table = "product"
path = "products.csv"
delivery = "full"

[measure.wine_revenue]
fact = "order_line"
aggregate = "sum"
of = "net_revenue"
where = "is_revenue and product.category = 'Drinks'"
owner = "Purchasing"
label = { en = "Wine revenue", es = "Ingresos de vino", it = "Ricavi del vino", nl = "Wijnomzet" }
description = { en = "Revenue of drinks." }

[measure.wine_share]
ratio = "wine_revenue / revenue"
"""
POLICY = """
[roles.buyer]
rows = "everything"
columns = ["*"]
measures = ["wine*", "revenue"]
[roles.no-category]
rows = "everything"
columns = ["*", "!product.category"]
measures = ["*"]
[roles.no-wine]
rows = "everything"
columns = ["*"]
measures = ["*", "!wine_revenue"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("company") / "w"
    create(made, name="Corner Shop", currency="EUR", timezone="Europe/Madrid")
    (made / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (made / "products.csv").write_text("product_id,name,category\nwine,Rioja,Drinks\nsoap,Soap,Home\n")
    toml = made / "clientela.toml"
    said = toml.read_text("utf-8").replace("[company]", '[company]\nfiscal_year_starts = "04-01"', 1)
    toml.write_text(said + SOURCES, encoding="utf-8")
    (made / "policy.toml").write_text(POLICY, encoding="utf-8")
    clientela.open(made).run(now=datetime(2024, 11, 1, 8, tzinfo=UTC))
    for role in ("buyer", "no-category", "no-wine"):
        assert command(["user", "add", f"a-{role}", "-w", str(made)]) == 0
        assert command(["user", "grant", f"a-{role}", "--role", role, "-w", str(made)]) == 0
    return made


@pytest.fixture
def call(folder: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    def called(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = command([*arguments, "-w", str(folder)])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return called


def rows(answer: tuple[int, str, str]) -> list[list[object]]:
    assert answer[0] == 0, answer
    return json.loads(answer[1])["rows"]


def test_own_measures_are_asked_for_as_built_in_ones_are(call: Call, folder: Path) -> None:
    told = rows(call("query", "wine_revenue", "wine_share", "--by", "channel", "--json"))
    assert told == [["store", "40.0000", "0.909091"], ["web", "67.0000", "0.317536"]]
    assert clientela.open(folder).query("wine_revenue").table.rows[0][0] == 107


def test_days_and_fiscal_periods_begin_where_the_clocks_of_madrid_say(call: Call) -> None:
    told = rows(call("query", "revenue", "--by", "day", "fiscal_year", "--json"))
    assert [(row[0], row[1], float(str(row[2]))) for row in told] == [
        ("2023-12-31", "2023-04-01", 1),
        ("2024-01-01", "2023-04-01", 2),
        ("2024-03-31", "2023-04-01", 12),  # the day on which it is an hour shorter
        ("2024-04-01", "2024-04-01", 16),
        ("2024-10-27", "2024-04-01", 96),  # the day on which it is an hour longer
        ("2024-10-28", "2024-04-01", 128),
    ]
    assert rows(call("query", "revenue", "--by", "week", "--where", "week = '2024-W01'", "--json")) == [
        ["2024-01-01", "2.0000"]
    ]


def test_fiscal_periods_are_named_in_tables_documents_and_filters(call: Call) -> None:
    out = call("query", "revenue", "--by", "fiscal_quarter", "--compare", "previous")[1]
    assert [line.split()[0] for line in out.splitlines() if line.startswith("FY")] == [
        "FY2024-Q3",
        "FY2024-Q4",
        "FY2025-Q1",
        "FY2025-Q3",
    ]
    told = json.loads(call("query", "revenue", "--by", "fiscal_year", "--where", "day >= 'FY2025'", "--json")[1])
    assert told["columns"][0]["names"] == {"2024-04-01": "FY2025"}
    assert told["rows"] == [["2024-04-01", "240.0000"]]
    code, _, said = call("query", "revenue", "--where", "fiscal_year = 'FY25'")
    assert (code, "'FY25' is no fiscal period" in said) == (USAGE, True)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("Channel", "Wine revenue", "Revenue", "Total")),
        ("es", ("Canal", "Ingresos de vino", "Ingresos", "Total")),
        ("it", ("Canale", "Ricavi del vino", "Ricavi", "Totale")),
        ("nl", ("Kanaal", "Wijnomzet", "Omzet", "Totaal")),
    ],
)
def test_heads_are_said_in_the_language_asked(lang: str, words: tuple[str, ...], call: Call, tmp_path: Path) -> None:
    asked = ("query", "wine_revenue", "revenue", "--by", "channel", "--lang", lang)
    code, out, _ = call(*asked)
    told = " ".join(out.split())
    assert code == 0
    assert words[0] in told
    assert words[3] in told
    assert [column["label"] for column in json.loads(call(*asked, "--json")[1])["columns"]] == list(words[:3])
    assert call(*asked, "--csv", str(tmp_path / "f.csv"))[0] == 0
    heads = (tmp_path / "f.csv").read_text("utf-8-sig").splitlines()[0]
    assert heads == f"{words[0]},{words[1]} (EUR),{words[2]} (EUR)"


def test_a_language_of_figures_alone_is_refused_for_answers_with_where_it_is_offered(call: Call) -> None:
    code, _, said = call("ask", "customer-base", "--lang", "it")
    assert code == USAGE
    assert said == "clientela: language 'it' is not offered; known: 'en', 'es'; `clientela query` answers in it.\n"
    assert "language 'fr' is not offered; known: 'en', 'es', 'it', 'nl'." in call("query", "revenue", "--lang", "fr")[2]


def test_own_measures_are_listed_with_who_answers_for_them(call: Call) -> None:
    assert "Revenue of drinks. (Purchasing)" in call("query")[1]
    told = {each["name"]: each for each in json.loads(call("query", "--json", "--lang", "nl")[1])["measure"]}
    assert told["wine_revenue"]["label"] == "Wijnomzet"
    assert told["wine_revenue"]["owner"] == "Purchasing"
    assert told["wine_share"]["of"] == "wine_revenue / revenue"
    assert told["revenue"]["label"] == "Omzet"


def test_a_role_may_name_own_measures_and_what_it_takes_out_takes_them_along(call: Call) -> None:
    assert rows(call("query", "wine_share", "--as", "a-buyer", "--json")) == [["0.419608"]]
    for user, name in (("a-no-category", "wine_revenue"), ("a-no-category", "wine_share"), ("a-no-wine", "wine_share")):
        code, _, said = call("query", name, "--as", user)
        assert (code, f"'{name}' is not among the figures you may see" in said) == (NOT_PERMITTED, True)
    assert rows(call("query", "revenue", "--as", "a-no-category", "--json")) == [["255.0000"]]


def test_a_policy_that_names_an_unknown_measure_says_so(call: Call, folder: Path) -> None:
    path = folder / "policy.toml"
    path.write_text(POLICY.replace("wine*", "whine*"), encoding="utf-8")
    try:
        code, _, said = call("query", "revenue", "--as", "a-buyer")
    finally:
        path.write_text(POLICY, encoding="utf-8")
    assert code == CONFIGURATION
    assert "'whine*' in measures of [roles.buyer] fits no measure there is" in said


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('fact = "order_line"\naggregate = "median"\nof = "net_revenue"', "aggregate = 'median' is not allowed"),
        ('fact = "order_line"\nagregate = "sum"', "unknown key 'agregate'; known:"),
        ('fact = "order_line"\nof = "net_revenue"', "say how it is counted"),
        ('ratio = "revenue / orders"\nfact = "order_line"', "fact and ratio is said"),
        ('ratio = "revenue / orders"\nwhere = "is_sale"', "where belongs to a measure that is counted on a fact"),
        ('ratio = "revenue / orders"\nlabel = { fr = "x" }', "unknown language 'fr'; known: en, es, it, nl"),
        ('fact = "order_line"\naggregate = "sum"\nof = "net_revenu"', "Did you mean 'net_revenue'?"),
        ('fact = "order_line"\naggregate = "sum"\nof = "(select 1)"', "is not allowed; allowed are"),
    ],
)
def test_a_mistake_in_the_settings_is_one_sentence_with_its_place(
    wrong: str, said: str, call: Call, folder: Path
) -> None:
    path = folder / "clientela.toml"
    before = path.read_text("utf-8")
    path.write_text(f"{before}\n[measure.mine]\n{wrong}\n", encoding="utf-8")
    try:
        code, _, told = call("query", "revenue")
    finally:
        path.write_text(before, encoding="utf-8")
    assert code == CONFIGURATION
    assert told.startswith("clientela: clientela.toml cannot be used: [measure.mine]: ")
    assert said in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("start", ["4", "04", "4-1", "13-01", "02-30", "04-28", "april"])
def test_a_fiscal_year_starts_on_a_day_that_every_month_has(start: str, call: Call, folder: Path) -> None:
    path = folder / "clientela.toml"
    before = path.read_text("utf-8")
    path.write_text(before.replace('"04-01"', f'"{start}"'), encoding="utf-8")
    try:
        code, _, told = call("query", "revenue")
    finally:
        path.write_text(before, encoding="utf-8")
    assert code == CONFIGURATION
    assert f"fiscal_year_starts: '{start}' is no day a fiscal year starts on" in told


def test_a_run_and_the_doctor_find_a_measure_that_is_none_before_anything_is_done(call: Call, folder: Path) -> None:
    path = folder / "clientela.toml"
    before = path.read_text("utf-8")
    path.write_text(f'{before}\n[measure.mine]\nratio = "revenue / nothing"\n', encoding="utf-8")
    said = "[measure.mine]: ratio = 'revenue / nothing': unknown measure 'nothing'"
    try:
        ran, doctor = call("run"), call("doctor")
    finally:
        path.write_text(before, encoding="utf-8")
    assert ran[0] == CONFIGURATION
    assert said in ran[2]
    assert said in doctor[1] + doctor[2]
