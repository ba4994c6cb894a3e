"""What a source may deliver: every table and column, and rules that do not contradict each other."""

import dataclasses

import pytest

from clientela.contracts.derived import DERIVED
from clientela.contracts.schema import Column, Contract, Kind, Type
from clientela.contracts.tables import CONTRACTS, contract
from clientela.errors import UnknownNameError

# table: (key, its other columns); a type other than text stands behind a colon, * marks what is personal
EXPECTED = {
    "customer_record": (
        "source record_id",
        "kind full_name* first_name* last_name* company business_unit department job_title street* postal_code* city"
        " district region country email* phone* fax* gender* birth_date:date* nationality* tax_id* language sector"
        " payment_terms_days:int credit_limit:money list_id created_at:instant updated_at:instant",
    ),
    "relation": ("from_ref to_ref kind", "valid_from:date valid_to:date"),
    "order_line": (
        "source order_id line_no",
        "customer_ref ordered_at:instant kind returns_order_id product_id quantity:number net_revenue:money tax:money"
        " discount:money cost_of_goods:money currency channel territory_id campaign_id payment_method",
    ),
    "subscription": (
        "source subscription_id",
        "customer_ref product_id started_on:date ended_on:date period amount:money end_reason",
    ),
    "product": (
        "product_id",
        "name category subcategory brand unit_cost:money list_price:money launched_on:date",
    ),
    "invoice": (
        "source invoice_id",
        "customer_ref order_id amount:money issued_on:date due_on:date paid_on:date payment_method",
    ),
    "interaction": (
        "source interaction_id",
        "customer_ref started_at:instant channel direction kind duration_s:int entry_page pages:int favourite_links"
        " device ip_hash* agent_id campaign_id outcome cost:money text*",
    ),
    "service_case": (
        "source case_id",
        "customer_ref kind opened_at:instant first_reply_at:instant closed_at:instant reason severity:int product_id"
        " channel handling_minutes:number cost:money outcome text*",
    ),
    "survey_answer": (
        "source answer_id",
        "customer_ref answered_at:instant instrument about score:int case_id product_id comment*",
    ),
    "opportunity": (
        "source opportunity_id",
        "customer_ref owner_id territory_id opened_at:instant amount:money margin:money expected_close_on:date"
        " closed_at:instant status lost_reason product_id",
    ),
    "opportunity_stage": ("source opportunity_id entered_at:instant", "stage probability:share"),
    "preference": ("source record_id topic", "value basis at:instant"),
    "contact_list": ("list_id", "supplier kind cost:money delivered_on:date records:int consent_basis"),
    "campaign": (
        "campaign_id",
        "name goal_measure goal_value:number goal_by:date owner_id starts_on:date ends_on:date budget:money",
    ),
    "treatment": ("campaign_id treatment_id", "offer product_id channel cost_per_contact:money message_id"),
    "contact": (
        "source contact_id",
        "campaign_id treatment_id customer_ref arm assignment_probability:share sent_at:instant status cost:money",
    ),
    "response": ("source response_id", "contact_id customer_ref at:instant kind basis value:money"),
    "consent": ("source record_id purpose channel at:instant", "decision proof"),
    "territory": ("territory_id", "name level parent_id"),
    "target": ("measure territory_id period:date", "value:number owner_id"),
    "cost_pool": ("pool period:date", "amount:money driver"),
    "market": ("territory_id sector period:date", "population:int market_size:money competitor_share:share"),
    "exchange_rate": ("currency on:date", "rate:number"),
    "unit": ("unit_id", "name parent_id"),
    "staff": ("staff_id", "unit_id"),
    "responsibility": ("staff_id kind object_id", ""),
}

EVENT_TIMES = {
    "customer_record": "created_at",
    "order_line": "ordered_at",
    "subscription": "started_on",
    "invoice": "issued_on",
    "interaction": "started_at",
    "service_case": "opened_at",
    "survey_answer": "answered_at",
    "opportunity": "opened_at",
    "opportunity_stage": "entered_at",
    "preference": "at",
    "contact": "sent_at",
    "response": "at",
    "consent": "at",
}

