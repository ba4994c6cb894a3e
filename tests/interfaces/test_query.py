"""`clientela query`: figures as the company sees them, and as one person of it does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import clientela
from clientela.cli.app import run as command
from clientela.errors import NOT_PERMITTED, QueryError
from clientela.workspace import create
from tests.interfaces.marked import marked

Call = Callable[..., tuple[int, str, str]]
ORDERS = """\
order_id,customer_ref,ordered_at,product_id,net_revenue,territory_id,channel
1,a,2024-01-05,p1,100,madrid,store
2,a,2024-02-05,p2,50,madrid,web
3,b,2024-02-06,p1,30,bilbao,store
4,c,2024-02-07,p1,7,,web
5,b,2024-03-08,p2,20,bilbao,=web
6,,2024-03-09,p2,3,roma,store
"""
PRODUCTS = "product_id,name,category\np1,Hoe,Garden\np2,Pan,Kitchen\n"
PLACES = """\
territory_id,name,level,parent_id
spain,Spain,nation,
italy,Italy,nation,
madrid,Madrid,district,spain
bilbao,Bilbao,district,spain
roma,Roma,district,italy
"""
SOURCES = """
[[source]]
name = "shop"
table = "order_line"
path = "orders.csv"
delivery = "upsert"
[[source]]
name = "shop"
table = "product"
path = "products.csv"
delivery = "full"
[[source]]
name = "shop"
table = "territory"
path = "places.csv"
delivery = "full"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("company") / "w"
    create(made, name="Corner Shop", currency="EUR", timezone="Europe/Madrid")
    for name, said in (("orders", ORDERS), ("products", PRODUCTS), ("places", PLACES)):
        (made / f"{name}.csv").write_text(said, encoding="utf-8")
    toml = made / "clientela.toml"
    toml.write_text(toml.read_text("utf-8") + SOURCES, encoding="utf-8")
    clientela.open(made).run(now=datetime(2024, 4, 1, 8, tzinfo=UTC))
    grants = {
        "lucia": [("manager", "--territory", "spain")],
        "berta": [("manager", "--territory", "bilbao"), ("marketing", "--product-line", "Garden")],
        "enzo": [("manager",)],
        "greta": [("executive",)],
        "noor": [("statistician",)],
    }
    for name, held in grants.items():
        assert command(["user", "add", name, "-w", str(made)]) == 0
        for role, *limits in held:
            assert command(["user", "grant", name, "--role", role, *limits, "-w", str(made)]) == 0
    return made


