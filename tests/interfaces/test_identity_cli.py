"""`clientela identity` on a small company of two systems: look, find, decide, take back."""

from __future__ import annotations

import csv
import json
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import clientela
from clientela.cli.app import run
from clientela.warehouse.journal import JsonLines
from clientela.warehouse.store import lock
from clientela.workspace import create
from tests.interfaces.marked import marked
from tests.pipeline.company import NOW

SETTINGS = """
[[source]]
name = "crm"
table = "customer_record"
path = "exports/crm.csv"
delivery = "full"

[[source]]
name = "shop"
table = "customer_record"
path = "exports/shop.csv"
delivery = "full"

[[source]]
name = "shop"
table = "order_line"
path = "exports/orders.csv"
delivery = "upsert"

[identity]
join_above = 0.999999
ask_above = 0.2
largest = 4
"""
PERSON = ("record_id", "first_name", "last_name", "email", "phone", "birth_date", "postal_code", "city", "country",
          "created_at")  # fmt: skip
LINE = ("order_id", "line_no", "customer_ref", "ordered_at", "product_id", "quantity", "net_revenue", "cost_of_goods")
CRM = """
1,Francisco,García Pérez,paco@gmail.com,+34 600 123 456,1980-03-01,28013,Madrid,ES,2020-01-05
2,Ana,López,ana.lopez@gmail.com,+34 600 222 333,1975-11-20,46001,Valencia,ES,2020-02-05
3,Giulia,Rossi,giulia@libero.it,,1990-07-07,00184,Roma,IT,2020-03-05
4,John,Smith,john@yahoo.co.uk,,,SW1A 1AA,London,GB,2020-03-06
5,Marta,Vidal,=1+1,,,08012,Barcelona,ES,2020-03-06
"""
SHOP = """
88,Paco,Garcia Perez,,600123456,1980-03-07,28013,Madrid,ES,2021-01-05
90,Ana,Lopez,ana.lopez@gmail.com,,1975-11-20,46001,Valencia,ES,2021-02-05
91,Giulia,Rossi,,,1990-07-08,,Roma,IT,2021-03-05
92,Jon,Smith,,,,SW1A 1AA,London,GB,2021-03-06
93,Rosa,Prat,,,,08012,Barcelona,ES,2021-03-06
"""
MONEY = {"88": 10, "90": 20, "91": 900, "92": 40, "93": 50}
ORDERS = [
    (f"{key}-{month}", "1", key, f"2024-0{month}-10 10:00:00", "p1", "1", money, "1")
    for month in range(1, 7)
    for key, money in MONEY.items()
]


def write(path: Path, head: tuple[str, ...], rows: list[Any]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company") / "w"
    create(folder, name="Corner Shop", currency="EUR", timezone="Europe/Madrid")
    (folder / "exports").mkdir()
    toml = folder / "clientela.toml"
    toml.write_text(toml.read_text() + SETTINGS)
    write(folder / "exports" / "crm.csv", PERSON, [line.split(",") for line in CRM.split("\n")[1:-1]])
    write(folder / "exports" / "shop.csv", PERSON, [line.split(",") for line in SHOP.split("\n")[1:-1]])
    write(folder / "exports" / "orders.csv", LINE, ORDERS)
    clientela.open(folder).run(now=NOW)
    return folder


@pytest.fixture
def folder(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "w"))


def said(capsys: pytest.CaptureFixture[str], *words: str, place: Path, code: int = 0) -> Any:
    assert run(["identity", *words, "--json", "-w", str(place)]) == code
    return json.loads(capsys.readouterr().out)


def number(capsys: pytest.CaptureFixture[str], value: str, place: Path) -> str:
    return str(said(capsys, "find", value, place=place)["customer_id"])


def test_what_is_uncertain_is_listed_with_the_most_money_first(published: Path, capsys: Any) -> None:
    assert run(["identity", "review", "-w", str(published)]) == 0
    shown = capsys.readouterr().out
    assert "likely one customer, €5,400 at stake" in shown.split("2. ")[0]
    assert "crm:3" in shown.split("2. ")[0]
    assert "before comparing" in shown
    assert max(map(len, shown.splitlines())) <= 100
    assert run(["identity", "review", "--limit", "9" * 21, "-w", str(published)]) == 0
    assert capsys.readouterr().out == shown


