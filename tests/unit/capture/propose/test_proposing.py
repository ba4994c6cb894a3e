"""What is proposed from small folders: what is marked, what is commented out, what is said in the settings."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from clientela import config
from clientela.capture.mapping import understand
from clientela.capture.propose.build import propose
from clientela.capture.propose.proposal import ProposedSource, Question
from clientela.capture.propose.toml import settings_text
from clientela.capture.propose.words import choice_of, meaning

ROOT = Path(__file__).parents[4]
AMBIGUOUS = "order_id,order_date,customer_id,net_amount\n" + "".join(
    f"{n},{(n * 7) % 12 + 1:02d}/{(n * 5) % 12 + 1:02d}/2024,c{n % 9},{n}.50\n" for n in range(1, 60)
)


def only(folder: Path, text: str, name: str = "orders.csv", **more: object) -> ProposedSource:
    (folder / name).write_text(text, encoding="utf-8")
    made = propose(folder, root=folder / "w", **more)  # type: ignore[arg-type]  # keywords of propose
    assert len(made.sources) == 1, made.unused
    return made.sources[0]


def fills(source: ProposedSource) -> dict[str, str | None]:
    return {each.name: each.column or each.expr for each in source.fields}


@pytest.mark.parametrize(
    ("header", "notions"),
    [
        ("Núm. pedido", {"order", "id"}),
        ("codice_cliente", {"customer", "id"}),
        ("klantnummer", {"customer", "id"}),
        ("fecha_factura", {"invoice", "date"}),
        ("precio unitario", {"price", "unit"}),
        ("Aantal", {"quantity"}),
        ("CustomerID", {"customer", "id"}),
        ("geboortedatum", {"birthdate"}),
        ("P.V.P.", {"listprice"}),
        ("Bedrag excl. BTW", {"amount", "net", "tax"}),
        ("Codice fiscale", {"taxid"}),
        ("correo electrónico", {"email"}),
        ("orderdate", {"order", "date"}),
        ("xyzzy", set()),
    ],
)
def test_headers_of_four_languages_mean_the_same(header: str, notions: set[str]) -> None:
    assert meaning(header).notions == notions


def test_values_of_choices_are_put_into_ours(tmp_path: Path) -> None:
    assert choice_of("Ganada", ("open", "won", "lost")) == "won"
    rows = "".join(f"O{n},2024-01-{n % 27 + 1:02d},{('Ganada', 'Perdida')[n % 2]}\n" for n in range(40))
    found = fills(only(tmp_path, "id oportunidad,fecha de creación,estado\n" + rows, "oportunidades.csv"))
    assert found["status"] == (
        "case when trim(text(estado)) in ('Perdida') then 'lost' when trim(text(estado)) in ('Ganada') then 'won' "
        "else text(estado) end"
    )


def test_one_slip_among_few_quantities_leaves_them_quantities(tmp_path: Path) -> None:
    rows = "".join(f"{n},2024-01-{n % 28 + 1:02d},c{n % 5},{n % 4 + 1},9.99\n" for n in range(300))
    made = only(tmp_path, "order,date,customer,quantity,amount\n" + rows + "300,2024-02-01,c1,two,9.99\n")
    assert fills(made)["quantity"] == "quantity"
    assert not any("quantity" in each for each in made.questions)
    many = "".join(f"{n},2024-02-01,c1,{'two' if n % 20 else 1},9.99\n" for n in range(300))
    assert fills(only(tmp_path, "order,date,customer,quantity,amount\n" + many))["quantity"] != "quantity"


@pytest.mark.parametrize(
    ("header", "first", "expected"),
    [
        ("nombre,apellidos", "{given}", {"first_name": "nombre", "last_name": "apellidos"}),
        ("name,surname", "{given}", {"first_name": "name", "last_name": "surname"}),
        ("name,surname", "{given} {last}", {"full_name": "name", "last_name": "surname"}),
        ("nombre completo,apellidos", "{given}", {"full_name": "nombre completo", "last_name": "apellidos"}),
        ("nombre,telefono", "{given}", {"full_name": "nombre"}),
    ],
)
def test_a_name_beside_a_last_name_is_a_first_name(
    tmp_path: Path, header: str, first: str, expected: dict[str, str]
) -> None:
    given, last = ("Ana", "María José", "Luis", "Eva"), ("García Pérez", "López", "Ruiz Gil", "Díaz")
    rows = "".join(
        f"c{n},{first.format(given=given[n % 4], last=last[n % 3])},{last[n % 3]},2024-01-{n % 28 + 1:02d}\n"
        for n in range(60)
    )
    found = fills(only(tmp_path, f"codigo cliente,{header},fecha alta\n" + rows, "clientes.csv"))
    names = ("full_name", "first_name", "last_name")
    assert {name: found[name] for name in names if found.get(name)} == expected


def test_a_date_that_could_be_two_is_never_guessed(tmp_path: Path) -> None:
    found = only(tmp_path, AMBIGUOUS)
    assert "date" not in found.format
    assert "dd/mm/yyyy or mm/dd/yyyy" in found.held
    text = settings_text(propose(tmp_path, root=tmp_path / "w"))
    assert "source" not in tomllib.loads(text)
    assert '# # format = { date = "%d/%m/%Y" }' in text


def test_a_person_may_say_which_date_it_is(tmp_path: Path) -> None:
    asked: list[Question] = []

    def answer(question: Question) -> str:
        asked.append(question)
        return "%m/%d/%Y"

    found = only(tmp_path, AMBIGUOUS, ask=answer)
    assert [(each.column, each.choices) for each in asked] == [("order_date", ("%d/%m/%Y", "%m/%d/%Y"))]
    assert found.format["date"] == "%m/%d/%Y"
    assert not found.held


def test_what_other_files_show_decides_a_date_only_with_a_mark(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("customer_id,name,created\nc1,Ann,28/01/2024\nc2,Bob,15/02/2024\n")
    (tmp_path / "orders.csv").write_text(AMBIGUOUS)
    made = propose(tmp_path, root=tmp_path / "w")
    orders = next(each for each in made.sources if each.table == "order_line")
    assert orders.format["date"] == "%d/%m/%Y"
    assert any("as the other files" in each for each in orders.questions)


def test_net_revenue_is_quantity_times_price_less_discount_when_no_amount_is_there(tmp_path: Path) -> None:
    rows = "".join(f"{n},2024-01-{n % 28 + 1:02d},c{n % 5},{n % 4 + 1},9.99,0.50\n" for n in range(50))
    found = only(tmp_path, "order no,order date,customer,quantity,unit price,discount\n" + rows)
    revenue = next(each for each in found.fields if each.name == "net_revenue")
    assert revenue.expr == 'quantity * "unit price" - discount'
    assert revenue.doubt


def test_an_amount_with_tax_in_it_is_marked_and_the_tax_taken_off(tmp_path: Path) -> None:
    rows = "".join(f"{n},2024-01-{n % 28 + 1:02d},k{n % 5},12.10,2.10\n" for n in range(50))
    found = only(tmp_path, "Bestelnummer,Besteldatum,Klantnummer,Bedrag incl. btw,Btw\n" + rows)
    revenue = next(each for each in found.fields if each.name == "net_revenue")
    assert revenue.expr == '"Bedrag incl. btw" - Btw'
    assert "tax is in it" in revenue.doubt


def test_a_total_that_every_line_of_an_order_repeats_is_not_taken(tmp_path: Path) -> None:
    rows = "".join(
        f"{n // 4},2024-01-{(n // 4) % 28 + 1:02d},c{n // 4 % 7},p{n % 9},{n % 3 + 1},{n % 5 + 1}.25,{n // 4 * 3}.00\n"
        for n in range(200)
    )
    header = "order_id,order_date,customer_id,product_id,quantity,unit_price,order_amount\n"
    assert fills(only(tmp_path, header + rows))["net_revenue"] == "quantity * unit_price"


def test_signs_of_money_are_taken_off_and_tell_the_currency(tmp_path: Path) -> None:
    rows = "".join(f"{n},2024-01-{n % 28 + 1:02d},c{n % 5},£ {n}.50\n" for n in range(50))
    (tmp_path / "orders.csv").write_text("order id,order date,customer id,net amount\n" + rows)
    made = propose(tmp_path, root=tmp_path / "w")
    assert made.company.currency == "GBP"
    assert "replace(" in str(fills(made.sources[0])["net_revenue"])


def test_a_column_that_bears_our_name_but_does_not_fit_is_said_to_be_left_empty(tmp_path: Path) -> None:
    rows = "".join(f"v{n},2024-01-{n % 28 + 1:02d} 10:00:00,c{n % 5},billboard\n" for n in range(30))
    found = only(tmp_path, "interaction_id,started_at,customer_id,channel\n" + rows, "visits.csv")
    channel = next(each for each in found.fields if each.name == "channel")
    assert channel.expr == "null"
    assert "billboard" in channel.doubt
    text = settings_text(propose(tmp_path, root=tmp_path / "w"))
    assert tomllib.loads(text)["source"][0]["columns"]["channel"] == {"expr": "null"}


def test_a_list_without_a_date_says_why_it_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "tickets.csv").write_text("ticket id,subject\n1,late\n2,broken\n3,lost\n")
    made = propose(tmp_path, root=tmp_path / "w")
    assert made.sources == ()
    assert "nearest to service_case" in made.unused[0].reason
    assert "opened_at" in made.unused[0].reason


def test_paths_are_relative_inside_the_workspace_and_absolute_outside(tmp_path: Path) -> None:
    exports = tmp_path / "company" / "exports [old]"
    exports.mkdir(parents=True)
    (exports / "orders.csv").write_text(
        "order id,order date,customer,net amount\n1,2024-01-20,a,2.5\n2,2024-01-21,b,3.5\n"
    )
    inside = propose(exports, root=tmp_path / "company").sources[0]
    assert inside.path == "exports [[]old]/orders.csv"
    assert Path(propose(exports, root=tmp_path / "other").sources[0].path).is_absolute()


def test_odd_names_of_columns_and_files_stay_valid_settings(tmp_path: Path) -> None:
    name = 'orders "2024" \\ [x].csv'
    rows = "".join(f"{n},2024-01-{n % 28 + 1:02d},c{n},{n},2.5\n" for n in range(30))
    (tmp_path / name).write_text('"order ""id""",order date,customer # 1,quantity,unit price\n' + rows)
    made = propose(tmp_path, root=tmp_path)
    workspace = tmp_path / "w"
    workspace.mkdir()
    (workspace / "clientela.toml").write_text(settings_text(made), encoding="utf-8")
    sections = understand(config.load(workspace, {}))
    assert [each.contract.name for each in sections] == ["order_line"]