@pytest.fixture
def call(folder: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    def called(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = command([*arguments, "-w", str(folder)])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return called


def rows(answer: tuple[int, str, str]) -> Any:
    assert answer[0] == 0, answer
    return json.loads(answer[1])["rows"]


def test_a_grant_is_not_limited_to_what_is_not_there(call: Call) -> None:
    for option, value, kind in (("--territory", "bilbo", "territory"), ("--product-line", "Gardn", "product line")):
        code, _, err = call("user", "grant", "enzo", "--role", "manager", option, value)
        assert code == 2
        assert f"unknown {kind} '{value}'" in err
    assert len(json.loads(call("user", "show", "enzo", "--json")[1])["grants"]) == 1


def test_a_grant_is_limited_to_whatever_is_there_however_a_product_line_is_named(call: Call, folder: Path) -> None:
    assert call("user", "add", "pia")[0] == 0
    for line in ("product:p2", "category:Garden", "Kitchen"):
        assert call("user", "grant", "pia", "--role", "manager", "--product-line", line)[0] == 0, line
    assert json.loads(call("query", "revenue", "--as", "pia", "--json")[1])["rows"] == [["210.0000"]]
    code, _, err = call("user", "grant", "pia", "--role", "manager", "--product-line", "product:p9")
    assert (code, "unknown product line 'product:p9'" in err) == (2, True)
    unlike = ("user", "grant", "pia", "--role", "manager", "--product-line", "brand:p9")
    assert call(*unlike)[0] == 0, "no brand was delivered, so none can be told from a slip"


def test_figures_are_a_table_with_a_total(call: Call) -> None:
    code, out, _ = call("query", "revenue", "customers", "--by", "month", "category", "--where", "channel != 'web'")
    assert code == 0
    assert [line.split() for line in out.splitlines()[3:]] == [
        ["Jan", "2024", "Garden", "€100.00", "1"],
        ["Feb", "2024", "Garden", "€30.00", "1"],
        ["Mar", "2024", "Kitchen", "€23.00", "1"],
        ["--------", "--------", "-------", "---------"],
        ["Total", "€153.00", "2"],
    ]


def test_names_may_stand_with_commas_between_them(call: Call) -> None:
    apart = call("query", "revenue", "customers", "--by", "month", "category", "--json")
    for said in (
        ("revenue,customers", "--by", "month,category"),
        ("revenue,", "customers", "--by", "month, category"),
        ("revenue,customers,month,category",),
    ):
        assert call("query", *said, "--json") == apart, said
    assert apart[0] == 0
    code, _, err = call("query", "revenue", "--by", ",")
    assert (code, "unknown" in err) == (2, True)


def test_a_document_has_figures_as_exact_text_and_says_as_of_when(call: Call) -> None:
    told = json.loads(call("query", "revenue", "quarter", "--json")[1])
    assert told["rows"] == [["2024-01-01", "210.0000"]]
    assert told["as_of"] == "2024-03-10"
    assert [column["name"] for column in told["columns"]] == ["quarter", "revenue"]


def test_quarters_weeks_and_years_are_named(call: Call) -> None:
    assert "Q1 2024" in call("query", "revenue", "quarter")[1]
    assert "T1 2024" in call("query", "revenue", "quarter", "--lang", "es")[1]
    assert "2024-W01" in call("query", "revenue", "week")[1]


def test_a_period_stands_beside_the_one_before(call: Call) -> None:
    told = rows(call("query", "revenue", "month", "--compare", "previous", "--json"))
    assert [row[1:] for row in told] == [
        ["100.0000", "0.0000", None], ["87.0000", "100.0000", "-0.130000"], ["23.0000", "87.0000", "-0.735632"]
    ]  # fmt: skip


def test_the_top_has_all_others_below_it(call: Call) -> None:
    told = rows(call("query", "revenue", "customers", "territory", "--top", "1", "--json"))
    assert told == [["Madrid", "150.0000", 1], ["All others", "60.0000", 2]]


def test_a_nation_s_manager_sees_it_with_the_customers_at_home_there(call: Call) -> None:
    assert rows(call("query", "revenue", "--json", "--as", "lucia")) == [["200.0000"]]
    assert rows(call("query", "revenue", "nation", "--json", "--as", "lucia")) == [["Spain", "200.0000"]]


def test_two_grants_are_united_and_columns_of_one_are_not_seen_through_the_other(call: Call) -> None:
    # Bilbao, and of the whole company what is of the garden
    assert rows(call("query", "revenue", "--json", "--as", "berta")) == [["157.0000"]]
    # marketing sees no margin: of the garden, Bilbao's alone
    assert rows(call("query", "revenue_with_cost", "revenue", "--json", "--as", "berta"))[0][1] == "157.0000"
    code, _, err = call("query", "margin", "--as", "berta", "--where", "territory = 'Madrid'")
    assert (code, err) == (0, "")
    assert rows(call("query", "revenue", "category", "--json", "--as", "berta")) == [
        ["Garden", "137.0000"], ["Kitchen", "20.0000"]
    ]  # fmt: skip


def test_a_role_without_a_limit_that_shows_what_is_granted_shows_nothing(call: Call) -> None:
    code, out, err = call("query", "revenue", "--as", "enzo")
    assert (code, out) == (6, "")
    assert err == ("clientela: 'enzo' holds no role that shows anything. Next: clientela user grant NAME --role ROLE\n")


def test_an_executive_sees_every_figure(call: Call) -> None:
    assert rows(call("query", "revenue", "--json", "--as", "greta")) == [["210.0000"]]


def test_a_company_s_own_role_takes_the_place_of_a_ready_made_one(call: Call, folder: Path) -> None:
    own = folder / "policy.toml"
    own.write_text('[roles.executive]\nrows = "everything"\ncolumns = ["*"]\nmeasures = ["orders"]\n')
    try:
        assert rows(call("query", "orders", "--json", "--as", "greta")) == [[6]]
        code, _, err = call("query", "revenue", "--as", "greta")
        assert code == 6
        assert err.startswith("clientela: 'revenue' is not among the figures you may see")
        own.write_text('[roles.executive]\nrows = "all"\n')
        assert call("query", "orders", "--as", "greta")[0] == 3
    finally:
        own.unlink()


def test_a_file_has_all_rows_and_no_cell_that_a_spreadsheet_computes(call: Call, tmp_path: Path) -> None:
    out = tmp_path / "figures.csv"
    assert call("query", "revenue", "channel", "--csv", str(out)) == (0, "", f"Wrote {out}.\n")
    told = out.read_text("utf-8-sig").splitlines()
    assert told[0] == "Channel,Revenue (EUR)"
    assert "'=web,20.0000" in told or "'=web,20" in told, told


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["revenu"], 2, "unknown measure 'revenu'; "),
        (["revenue", "--by", "color"], 2, "unknown dimension 'color'; "),
        (["revenue", "--where", "channel = 3"], 2, "'channel' is a text: put quotes around 3."),
        (["revenue", "--where", "channel = 'web' order by 1"], 2, "it is more than a condition."),
        (["month"], 2, "a question needs at least one measure."),
        (["revenue", "--compare", "before"], 2, "compare takes 'previous' or 'last-year', not 'before'."),
        (["revenue", "--known-at", "soon"], 2, "'soon' is no moment; write --known-at"),
        (["revenue", "--known-at", "2030-01-01"], 2, "is not known yet: the knowledge base was built at"),
        (["revenue", "--as", "nobody"], 2, "unknown user 'nobody'; known: 'berta'"),
        (["revenue", "--lang", "xx"], 2, "language 'xx' is not offered"),
        (["revenue", "--csv", "/nowhere/there.csv"], 2, "/nowhere/there.csv cannot be written: No such file"),
    ],
)
def test_a_mistake_is_one_sentence(call: Call, arguments: list[str], code: int, said: str) -> None:
    answer = call("query", *arguments)
    assert answer[0] == code, answer
    assert said in answer[2]
    assert answer[2].count("\n") == 1


