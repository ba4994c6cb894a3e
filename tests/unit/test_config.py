"""Settings: what overrides what, and every mistake said at once with the nearest right word."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from clientela.config import Database, database_url, load, user, workspace_folder
from clientela.errors import ConfigurationError, WorkspaceError

COMPANY = '[company]\nname = "Corner Shop"\ncurrency = "EUR"\ntimezone = "Europe/Madrid"\n'
SOURCE = """
[[source]]
name = "shop"
table = "order_line"
path = "exports/orders-*.csv"
delivery = "upsert"
format = { delimiter = ";", decimal = ",", date = "%d/%m/%Y", encoding = "cp1252" }
[source.columns]
order_id = "InvoiceNo"
net_revenue = { expr = "Quantity * UnitPrice" }
[source.constants]
channel = "web"
tax = 0
"""


def written(folder: Path, text: str) -> Path:
    (folder / "clientela.toml").write_text(text, encoding="utf-8")
    return folder


def problems(folder: Path, text: str, environ: dict[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        load(written(folder, text), environ or {})
    return caught.value.problems


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    settings = load(written(tmp_path, COMPANY + SOURCE + "[analysis.churn-risk]\nhorizon = 1.5\n"), {})
    (source,) = settings.sources
    assert (settings.company.name, settings.company.lapse_days) == ("Corner Shop", None)
    assert (source.delivery, source.known, source.keys_from, source.format.decimal) == ("upsert", None, "shop", ",")
    assert source.columns["order_id"] == "InvoiceNo"
    assert source.columns["net_revenue"].expr == "Quantity * UnitPrice"  # type: ignore[union-attr]  # an Expression
    assert source.constants == {"channel": "web", "tax": 0}
    assert settings.analysis == {"churn-risk": {"horizon": 1.5}}
    assert (settings.run.horizon_days, settings.run.max_bad, settings.run.keep_snapshots) == (92, 0.01, 3)


def test_the_call_beats_the_environment_beats_the_file_beats_the_default(tmp_path: Path) -> None:
    folder = written(tmp_path, COMPANY + "[run]\nthreads = 1\nhorizon_days = 30\nkeep_snapshots = 5\n")
    environ = {"CLIENTELA_RUN__THREADS": "2", "clientela_run__horizon_days": "60", "CLIENTELA_WORKSPACE": "elsewhere"}
    run = load(folder, environ, overrides={"run": {"threads": 4}}).run
    assert (run.threads, run.horizon_days, run.keep_snapshots, run.max_bad) == (4, 60, 5, 0.01)


def test_settings_are_frozen(tmp_path: Path) -> None:
    settings = load(written(tmp_path, COMPANY), {})
    with pytest.raises(ValidationError):
        settings.company = None  # type: ignore[assignment]  # the point of the test
    with pytest.raises(ValidationError):
        settings.run.threads = 3


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    text = """
[compny]
[company]
currency = "euro"
timezone = "Europe/Madird"
[[source]]
name = "shop"
table = "order_line"
path = "a.csv"
delivry = "upsert"
delivery = "upsrt"
format = { delimeter = ";", decimal = "x" }
[source.columns]
order_id = 3
net_revenue = { exp = "a" }
[run]
threads = 0
memory_limit = "lots"
"""
    assert problems(tmp_path, text) == (
        "[company]: 'name' is missing",
        "[company]: currency = 'euro' is not understood; write its three letters, for example \"EUR\"",
        "[company]: timezone: unknown time zone 'Europe/Madird'; write it as Area/City, "
        "for example Europe/Madrid, or UTC",
        "[[source]] 'shop': delivery = 'upsrt' is not allowed; known: 'append', 'full', 'upsert'. "
        "Did you mean 'upsert'?",
        "[[source]] 'shop', format: decimal = 'x' is not allowed; known: ',', '.'.",
        "[[source]] 'shop', format: unknown key 'delimeter'; known: 'date', 'decimal', 'delimiter', 'encoding', "
        "'header', 'kind', 'member', 'quote', 'sheet', 'skip'. Did you mean 'delimiter'?",
        "[[source]] 'shop', columns: 'order_id' must be a column's name or { expr = \"…\" }",
        "[[source]] 'shop', columns: 'net_revenue' must be a column's name or { expr = \"…\" }",
        "[[source]] 'shop': unknown key 'delivry'; known: 'columns', 'constants', 'database', 'delivery', 'format', "
        "'fresh_within', 'join', 'keys_of', 'known', 'max_bad', 'name', 'owner', 'path', 'table', 'timezone'. "
        "Did you mean 'delivery'?",
        "[run]: threads: should be greater than or equal to 1",
        "[run]: memory_limit = 'lots' is not understood; write it as \"2GB\"",
        "clientela.toml: unknown key 'compny'; known: 'analysis', 'backup', 'company', 'cost_pool', 'cube', "
        "'identity', 'measure', 'quality', 'run', 'schedule', 'segment', 'serve', 'source'. Did you mean 'company'?",
    )


def test_a_wrong_variable_is_named(tmp_path: Path) -> None:
    environ = {"CLIENTELA_RUM__THREADS": "1", "CLIENTELA_RUN__HORIZON": "3", "OTHER__X": "1"}
    assert problems(tmp_path, COMPANY, environ) == (
        "the environment sets CLIENTELA_RUM__THREADS, but there is no section 'rum'; known: 'analysis', 'backup', "
        "'company', 'cost_pool', 'cube', 'identity', 'measure', 'quality', 'run', 'schedule', 'segment', 'serve', "
        "'source'. Did you mean 'run'?",
        "[run]: unknown key 'horizon'; known: 'horizon_days', 'keep_snapshots', 'max_bad', 'memory_limit', "
        "'origin_sample', 'threads', 'without'. Did you mean 'horizon_days'?",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[company\n", "is not valid TOML"),
        (COMPANY.replace("Corner", "Corn\x00er"), "is not valid TOML"),
        ("", "'company' is missing; start the file with [company]"),
        (COMPANY + "[analysis.x]\ny = [1]\n", "[analysis.x]: 'y' must be a text, a number, true or false"),
        (COMPANY + SOURCE.replace('delivery = "upsert"\n', ""), "'delivery' is missing; say \"append\" (new rows)"),
        (COMPANY + SOURCE.replace('"shop"', '"a/b"'), "the name of a system does not begin with a point"),
        (COMPANY + SOURCE.replace('delimiter = ";"', 'delimiter = ";;"'), "must be one plain character, not ';;'"),
        (COMPANY + SOURCE + SOURCE.replace("upsert", "full"), "disagree on delivery ('upsert' and 'full')"),
        (
            COMPANY + SOURCE + '[identity]\nbelieve = ["shpo"]\n',
            "unknown system 'shpo'; known: 'shop'. Did you mean 'shop'?",
        ),
        (COMPANY + SOURCE + SOURCE, "two [[source]] of 'shop' for table 'order_line' have path 'exports/orders-*.csv'"),
    ],
)
def test_a_mistake_is_said_in_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(written(tmp_path, text), {})
    assert said in str(caught.value)


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "clientela.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(ConfigurationError, match=r"is not UTF-8 text \(byte 6\)"):
        load(tmp_path, {})


def test_the_workspace_is_the_option_then_the_variable_then_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [tmp_path / name for name in ("option", "variable", "current")]
    for folder in folders:
        folder.mkdir()
        written(folder, COMPANY)
    monkeypatch.chdir(folders[2])
    environ = {"CLIENTELA_WORKSPACE": str(folders[1])}
    assert workspace_folder(folders[0], environ) == folders[0]
    assert workspace_folder(None, environ) == folders[1]
    assert workspace_folder(None, {}) == folders[2]
    assert workspace_folder(tmp_path / "new", {}, must_exist=False) == tmp_path / "new"


def test_a_folder_that_the_engine_cannot_open_is_refused_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "who?"
    folder.mkdir()
    written(folder, COMPANY)
    with pytest.raises(ConfigurationError, match=r"who\? has a '\?' in its path.* rename that folder"):
        workspace_folder(folder, {})
    with pytest.raises(ConfigurationError, match="rename that folder"):
        workspace_folder(folder / "new", {}, must_exist=False)


def test_a_folder_that_is_no_workspace_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"is not a workspace: .* `clientela init .*`, .* -w FOLDER"):
        workspace_folder(tmp_path, {})
    with pytest.raises(WorkspaceError, match="is not a workspace"):
        load(tmp_path, {})


SHOP = (
    COMPANY
    + """