PROPOSED_ALONE = """
import json, pathlib, sys, time
from clientela.capture.propose.build import propose
from tests.hostile.child import peak_bytes

begun = time.process_time()
made = propose(pathlib.Path(sys.argv[1]), root=pathlib.Path(sys.argv[1]) / "w")
print(json.dumps([time.process_time() - begun, peak_bytes(), len(made.sources)]))
"""


@pytest.mark.slow
def test_a_gigabyte_is_looked_at_within_bounds(tmp_path: Path) -> None:
    block = "".join(f"{n};c{n % 999};{n % 28 + 1:02d}/03/2024;{n % 7};{n % 90},25\n" for n in range(200_000)).encode()
    for name in ("pedidos", "web", "tpv", "antiguos", "otros"):
        with (tmp_path / f"{name}.csv").open("wb") as file:
            file.write(b"pedido;cliente;fecha;cantidad;precio\n")
            for _ in range(210_000_000 // len(block)):
                file.write(block)
    alone = [sys.executable, "-c", PROPOSED_ALONE, str(tmp_path)]  # in the tests' process the peak is all tests'
    told = subprocess.run(alone, check=True, capture_output=True, text=True, cwd=ROOT)
    seconds, peak, sources = json.loads(told.stdout)
    assert seconds < 20
    assert peak < 700 * 1024 * 1024
    assert sources == 5