def test_a_review_is_a_document_too(published: Path, capsys: Any) -> None:
    found = said(capsys, "review", "--limit", "1", place=published)
    (pair,) = found["pairs"]
    assert (pair["left"]["key"], pair["right"]["key"], pair["revenue"]) == ("crm:3", "shop:91", "5400.0000")
    assert "birth_date" in pair["differs"]
    assert "same last name" in pair["reasons"]
    weights = [each["match_weight"] for each in pair["evidence"]]
    assert sum(weights) == pytest.approx(pair["match_weight"], abs=0.001)


def test_a_review_is_a_page_and_a_table_for_their_owner_alone(published: Path, tmp_path: Path, capsys: Any) -> None:
    page, table = tmp_path / "review.html", tmp_path / "review.csv"
    assert run(["identity", "review", "--html", str(page), "--csv", str(table), "-w", str(published)]) == 0
    assert {stat.S_IMODE(each.stat().st_mode) for each in (page, table)} == {0o600}
    html = page.read_text(encoding="utf-8")
    assert html.count("<svg") > 3
    assert "clientela identity join" in html
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert (rows[0]["key_l"], rows[0]["key_r"]) == ("crm:3", "shop:91")


def test_finding_says_who_how_and_how_surely(published: Path, capsys: Any) -> None:
    found = said(capsys, "find", "ana.lopez@gmail.com", place=published)
    assert (found["by"], found["name"]) == ("e-mail", "Ana Lopez") or found["name"] == "Ana López"
    assert 0.9 < found["confidence"] < 1
    assert said(capsys, "find", "crm:2", place=published)["confidence"] == 1
    nobody = said(capsys, "find", "Gulia Rosi", place=published)
    assert nobody["customer_id"] is None
    assert nobody["candidates"]
    assert run(["identity", "find", "Gulia Rosi", "-w", str(published)]) == 0
    assert "It may be:" in capsys.readouterr().out


def test_a_systems_own_number_finds_its_customer_with_the_systems_name_and_without(
    published: Path, capsys: Any
) -> None:
    named = said(capsys, "find", "shop:91", place=published)
    assert (named["by"], named["confidence"]) == ("record", 1)
    bare = said(capsys, "find", "91", place=published)
    assert (bare["customer_id"], bare["by"], bare["confidence"]) == (named["customer_id"], "key", 0.99)
    of_one = said(capsys, "find", "crm:3", place=published)
    assert of_one["customer_id"] != named["customer_id"]
    assert said(capsys, "find", "erp:91", place=published)["customer_id"] is None  # there is no such system


def test_the_python_interface_finds_one_and_many(published: Path) -> None:
    workspace = clientela.open(published)
    one = workspace.find("crm:2")
    with workspace.finding() as resolver:
        assert resolver.find("crm:2") == one
        assert resolver.find("shop:90").customer_id == one.customer_id


