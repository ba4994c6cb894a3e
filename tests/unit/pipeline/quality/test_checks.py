"""Every table is asked something, and what is asked names columns that exist."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from clientela.contracts.schema import Kind
from clientela.contracts.tables import CONTRACTS
from clientela.pipeline.quality.checks import REFERENCES, RULES, WANTED, Rule
from clientela.pipeline.quality.measures import CORRECT, Measure
from clientela.pipeline.quality.told import finding
from clientela.warehouse.physical import WORKED_OUT


def test_every_table_says_which_columns_should_be_filled() -> None:
    assert set(WANTED) == set(CONTRACTS)
    for table, wanted in WANTED.items():
        assert set(wanted) <= set(CONTRACTS[table].names), table


def test_what_is_always_there_is_not_asked_for() -> None:
    """A row without a required column is bad already; one that is told later is rightly empty."""
    for table, wanted in WANTED.items():
        for name in wanted:
            column = CONTRACTS[table].column(name)
            assert not column.required, f"{table}.{name}"
            assert column.known_with is None, f"{table}.{name}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.table}.{rule.column}.{rule.name}")
def test_a_rule_is_a_condition_on_columns_of_its_table(rule: Rule) -> None:
    contract = CONTRACTS[rule.table]
    assert rule.column in contract.names
    for said in filter(None, (rule.broken, rule.of)):
        named = {column.name for column in sqlglot.parse_one(said, dialect="duckdb").find_all(exp.Column)}
        assert named <= {*contract.names, *(each.name for each in WORKED_OUT.get(rule.table, ()))}


def test_what_the_run_fills_in_is_told_by_a_column_of_the_table() -> None:
    told = {(table, each.assumed) for table, wanted in WANTED.items() for each in wanted.values() if each.assumed}
    assert told == {(table, each.name) for table, columns in WORKED_OUT.items() for each in columns}


def test_no_two_rules_are_measured_in_one_place() -> None:
    places = [(each.table, each.column, each.name) for each in RULES]
    assert len(places) == len(set(places))


def test_references_lead_from_a_column_to_a_key() -> None:
    for each in REFERENCES:
        assert each.column in CONTRACTS[each.table].names
        assert each.key in CONTRACTS[each.to].names


def test_every_measurement_has_a_sentence_of_its_own() -> None:
    asked = [(each.table, each.column, each.name) for each in RULES]
    asked += [
        (table, contract.event_time or "", "future")
        for table, contract in CONTRACTS.items()
        if contract.kind is Kind.FACT
    ]
    said = {
        place: finding(
            Measure(
                source="s",
                table_name=place[0],
                column_name=place[1],
                property=CORRECT,
                rule=place[2],
                measured=None,
                verdict="good",
            )
        ).id
        for place in asked
    }
    assert all("Weak rows" not in each for each in said.values())