def test_without_a_name_it_lists_what_can_be_counted_and_by_what(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = call("query")
    assert code == 0
    assert "  win_rate " in out
    assert "  severity " in out
    told = json.loads(call("query", "--json")[1])
    assert len(told["measure"]) > 100
    month = next(each for each in told["dimension"] if each["name"] == "month")
    assert (month["label"], month["unit"], month["seen_by"]) == ("Month", "date", [])
    marked(monkeypatch)
    lines = call("query", "--lang", "es")[1].splitlines()
    assert (lines[0], lines[-1][:10]) == ("«What can be counted:»", "«Such as: ")
    assert "«By what it can be seen:»" in lines


def number_of(call: Call, territory: str, revenue: str) -> str:
    told = rows(call("query", "revenue", "customer", "--where", f"territory = '{territory}'", "--json"))
    return next(str(row[0]) for row in told if row[1] == revenue)


def test_it_is_told_why_somebody_sees_a_customer(call: Call) -> None:
    of_madrid, of_bilbao = number_of(call, "Madrid", "150.0000"), number_of(call, "Bilbao", "50.0000")
    told = json.loads(call("grant", "why", "lucia", "--customer", of_madrid, "--json")[1])
    assert told["shows"]
    assert told["home"] == ["madrid", "spain"]
    assert told["grants"][0]["because"] == "at home in madrid, which lies in spain"
    code, out, _ = call("grant", "why", "berta", "--customer", of_madrid)
    assert code == 0
    assert out.startswith(f"berta does not see customer {of_madrid}.\n")
    assert "- manager (territory bilbao): at home in madrid, which does not lie in bilbao." in out
    assert "- marketing (category Garden): a product line shows order lines" in out
    seen = call("grant", "why", "berta", "--customer", of_bilbao)[1]
    assert seen.startswith("berta sees customer")
    assert "It shows every column, personal data too, but not *.tax_id and *.birth_date; every measure." in seen
    assert "sees the whole company" in call("grant", "why", "greta", "--customer", of_bilbao)[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody", "--customer", "1"], "unknown user 'nobody'"),
        (["lucia", "--customer", "x"], "'x' is no customer's number"),
        (["lucia", "--customer", "12"], "there is no customer 12"),
    ],
)
def test_who_or_what_is_not_there_is_one_sentence(call: Call, arguments: list[str], said: str) -> None:
    answer = call("grant", "why", *arguments)
    assert answer[0] == 2, answer
    assert said in answer[2]


