"""Erased persons in a batch: a key as it will be read, addresses anywhere, and what is left of a row."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from clientela.capture.mapping import understand
from clientela.capture.suppression import Suppressed, adopt, reapply, scrub, suppress, suppressed
from clientela.capture.suppression import identifiers as ids
from clientela.capture.suppression.identifiers import Kind
from clientela.capture.suppression.listed import NOBODY, records
from clientela.config import load
from clientela.warehouse.engine import Engine
from clientela.warehouse.store.landing import REWRITTEN, Landing
from tests.unit.capture.workspaces import ORDERS, SECRET, Workspace, rows

SHOP = ORDERS + 'customer_ref = "Cust"\n'
KEY = (Kind.RECORD, ids.record("shop", "C7"))
MAIL = (Kind.EMAIL, "ana@x.com")
LIST = Suppressed.of(SECRET, [KEY, MAIL])


def landed(tmp_path: Path, *lines: str, mapped: str = SHOP) -> tuple[Workspace, Landing]:
    workspace = Workspace(tmp_path, mapped)
    workspace.write("orders.csv", *lines)
    workspace.run()
    return workspace, Landing(tmp_path)


def scrubbed(workspace: Workspace, landing: Landing, listed: Suppressed = LIST):
    """The batch as it would have come to rest: what was done, and its file."""
    path = landing.path_of(landing.arrivals()[-1])
    section = understand(load(workspace.folder, {}))[0]
    return scrub(path, section, listed), path


SAID = exp.column("said")


def asked(cells: list[str], **forms: exp.Expr) -> list[dict[str, object]]:
    """The forms of the cells in SQL."""
    with Engine.in_memory(threads=1) as engine:
        engine.register("cell", pa.table({"said": cells}))
        listed = [exp.alias_(form, name) for name, form in forms.items()]
        return engine.fetch(exp.select(SAID, *listed).from_("cell")).to_pylist()


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text(alphabet="+0123456789 ()-./aZ", max_size=24), min_size=1, max_size=50))
def test_a_number_has_one_form_in_python_and_in_sql(cells):
    for each in asked(cells, phone=ids.phone_sql(SAID), tax=ids.tax_id_sql(SAID)):
        assert (each["phone"], each["tax"]) == (ids.phone(each["said"]), ids.tax_id(each["said"]))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text(alphabet="aZ@.,;<>é -_+1", max_size=24), min_size=1, max_size=50))
def test_an_address_has_one_form_in_python_and_in_sql(cells):
    for each in asked(cells, found=ids.emails_sql(SAID), whole=ids.email_sql(SAID)):
        assert tuple(each["found"]) == ids.emails(each["said"])
        assert each["whole"] in (ids.email(each["said"]), None)


def test_a_hash_is_the_same_in_python_and_in_sql_and_no_pseudonym():
    with Engine.in_memory(threads=1) as engine:
        form = exp.Literal.string("shop\x1fC7")
        query = exp.select(
            exp.alias_(ids.keyed_sql(Kind.RECORD, form), "listed"),
            exp.alias_(ids.customer_ref_sql("shop", exp.Literal.string("C7")), "ref"),
        )
        found = engine.fetch(query, {"secret": SECRET}).to_pylist()[0]
    assert found["listed"] == ids.keyed(SECRET, Kind.RECORD, "shop\x1fC7")
    assert found["ref"] == ids.customer_ref(SECRET, "shop", "C7")
    assert found["listed"] != found["ref"]


def test_the_list_is_kept_in_hashes_and_takes_what_another_has_more(tmp_path):
    landing = Landing(tmp_path)
    workspace = Workspace(tmp_path)
    suppress(landing, SECRET, [KEY, MAIL], erasure="e1", now=workspace.now())
    assert adopt(landing, records(landing)) == ()
    newer = {"erasure": "e2", "at": "2024-06-01", "identifiers": [["phone", "ff"]]}
    assert adopt(landing, [*records(landing), newer]) == ("e2",)
    assert suppressed(landing, SECRET).hashes == {**LIST.hashes, "ff": Kind.PHONE}
    text = (landing.folder / "suppressed.jsonl").read_text()
    assert "C7" not in text
    assert "ana@" not in text
    assert suppressed(landing, SECRET).names("crm", "ANA@x.com"), "an address is nobody else's in any system"


def test_a_sale_stays_to_nobody_and_nothing_else_of_the_row(tmp_path):
    workspace, landing = landed(tmp_path, "No,Date,Total,Cust,Note", "1,2024-01-01,10,C7,hello", "2,2024-01-02,11,C8,x")
    done, path = scrubbed(workspace, landing)
    assert (done.removed, done.anonymised, str(done)) == (
        0,
        1,
        "1 row of an erased person was left out or made anonymous.",
    )
    assert rows(path, "No", "Date", "Total", "Cust", "Note", "_line") == [
        ("1", "2024-01-01", "10", None, None, 2),
        ("2", "2024-01-02", "11", "C8", "x", 3),
    ]


def test_the_list_empty_leaves_every_byte(tmp_path):
    workspace, landing = landed(tmp_path, "No,Date,Total,Cust", "1,2024-01-01,10,C7")
    before = landing.path_of(landing.arrivals()[0]).read_bytes()
    done, path = scrubbed(workspace, landing, NOBODY)
    assert not done
    assert path.read_bytes() == before


@pytest.mark.parametrize("cell", ["C7", "  C7 ", "\u00a0C7"])
def test_a_key_is_compared_as_it_will_be_read(tmp_path, cell):
    workspace, landing = landed(tmp_path, "No,Date,Total,Cust", f"1,2024-01-01,10,{cell}")
    assert scrubbed(workspace, landing)[0].anonymised == 1


@pytest.mark.parametrize(
    ("kind", "anonymised"), [(pa.int64(), 1), (pa.float64(), 1), (pa.decimal128(10, 2), 1), (pa.string(), 1)]
)
def test_a_number_is_the_key_that_a_text_names(tmp_path, kind, anonymised):
    workspace = Workspace(tmp_path, SHOP.replace("*.csv", "*.parquet"))
    value = {pa.string(): "4711", pa.decimal128(10, 2): Decimal(4711)}.get(kind, 4711)
    table = {"No": ["1"], "Date": ["2024-01-01"], "Total": ["10"], "Cust": pa.array([value], kind)}
    pq.write_table(pa.table(table), tmp_path / "orders.parquet")
    workspace.run()
    listed = Suppressed.of(SECRET, [(Kind.RECORD, ids.record("shop", "4711"))])
    done, path = scrubbed(workspace, Landing(tmp_path), listed)
    assert done.anonymised == anonymised
    assert rows(path, "No", "Cust") == [("1", None)]


def test_a_leading_zero_is_another_key(tmp_path):
    workspace, landing = landed(tmp_path, "No,Date,Total,Cust", "1,2024-01-01,10,0C7")
    assert not scrubbed(workspace, landing)[0]


def test_a_row_that_breaks_a_rule_goes_whole(tmp_path):
    workspace, landing = landed(tmp_path, "No,Date,Total,Cust", "1,yesterday,10,C7", "2,yesterday,10,C8")
    done, path = scrubbed(workspace, landing)
    assert (done.removed, rows(path, "No")) == (1, [("2",)])


def test_a_line_that_is_no_record_is_emptied_and_stays_counted(tmp_path):
    workspace, landing = landed(tmp_path, "No,Date,Total,Cust", '"1,2024-01-01,10,C7', '"2,2024-01-01,10,C8')
    done, path = scrubbed(workspace, landing)
    assert done.broken == 1
    assert rows(path, "_line", "_value") == [(2, None), (3, '"2,2024-01-01,10,C8')]
    assert pq.read_metadata(path).metadata[b"clientela.rejected"] == b"2"


def test_an_address_is_cut_out_of_the_words_of_others(tmp_path):
    workspace, landing = landed(
        tmp_path, "No,Date,Total,Cust,Note", "1,2024-01-01,10,C8,a gift for ANA@x.com!", "2,2024-01-01,10,,ana@X.com"
    )
    done, path = scrubbed(workspace, landing)
    assert (done.mentions, done.anonymised) == (1, 1), "a sale to nobody that names them was theirs"
    assert rows(path, "No", "Cust", "Note") == [("1", "C8", "a gift for !"), ("2", None, None)]


def test_a_key_that_a_formula_needs_is_stood_in_for(tmp_path):
    mapped = SHOP.replace('order_id = "No"', "order_id = { expr = \"Cust || '/' || No\" }")
    workspace, landing = landed(tmp_path, "No,Date,Total,Cust", "1,2024-01-01,10,C7", mapped=mapped)
    landing_before = workspace.conform()[0]
    suppress(landing, SECRET, [KEY], erasure="e1", now=workspace.now())
    list(reapply(load(tmp_path, {}), landing, suppressed(landing, SECRET), now=workspace.now()))
    after = workspace.conform()[0]
    assert after.accepted == landing_before.accepted == 1
    ((order, customer, revenue),) = rows(after.facts, "order_id", "customer_ref", "net_revenue")
    assert order.startswith("~erased~")
    assert order.endswith("/1")
    assert (customer, revenue) == (None, Decimal("10.0000"))


def test_only_batches_that_hold_the_person_are_written_again_and_what_was_typed_is_forgotten(tmp_path):
    workspace = Workspace(tmp_path, SHOP)
    workspace.write("orders1.csv", "No,Date,Total,Cust", "1,2024-01-01,10,C7")
    workspace.write("orders2.csv", "No,Date,Total,Cust", "2,2024-01-01,10,C8")
    workspace.run()
    workspace.conform()
    landing = Landing(tmp_path)
    files = {each.path: landing.path_of(each).read_bytes() for each in landing.arrivals()}
    done = list(reapply(load(tmp_path, {}), landing, LIST, now=workspace.now()))
    assert [(each.was.path, each.scrubbed.anonymised) for each in done] == [("orders1.csv", 1)]
    assert landing.path_of(landing.arrivals()[1]).read_bytes() == files["orders2.csv"]
    assert landing.damaged() == Landing(tmp_path).damaged() == ()
    assert len(list((landing.folder / "conformed").iterdir())) == 1
    assert list(reapply(load(tmp_path, {}), landing, LIST, now=workspace.now())) == []


@pytest.mark.parametrize("journalled", [True, False])
def test_a_rewrite_that_was_interrupted_is_finished_if_it_was_journalled(tmp_path, journalled):
    _, landing = landed(tmp_path, "No,Date,Total,Cust", "1,2024-01-01,10,C7")
    batch = landing.arrivals()[0]
    place = landing.path_of(batch)
    old = place.read_bytes()
    written = place.with_name("new.part")
    written.write_bytes(b"new")
    landing.rewrite(batch, written, 1, now=Workspace(tmp_path, SHOP).now())
    place.rename(place.with_name(place.name + REWRITTEN))
    place.write_bytes(old)
    if not journalled:
        (landing.folder / "rewrites.jsonl").unlink()
    again = Landing(tmp_path)
    assert again.damaged() == ()
    assert again.settle() == ((batch.file,) if journalled else ())
    assert place.read_bytes() == (b"new" if journalled else old)
    assert again.damaged() == ()


def test_a_person_in_a_table_of_persons_goes_with_their_row_under_any_key(tmp_path):
    people = SHOP.replace("order_line", "customer_record").replace("orders*", "people*")
    people = people.split("[source.columns]")[0] + '[source.columns]\nrecord_id="Id"\nemail="Mail"\ncreated_at="At"\n'
    workspace = Workspace(tmp_path, people)
    workspace.write("people.csv", "Id,Mail,At", "C7,,2024-01-01", "C9,Ana@X.com,2024-01-01", "C8,b@x.com,2024-01-01")
    workspace.run()
    done, path = scrubbed(workspace, Landing(tmp_path))
    assert (done.removed, rows(path, "Id")) == (2, [("C8",)])
