"""What a customer may be contacted for: of the records' latest decisions the strictest."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela.contracts.derived.people import CUSTOMER_CONSENT
from clientela.unify.golden.consent import customer_consent
from clientela.warehouse.physical import shape_breaches
from tests.unit.unify.golden.people import People, Row, shown, table

NAMES = ("who", "purpose", "channel", "decision", "at", "records")


def consent(records: list[Row], events: list[Row], *names: str) -> list[Row]:
    people = People([], keys=records)
    return shown(people, customer_consent(people.consent(events)), *(names or NAMES))


ANA = table("who | source | record_id\nAna | crm | a1\nAna | shop | a2\nAna | shop | a3")


def test_of_one_record_the_latest_decision_holds():
    found = consent(
        ANA,
        table(
            """
            source | record_id | channel | decision  | at
            crm    | a1        | e-mail  | given     | 2020-01-01
            crm    | a1        | e-mail  | withdrawn | 2021-01-01
            crm    | a1        | e-mail  | given     | 2022-01-01
            crm    | a1        | phone   | withdrawn | 2020-05-01
            """
        ),
    )
    assert found == table(
        """
        who | purpose    | channel | decision  | at                  | records
        Ana | newsletter | e-mail  | given     | 2022-01-01 00:00:00 | 1
        Ana | newsletter | phone   | withdrawn | 2020-05-01 00:00:00 | 1
        """
    )


def test_across_records_of_one_system_too_the_strictest_holds_since_it_was_first_decided():
    found = consent(
        ANA,
        table(
            """
            source | record_id | decision  | at
            crm    | a1        | given     | 2024-01-01
            shop   | a2        | withdrawn | 2021-01-01
            shop   | a3        | withdrawn | 2020-01-01
            """
        ),
        *("decision", "at", "records"),
    )
    assert found == [{"decision": "withdrawn", "at": "2020-01-01 00:00:00", "records": "3"}]


def test_a_permission_of_all_records_holds_since_the_last_gave_it():
    events = table(
        """
        source | record_id | decision  | at
        crm    | a1        | given     | 2020-01-01
        shop   | a2        | withdrawn | 2021-01-01
        shop   | a2        | given     | 2023-01-01
        """
    )
    assert consent(ANA, events, "decision", "at", "records") == [
        {"decision": "given", "at": "2023-01-01 00:00:00", "records": "2"}
    ]


def test_of_two_decisions_at_one_moment_the_withdrawal_counts():
    events = table(
        """
        source | record_id | decision  | at
        crm    | a1        | withdrawn | 2020-01-01
        crm    | a1        | given     | 2020-01-01
        """
    )
    assert consent(ANA, events, "decision") == [{"decision": "withdrawn"}]


def test_silence_is_no_permission():
    bo = table("who | source | record_id\nAna | crm | a1\nBo | crm | b1")
    assert consent(bo, table("source | record_id | decision | at\ncrm | a1 | given | 2020-01-01"), "who") == [
        {"who": "Ana"}
    ]
    assert consent(bo, table("source | record_id | decision | at\ncrm | a1 |  | 2020-01-01")) == []


def test_what_was_corrected_since_does_not_count():
    events = table(
        """
        source | record_id | decision  | at         | known_until
        crm    | a1        | withdrawn | 2022-01-01 | 2022-02-01
        crm    | a1        | given     | 2020-01-01 |
        """
    )
    assert consent(ANA, events, "decision", "at") == [{"decision": "given", "at": "2020-01-01 00:00:00"}]


def test_the_query_keeps_the_contract():
    people = People([], keys=ANA)
    events = people.consent(table("source | record_id | decision | at\ncrm | a1 | given | 2020-01-01"))
    assert shape_breaches(CUSTOMER_CONSENT, people.engine.column_types(customer_consent(events))) == ()


RECORDS = [(source, f"k{number}") for source in ("crm", "shop") for number in range(4)]
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(RECORDS),
        st.sampled_from(["newsletter", "survey"]),
        st.sampled_from(["e-mail", "phone"]),
        st.integers(0, 3),  # few moments, so that many fall together
        st.sampled_from(["given", "withdrawn", None]),
    ),
    max_size=40,
)


@pytest.mark.parametrize("examples", [12, pytest.param(40, marks=pytest.mark.slow)])
def test_whoever_is_merged_the_rule_holds(examples: int):
    settings(deadline=None, max_examples=examples)(the_rule_holds)()


@given(events=EVENTS, customers=st.lists(st.sampled_from("ABC"), min_size=len(RECORDS), max_size=len(RECORDS)))
def the_rule_holds(events: list[tuple], customers: list[str]):
    start = datetime(2024, 1, 1)
    keys: list[Row] = [
        {"who": who, "source": source, "record_id": key} for who, (source, key) in zip(customers, RECORDS, strict=True)
    ]
    told: list[Row] = [
        {
            "source": source,
            "record_id": key,
            "purpose": purpose,
            "channel": channel,
            "at": (start + timedelta(days=day)).isoformat(),
            "decision": decision,
        }
        for (source, key), purpose, channel, day, decision in events
    ]
    people = People([], keys=keys)
    rows = people.rows(customer_consent(people.consent(told)))
    found = {
        (people.whose[row["customer_id"]], row["purpose"], row["channel"]): (row["decision"], row["at"], row["records"])
        for row in rows
    }
    assert found == by_hand(events, dict(zip(RECORDS, customers, strict=True)), start)


def by_hand(events: list[tuple], whose: dict, start: datetime) -> dict:
    """The rule of the contract, read aloud, one customer, purpose and channel after the other."""
    expected = {}
    for who in "ABC":
        for purpose in ("newsletter", "survey"):
            for channel in ("e-mail", "phone"):
                holds = []
                for record in RECORDS:
                    own = [e for e in events if whose[record] == who and e[:3] == (record, purpose, channel) and e[4]]
                    if not own:
                        continue
                    newest = max(day for *_, day, _ in own)
                    last = {decision for *_, day, decision in own if day == newest}
                    holds.append(("withdrawn" if "withdrawn" in last else "given", newest))
                no = [day for decision, day in holds if decision == "withdrawn"]
                if no:
                    expected[who, purpose, channel] = ("withdrawn", start + timedelta(days=min(no)), len(holds))
                elif holds:
                    newest = max(day for _, day in holds)
                    expected[who, purpose, channel] = ("given", start + timedelta(days=newest), len(holds))
    return expected