PERSON_COLUMNS = {"record_id", "customer_ref", "from_ref", "to_ref"}

LATER = {
    ("customer_record", "updated_at"): "updated_at",
    ("relation", "valid_to"): "valid_to",
    ("subscription", "ended_on"): "ended_on",
    ("subscription", "end_reason"): "ended_on",
    ("invoice", "paid_on"): "paid_on",
    ("invoice", "payment_method"): "paid_on",
    ("service_case", "first_reply_at"): "first_reply_at",
    ("service_case", "closed_at"): "closed_at",
    ("service_case", "handling_minutes"): "closed_at",
    ("service_case", "cost"): "closed_at",
    ("service_case", "outcome"): "closed_at",
    ("opportunity", "closed_at"): "closed_at",
    ("opportunity", "status"): "closed_at",
    ("opportunity", "lost_reason"): "closed_at",
}

RULES = {
    ("customer_record", "kind"): "person organisation",
    ("relation", "kind"): "works_at household belongs_to_group",
    ("order_line", "kind"): "sale return cancellation shipping fee",
    ("subscription", "period"): "month year",
    ("interaction", "channel"): "web app e-mail phone store field sms chat social post",
    ("interaction", "direction"): "in out",
    ("interaction", "kind"): "visit call sales_call mailing open click reaction enquiry message",
    ("service_case", "kind"): "complaint request return repair",
    ("service_case", "severity"): (1, 4),
    ("survey_answer", "instrument"): "nps csat ces",
    ("survey_answer", "about"): "product service company purchase_decision",
    ("survey_answer", "score"): (0, 10),
    ("opportunity", "status"): "open won lost",
    ("preference", "basis"): "stated inferred",
    ("contact", "arm"): "treated control",
    ("contact", "status"): "sent bounced refused held",
    ("response", "basis"): "direct inferred",
    ("consent", "decision"): "given withdrawn",
    ("territory", "level"): "district region nation",
    ("responsibility", "kind"): "territory account product_line",
    ("cost_pool", "driver"): "orders lines minutes contacts visits revenue",
}

ALL = [*CONTRACTS.values(), *DERIVED.values()]


def parsed(word: str) -> tuple[str, Type, bool]:
    """``birth_date:date*`` as name, type and whether it is personal."""
    name, _, type_name = word.rstrip("*").partition(":")
    return name, Type(type_name or "text"), word.endswith("*")


def each_column() -> list[tuple[Contract, Column]]:
    return [(table, column) for table in CONTRACTS.values() for column in table.columns]


def test_every_table_stands_in_the_order_of_the_page():
    assert list(CONTRACTS) == list(EXPECTED)
    assert all(name == table.name for name, table in CONTRACTS.items())


@pytest.mark.parametrize("name", EXPECTED)
def test_every_column_has_its_type_and_class(name: str):
    key, others = EXPECTED[name]
    expected = {parsed(word) for word in f"{key} {others}".split() if word != "source"}
    assert {(c.name, c.type, c.personal) for c in CONTRACTS[name].columns} == expected
    assert CONTRACTS[name].key == tuple(parsed(word)[0] for word in key.split())


def test_facts_have_the_event_time_of_the_page_and_references_have_none():
    assert {name: table.event_time for name, table in CONTRACTS.items() if table.kind is Kind.FACT} == EVENT_TIMES
    references = [table for table in CONTRACTS.values() if table.name not in EVENT_TIMES]
    assert {(table.kind, table.event_time) for table in references} == {(Kind.REFERENCE, None)}


def test_required_are_the_key_but_line_no_the_event_time_and_net_revenue():
    for table in CONTRACTS.values():
        expected = {*table.key, table.event_time} - {"source", "line_no", None}
        if table.name == "order_line":
            expected |= {"net_revenue"}
        assert {c.name for c in table.columns if c.required} == expected, table.name


def test_later_moments_name_the_time_they_belong_to():
    assert {(t.name, c.name): c.known_with for t, c in each_column() if c.known_with} == LATER


def test_known_with_names_a_time_of_the_same_table():
    for table, column in each_column():
        if column.known_with is not None:
            assert table.column(column.known_with).type in {Type.DATE, Type.INSTANT}, (table.name, column.name)
            assert column.name not in table.key, "a key cannot be unknown"


