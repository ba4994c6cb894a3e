"""Whom an identifier means: one customer, several, or nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from clientela.capture.suppression import identifiers as ids
from clientela.capture.suppression.identifiers import Kind
from clientela.config import load
from clientela.errors import PersonError
from clientela.pipeline.create import make_secret, read_secret
from clientela.pipeline.persons.find import Known, known
from tests.unit.capture.workspaces import ORDERS, Workspace

PEOPLE = """
[[source]]
name = "{name}"
table = "customer_record"
path = "{name}.csv"
delivery = "full"
[source.columns]
record_id = "Id"
full_name = "Name"
email = "Mail"
phone = "Tel"
tax_id = "Tax"
created_at = "Since"
"""
HEADER = "Id,Name,Mail,Tel,Tax,Since"


@pytest.fixture(scope="module")
def company(tmp_path_factory) -> Workspace:
    """A shop and a CRM: Ana is 4711 and A-1, Leo lives at her number, Eva buys without a record."""
    folder = tmp_path_factory.mktemp("company")
    settings = ORDERS + 'customer_ref = "Cust"\n' + PEOPLE.format(name="shop") + PEOPLE.format(name="crm")
    workspace = Workspace(folder, settings)
    make_secret(folder)
    workspace.write("orders.csv", "No,Date,Total,Cust", "1,2024-01-01,10,4711", "2,2024-01-01,10,EVA@example.org")
    workspace.write(
        "shop.csv",
        HEADER,
        "4711,Ana Luz,Ana@Example.org,+34 600 111 222,ES-12345678Z,2023-01-01",
        "4712,Leo,leo@example.org,600111222,,2023-01-01",
        "12,Zed,,000000000,,2023-01-01",
    )
    workspace.write("crm.csv", HEADER, "A-1,Ana Luz,ana@example.org,,,2023-01-01", "12,Kim,,,,2023-01-01")
    workspace.run()
    return workspace


def found(company: Workspace, *said: str) -> Known:
    return known(company.folder, load(company.folder, {}), said)


@pytest.mark.parametrize(
    ("said", "record"),
    [
        ("4711", ("shop", "4711")),
        (" shop:4711 ", ("shop", "4711")),
        ("A-1", ("crm", "A-1")),
        ("eva@EXAMPLE.org", ("shop", "EVA@example.org")),
        ("LEO@example.org", ("shop", "4712")),
        ("12345678-z", ("shop", "4711")),
        ("shop:12", ("shop", "12")),
    ],
)
def test_an_identifier_means_one_customer(company, said, record):
    assert found(company, said).records == (record,)


def test_a_customer_number_means_its_customer_before_anything_is_published(company: Workspace):
    number = int(ids.customer_ref(read_secret(company.folder), "shop", "4711")[:15], 16)
    assert found(company, str(number)).records == (("shop", "4711"),)
    assert found(company, "4711").customer_ids == (number,)


@pytest.mark.parametrize(("said", "many"), [("ana@example.org", 2), ("12", 2), ("0034 600-111-222", 2)])
def test_several_that_fit_are_listed_masked(company, said, many):
    with pytest.raises(PersonError, match=f"{many} customers fit") as refused:
        found(company, said)
    assert len(refused.value.candidates) == many
    shown = str(refused.value)
    assert not any(secret in shown for secret in ("4711", "ana@", "Ana", "Leo", "600111222", "600 111 222"))
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("said", ["nobody@example.org", "471", "", "  ", "x'; drop table", "ñ"])
def test_nobody_is_one_sentence(company, said):
    with pytest.raises(PersonError):
        found(company, said)


def test_what_somebody_else_is_known_by_too_is_not_suppressed(company):
    ana = found(company, "4711")
    assert ana.shared == {(Kind.PHONE, "600111222"), (Kind.EMAIL, "ana@example.org")}
    assert ana.identifiers == {(Kind.RECORD, "shop\x1f4711"), (Kind.TAX_ID, "12345678Z")}
    both = found(company, "4711", "A-1")
    assert both.shared == {(Kind.PHONE, "600111222")}
    assert (Kind.EMAIL, "ana@example.org") in both.identifiers


def test_a_number_that_stands_for_none_identifies_nobody(company):
    assert found(company, "shop:12").identifiers == {(Kind.RECORD, "shop\x1f12")}


def test_a_person_is_found_while_the_snapshot_is_damaged(company):
    snapshots: Path = company.folder / "snapshots"
    snapshots.mkdir(exist_ok=True)
    (snapshots / "CURRENT").write_text("nonsense")
    assert found(company, "4711").records == (("shop", "4711"),)
    (snapshots / "CURRENT").unlink()