[[source]]
name = "shop"
table = "order_line"
delivery = "upsert"
"""
)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("", "[[source]] 'shop': say where its rows are: either path or database"),
        (
            'path = "a.csv"\ndatabase = { url_from = "SHOP_URL", table = "orders" }',
            "[[source]] 'shop': say where its rows are: either path or database",
        ),
        ('database = { url_from = "SHOP_URL" }', "[[source]] 'shop', database: say either table or query"),
        (
            'path = "a.csv"\nfresh_within = "soon"',
            "[[source]] 'shop': fresh_within: 'soon' is no length of time; write a number and hours, days or weeks: "
            '"2 days"',
        ),
    ],
)
def test_a_source_says_where_its_rows_are(tmp_path: Path, said: str, problem: str) -> None:
    assert problems(tmp_path, SHOP + said) == (problem,)


def test_the_url_of_a_database_comes_from_the_environment() -> None:
    database = Database(url_from="SHOP_URL", table="orders")
    assert database_url(database, {"SHOP_URL": "sqlite://"}) == "sqlite://"
    with pytest.raises(ConfigurationError, match="SHOP_URL is not set"):
        database_url(database, {})


def test_who_decides_is_the_user_of_the_operating_system() -> None:
    assert user({"LOGNAME": "ana", "USER": "ben"}) == "ana"
    assert user({"USER": "ben"}) == "ben"
    assert user({}) != ""