def test_choices_and_ranges_are_those_of_the_page():
    choices = {(t.name, c.name): " ".join(c.choices) for t, c in each_column() if c.choices}
    ranges = {(t.name, c.name): (c.minimum, c.maximum) for t, c in each_column() if c.minimum is not None}
    assert choices | ranges == RULES


def test_the_columns_that_name_a_person_are_marked_and_no_other():
    assert all(column.person == (column.name in PERSON_COLUMNS) for _, column in each_column())
    assert all(column.type is Type.TEXT and not column.personal for _, column in each_column() if column.person)


def time_by_name(column: Column) -> Type | None:
    """``_at`` and ``at`` are instants; ``_on``, ``on``, ``_by``, ``period``, ``valid_*``, ``*_date`` are dates."""
    name = column.name
    if name == "at" or name.endswith("_at"):
        return Type.INSTANT
    a_date = name == "on" or name.endswith(("_on", "_by", "_date")) or name.startswith("valid_") or name == "period"
    return Type.DATE if a_date and not column.choices else None  # a subscription's period is month or year


def test_types_follow_from_the_names_of_times():
    for table, column in each_column():
        found = column.type if column.type in {Type.DATE, Type.INSTANT} else None
        assert found == time_by_name(column), (table.name, column.name)


def test_every_amount_of_money_is_in_the_currency_and_every_share_has_no_unit():
    for table in ALL:
        for column in table.columns:
            assert column.type is not Type.MONEY or column.unit == "currency", (table.name, column.name)
            assert column.unit != "currency" or column.type in {Type.MONEY, Type.NUMBER}, (table.name, column.name)
            assert column.type is not Type.SHARE or column.unit is None
            assert column.type not in {Type.TEXT, Type.BOOL, Type.DATE, Type.INSTANT} or column.unit is None


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_a_contract_is_consistent(table: Contract):
    assert len(set(table.names)) == len(table.names)
    assert set(table.key) <= {*table.names, "source"}
    for name in set(table.key) & set(table.names) - {"line_no"}:
        assert table.column(name).required, name
    if table.event_time is not None:
        assert table.column(table.event_time).type in {Type.INSTANT, Type.DATE}
    for column in table.columns:
        assert not (column.choices and column.type is not Type.TEXT), column.name
        assert (column.minimum is None) == (column.maximum is None) or column.type in {Type.INT, Type.NUMBER}


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_everything_is_described_in_one_sentence(table: Contract):
    for said in (table.description, *(column.description for column in table.columns)):
        assert said[:1] == said[:1].strip() != ""
        assert said.endswith("."), said
        assert ". " not in said, f"more than one sentence: {said}"


def test_a_personal_column_is_never_part_of_a_key_outside_the_people_file():
    for table in ALL:
        personal = {column.name for column in table.columns if column.personal}
        if personal != set(table.names):  # a table that is personal throughout lives in the people file alone
            assert not personal & set(table.key), table.name


def test_a_derived_table_never_bears_the_name_of_a_delivered_one():
    assert not set(CONTRACTS) & set(DERIVED)
    assert {table.kind for table in DERIVED.values()} == {Kind.DERIVED}


def test_shared_tables_keep_the_grain_all_their_writers_agree_on():
    assert DERIVED["score"].key == ("analysis", "customer_id", "as_of")
    assert DERIVED["model"].key == ("analysis", "version")
    assert DERIVED["backtest"].key == ("analysis", "candidate", "origin", "metric")
    assert DERIVED["quality"].key == ("source", "table_name", "column_name", "property", "rule", "run")


def test_an_unknown_table_says_which_was_probably_meant():
    with pytest.raises(UnknownNameError, match=r"unknown table 'order_lines'; .*Did you mean 'order_line'\?"):
        contract("order_lines")


def test_contracts_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        contract("product").name = "goods"  # type: ignore[misc]  # that it cannot be done is the point
    with pytest.raises(TypeError):
        CONTRACTS["goods"] = contract("product")  # type: ignore[index]  # that it cannot be done is the point
