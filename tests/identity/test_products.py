"""The linker knows nothing of people: told how offers are compared, it links the products of two shops."""

from __future__ import annotations

from pathlib import Path

from tests.identity.products import each_once, f1, linked, offers


def test_abt_buy_is_linked_by_the_linker_alone(shared_data: Path) -> None:
    truth, pairs = linked(shared_data)
    assert len(truth) == 1_076
    precision, recall, mean = f1(truth, each_once(pairs, 0.5))
    assert precision >= 0.9
    assert mean >= 0.8, (precision, recall, mean)


def test_the_same_words_in_another_order_are_no_exact_match(shared_data: Path) -> None:
    """The naive answer for comparison: two offers are one when their names are, letter for letter."""
    table, truth = offers(shared_data)
    names = dict(zip(table["customer_ref"].to_pylist(), map(tuple, table["words"].to_pylist()), strict=True))
    by_name = {(one, other) for one in names for other in names if one < other and names[one] == names[other]}
    assert f1(set(truth), by_name)[2] < 0.2