def test_the_roles_are_listed_with_the_company_s_own(call: Call, folder: Path) -> None:
    own = folder / "policy.toml"
    own.write_text('[roles.guest]\ndescription = "Looks."\nrows = "granted"\nmeasures = ["orders"]\n')
    try:
        code, out, _ = call("grant", "roles")
        assert code == 0
        assert "Looks. (policy.toml)" in out
        told = json.loads(call("grant", "roles", "--json")[1])
        assert {each["name"] for each in told["roles"]} >= {"executive", "manager", "guest"}
    finally:
        own.unlink()


def test_an_answer_is_within_what_one_may_see(call: Call) -> None:
    whole = json.loads(call("ask", "sales-trend", "--json", "--as-of", "2024-02-19")[1])
    theirs = json.loads(call("ask", "sales-trend", "--json", "--as-of", "2024-02-19", "--as", "berta")[1])
    assert whole["headline"]
    assert theirs["headline"]
    assert whole["table"] != theirs["table"]
    assert call("ask", "sales-trend", "--as", "enzo")[0] == 6


def entries(call: Call, action: str) -> list[dict[str, Any]]:
    told = json.loads(call("audit", "list", "--action", action, "--json")[1])
    found: list[dict[str, Any]] = told["entries"]
    return found


def test_sql_runs_over_the_published_tables_as_somebody_sees_them(call: Call) -> None:
    whole = "select territory_id, sum(net_revenue) as r from order_line where territory_id > '' group by 1 order by 1"
    assert rows(call("sql", whole, "--json")) == [["bilbao", "50.0000"], ["madrid", "150.0000"], ["roma", "3.0000"]]
    assert rows(call("sql", whole, "--json", "--as", "lucia")) == [["bilbao", "50.0000"], ["madrid", "150.0000"]]
    code, out, err = call("sql", "select kind, cost_of_goods from order_line limit 1", "--as", "berta", "--show")
    assert code == 0
    assert out.splitlines()[0].split() == ["kind", "cost_of_goods"]
    assert "territory_id IN (SELECT UNNEST(" in err
    assert "Null where 'berta' may not see it: order_line.cost_of_goods" in err


@pytest.mark.parametrize(
    ("said", "code", "expected"),
    [
        ("select * from read_csv('/etc/passwd')", 2, "may not stand in a query"),
        ("copy order_line to '/tmp/x'", 2, "one select, and nothing else"),
        ("select nothing from order_line", 2, "unknown column 'nothing'; known: "),
        ("select order_id, net_revenu from order_line", 2, "Did you mean 'net_revenue'?"),
        ("select o.chanel from order_line as o", 2, "unknown column 'chanel'"),
        ("with t as (select net_revenue as r from order_line) select rr from t", 2, "unknown column 'rr'"),
        ("select p.name from order_line as o join product as p using (produkt_id)", 2, "unknown column 'produkt_id'"),
        ("select zz.channel from order_line", 2, 'the query cannot run: referenced table "zz" not found'),
        (
            "select channel, sum(net_revenue) from order_line",
            2,
            'the query cannot run: column "channel" must appear in the GROUP BY clause',
        ),
        ("select cast(channel as date) from order_line", 2, "the query failed"),
        ("select full_name from people.customer", 6, "cannot be seen"),
    ],
)
def test_sql_that_may_not_run_is_one_sentence(call: Call, said: str, code: int, expected: str) -> None:
    answer = call("sql", said, "--as", "greta")
    assert answer[0] == code, answer
    assert expected in answer[2]
    assert "Binder" not in answer[2]
    assert "store" not in answer[2], "what stands in a row is told by no message"
    assert answer[2].count("\n") == 1