def test_the_list_of_pairs_is_said_in_the_language(
    published: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked(monkeypatch)
    assert run(["identity", "review", "--lang", "es", "-w", str(published)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("«") and lines[0].endswith("».")
    assert lines[1].endswith("most money at stake first.»")
    heads = [line.rstrip(" -") for line in lines if line[:1].isdigit()]
    assert heads and all(head.split(". ", 1)[1].startswith("«") and head.endswith(" at stake»") for head in heads)
    assert any(line.startswith("  «customer»") for line in lines)
    assert lines[-2].startswith("«One customer?") and lines[-1].startswith("«Two?")


@pytest.mark.slow
def test_who_is_who_is_said_in_the_language(published: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    marked(monkeypatch)

    def lines(*words: str) -> list[str]:
        assert run(["identity", *words, "--lang", "es", "-w", str(published)]) == 0
        return list(capsys.readouterr().out.splitlines())

    found = lines("find", "crm:2")
    assert found[0].startswith("«Customer ") and " sure, by «" in found[0] and found[0].endswith("».»")
    may = lines("find", "Gulia Rosi")
    assert may[0].startswith("«") or may[0].endswith("».")
    assert may[1] == "«It may be:»"
    assert all(each.endswith("»") for each in may[2:])
    history = lines("history", "crm:2")
    assert history[0].startswith("«Customer ") and history[0].endswith("»")
    happened = history[history.index("") + 1 :]
    assert happened
    assert all(each.startswith("«run ") and each.endswith("»") for each in happened)
    assert any("was first delivered, as customer " in each for each in happened)
    why = lines("why", "crm:2", "shop:90")
    assert why[0].startswith("«")
    assert any(each.lstrip().startswith("«customer»") for each in why)
    assert said(capsys, "find", "crm:2", "--lang", "es", place=published)["how"].startswith("«")


def test_a_join_is_honoured_and_taken_back_to_the_byte(folder: Path, capsys: Any) -> None:
    workspace = clientela.open(folder)
    who = ("identity", "customer", "customer_lineage", "customer_consent", "order_line", "customer_record")
    before = workspace.fingerprints()
    old = number(capsys, "shop:92", folder)
    joined = said(capsys, "join", "crm:4", "shop:92", "--reason", "he said so", "--by", "Ana", place=folder)
    assert {each["after"] for each in joined["records"]} == {int(number(capsys, "crm:4", folder))}
    assert number(capsys, old, folder) == number(capsys, "crm:4", folder)
    why = said(capsys, "why", "crm:4", "shop:92", place=folder)
    assert (why["together"], why["pairs"][0]["decision"]) == (True, joined["id"])
    last = said(capsys, "history", old, place=folder)["happened"][-1]
    assert (last["kind"], last["by"], last["person"], last["reason"]) == ("merged", "person", "Ana", "he said so")
    workspace.run(now=datetime(2024, 7, 2, 8, tzinfo=UTC))
    assert number(capsys, "shop:92", folder) == number(capsys, "crm:4", folder)
    assert run(["identity", "join", "crm:4", "shop:92", "--reason", "again", "-w", str(folder)]) == 2
    assert f"decision {joined['id']}" in capsys.readouterr().err
    undone = said(capsys, "undo", joined["id"], place=folder)
    assert undone["of"] == joined["id"]
    assert number(capsys, "shop:92", folder) == old
    after = workspace.fingerprints()
    assert {name: after[name] for name in who} == {name: before[name] for name in who}
    states = [each["state"] for each in said(capsys, "decisions", place=folder)["decisions"]]
    assert states == ["taken back"]


@pytest.mark.slow
def test_a_split_is_honoured_though_a_rule_joined_them(folder: Path, capsys: Any) -> None:
    whole = number(capsys, "crm:2", folder)
    assert whole == number(capsys, "shop:90", folder)
    assert run(["identity", "split", whole, "shop:90", "--reason", "mother and daughter", "-w", str(folder)]) == 0
    assert "kept apart" in capsys.readouterr().out
    assert number(capsys, "shop:90", folder) != whole == number(capsys, "crm:2", folder)
    clientela.open(folder).run(now=datetime(2024, 7, 2, 8, tzinfo=UTC))
    assert number(capsys, "shop:90", folder) != whole
    assert said(capsys, "why", "crm:2", "shop:90", place=folder)["answer"] == (
        "They are two customers because a person said so."
    )


def test_a_decision_for_later_waits_for_the_next_run(folder: Path, capsys: Any) -> None:
    kept = said(capsys, "split", "crm:3", "shop:91", "--reason", "sisters", "--later", place=folder)
    assert kept["snapshot"] is None
    (listed,) = said(capsys, "decisions", place=folder)["decisions"]
    assert (listed["kind"], listed["state"], listed["keys"]) == ("split", "stands", ["crm:3", "shop:91"])
    assert run(["identity", "undo", kept["id"], "--later", "-w", str(folder)]) == 0
    assert "taken back" in capsys.readouterr().out
    assert run(["identity", "undo", kept["id"], "--later", "-w", str(folder)]) == 2
    assert "taken back already" in capsys.readouterr().err


def test_records_that_are_not_named_are_listed_and_nothing_is_decided(folder: Path, capsys: Any) -> None:
    assert run(["identity", "split", "crm:2", "-w", str(folder)]) == 2
    shown = capsys.readouterr()
    assert [line.split()[0] for line in shown.out.splitlines()] == ["crm:2", "shop:90"]
    assert "name the records" in shown.err
    assert not (folder / "landing" / "decisions.jsonl").exists()


WHY = ("--reason", "x", "--later")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["why", "nobody"], 2, "nobody here is known by this value"),
        (["why", "Giulia Rossi"], 2, "may mean several customers"),
        (["history", "12345"], 2, "nobody here is known by this value"),
        (["find", " "], 2, "nothing was named"),
        (["join", "crm:1", "crm:1", *WHY], 2, "already"),
        (["join", "crm:2", "nobody@example.org", *WHY], 2, "nobody here is known"),
        (["join", "crm:1", "crm:3"], 2, "--reason"),
        (["join", "crm:1", "crm:3", "--reason", " ", "--later"], 2, "the reason is empty"),
        (["join", "crm:1", "crm:3", "--reason", "a\nb", "--later"], 2, "one line"),
        (["join", "crm:1", "crm:3", *WHY, "--by", ""], 2, "name of who decides is empty"),
        (["split", "crm:5", "crm:5", *WHY], 2, "one record, so there is nothing to take out"),
        (["split", "crm:2", "crm:2", "shop:90", *WHY], 2, "all 2 records"),
        (["split", "crm:2", "shop:90", "--later"], 2, "say why with --reason"),
        (["split", "crm:2", "ana.lopez@gmail.com", *WHY], 2, "not which of the records"),
        (["undo", "1234abcd"], 2, "unknown decision '1234abcd'"),
        (["review", "--limit", "0"], 2, "--limit"),
        (["review", "--lang", "fr", "--html", "x.html"], 2, "known: 'en', 'es'"),
        (["review", "--lang", "fr"], 2, "known: 'en', 'es'"),
        (["why", "crm:2", "--lang", "fr"], 2, "known: 'en', 'es'"),
        (["history", "crm:2", "--lang", "fr"], 2, "known: 'en', 'es'"),
        (["find", "crm:2", "--lang", "fr"], 2, "known: 'en', 'es'"),
        (["review", "--csv", "/nowhere/at/all.csv"], 2, "cannot write"),
        (["review", "--csv", ""], 2, "it is a folder. Choose another file."),
        (["review", "--html", "/"], 2, "it is a folder. Choose another file."),
        (
            ["why", "\udcff"],
            2,
            "nobody here is known by this value",
        ),  # a byte that is no letter, as a shell hands it on
        (["join", "crm:1", "crm:3", "--reason", "caf\udce9", "--later"], 2, "signs that are no letters"),
        (["join", "crm:1", "crm:3", *WHY, "--by", "\udcff"], 2, "signs that are no letters"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_code_and_decides_nothing(
    folder: Path, capsys: Any, words: list[str], code: int, told: str
) -> None:
    assert run(["identity", *words, "-w", str(folder)]) == code
    shown = capsys.readouterr()
    assert told in shown.err
    assert shown.out == ""
    said = [line for line in shown.err.splitlines() if line.startswith("clientela: ")]  # a slow machine tells progress
    assert len(said) == 1
    assert not (folder / "landing" / "decisions.jsonl").exists()


def test_a_journal_with_a_line_that_is_no_decision_stops_who_reads_it_with_one_sentence(
    folder: Path, capsys: Any
) -> None:
    JsonLines(folder / "landing" / "decisions.jsonl").append({"hello": 1})
    for words in (["decisions"], ["join", "crm:1", "crm:3", *WHY], ["undo", "x", "--later"], ["history", "crm:1"]):
        assert run(["identity", *words, "-w", str(folder)]) == 1
        assert capsys.readouterr().err.splitlines()[-1] == (
            "clientela: line 1 of landing/decisions.jsonl is not a decision: it has no 'kind'; "
            "restore the file from a backup."
        )


def test_customers_that_would_be_too_large_are_not_joined(folder: Path, capsys: Any) -> None:
    toml = folder / "clientela.toml"
    toml.write_text(toml.read_text().replace("largest = 4", "largest = 2"))
    assert run(["identity", "join", "crm:2", "crm:1", *WHY, "-w", str(folder)]) == 2
    assert "no customer may have more than 2" in capsys.readouterr().err


def test_nobody_decides_while_a_run_is_at_work(folder: Path, capsys: Any) -> None:
    with lock.builder(folder, now=NOW):
        assert run(["identity", "join", "crm:1", "crm:3", "--reason", "x", "-w", str(folder)]) == 5
        assert run(["identity", "undo", "x", "--later", "-w", str(folder)]) == 5
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_before_the_first_run_there_is_nothing_to_see_or_decide(tmp_path: Path, capsys: Any) -> None:
    create(tmp_path / "w", name="Shop", currency="EUR", timezone="UTC")
    for words in (["review"], ["find", "1"], ["why", "1"], ["history", "1"]):
        assert run(["identity", *words, "-w", str(tmp_path / "w")]) == 3
        assert "clientela run" in capsys.readouterr().err
    assert run(["identity", "decisions", "-w", str(tmp_path / "w")]) == 0
    assert capsys.readouterr().out == "Nobody has decided anything yet.\n"