def test_a_look_at_personal_data_is_entered_before_it_is_shown(call: Call) -> None:
    before = len(entries(call, "personal.read"))
    assert call("sql", "select full_name from people.customer", "--purpose", "annual-review")[0] == 0
    last = entries(call, "personal.read")
    assert len(last) == before + 1
    entry = max(last, key=lambda each: each["entry"])
    assert entry["purpose"] == "annual-review"
    assert entry["objects"] == ["table:customer"]
    assert entry["counts"] == {"rows": 3}
    assert call("sql", "select full_name from people.customer", "--purpose", "Ana Díaz")[0] == 2
    assert len(entries(call, "personal.read")) == before + 1


def test_figures_that_leave_as_a_file_are_entered(call: Call, tmp_path: Path) -> None:
    before = len(entries(call, "figures.exported"))
    assert call("query", "revenue", "month", "--csv", str(tmp_path / "x.csv"))[0] == 0
    entry = max(entries(call, "figures.exported"), key=lambda each: each["entry"])
    assert len(entries(call, "figures.exported")) == before + 1
    assert (entry["counts"], entry["objects"]) == ({"rows": 3}, ["column:month", "column:revenue"])


def test_a_new_policy_is_a_version_in_the_log_when_it_first_decides(call: Call, folder: Path) -> None:
    own = folder / "policy.toml"
    own.write_text('[roles.visitor]\nrows = "everything"\nmeasures = ["orders"]\n')
    before = len(entries(call, "policy.recorded"))
    try:
        for _ in range(2):
            assert call("query", "orders", "--as", "greta")[0] == 0
        assert len(entries(call, "policy.recorded")) == before + 1
        assert call("audit", "verify")[0] == 0
    finally:
        own.unlink()


@pytest.mark.slow
def test_a_query_without_end_is_ended_with_its_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from time import monotonic

    from clientela.pipeline.asking import typed
    from clientela.pipeline.asking.watched import Look

    tables = ", ".join(f"order_line as t{place}" for place in range(24))
    endless = f"select count(*) from {tables} where t0.net_revenue > t1.net_revenue"  # noqa: S608 -- hostile on purpose
    look = Look(login="test", now=datetime(2024, 4, 1, tzinfo=UTC))
    begun = monotonic()
    with pytest.raises(QueryError, match="took longer than 2 seconds"):
        typed.run_sql(folder, endless, look=look, seconds=2)
    assert monotonic() - begun < 10  # the time that its start and the snapshot take is not the query's


def test_who_sees_figures_of_many_only_is_told_what_is_hidden(call: Call, tmp_path: Path) -> None:
    out = tmp_path / "hidden.csv"
    code, said, _ = call("query", "revenue", "--by", "month", "--as", "noor", "--csv", str(out))
    assert code == 0
    assert "hidden" in out.read_text("utf-8-sig")
    code, said, _ = call("query", "revenue", "--by", "month", "--as", "noor")
    assert "fewer than 10 customers" in " ".join(said.split())
    told = json.loads(call("query", "revenue", "--by", "month", "--as", "noor", "--json")[1])
    assert {row[1] for row in told["rows"]} == {None}
    assert told["total"] == [None, None]
    assert told["hidden"] == [[-1, 1], [0, 1], [1, 1], [2, 1]]
    assert call("query", "revenue", "--where", "channel = 'web'", "--as", "noor")[0] == NOT_PERMITTED
    assert call("query", "revenue", "--as-of", "2024-02-01", "--as", "noor")[0] == NOT_PERMITTED
