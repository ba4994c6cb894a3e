"""What the world says of people can be counted in the files that are sent, without a look at the truth."""

from __future__ import annotations

from collections import Counter

import pytest

from clientela.testing.company.exports.people.files import people_files
from clientela.testing.company.people.names import lists
from clientela.testing.company.people.population.people import People
from tests.unit.testing.company.people.peopled import plain_people, within


def cards_and_accounts(people: People) -> list[dict[str, str | None]]:
    """Name, address and birthday of every person in the files of the tills and the web shop."""
    files = people_files(people, 0, "all", people.world.weeks)
    rows = []
    for name, words in (
        ("till-cards-all.csv", ("Titular", "Dirección", "CP", "Población", "Nacimiento")),
        ("shop-accounts-all.jsonl", ("lastName", "address", "zip", "town", "birthday")),
    ):
        columns = files[name].columns
        told = zip(*(columns[word].to_pylist() for word in words), strict=True)
        rows += [dict(zip(("name", "street", "postal", "town", "born"), each, strict=True)) for each in told]
    return rows


def doors(people: People) -> Counter[tuple[str | None, ...]]:
    """How many records each address has."""
    return Counter((row["street"], row["postal"], row["town"]) for row in cards_and_accounts(people))


@pytest.mark.parametrize(("kind", "share"), [("similar_at_address", 0.04), ("couples", 0.12), ("flat_shares", 0.2)])
def test_the_addresses_that_hold_two_persons_are_as_many_as_the_world_says(kind: str, share: float) -> None:
    alone, together = doors(plain_people(customers=12_000)), doors(plain_people(customers=12_000, **{kind: share}))
    shared = [sum(count > 1 for count in each.values()) / len(each) for each in (alone, together)]
    assert shared[0] < 0.01  # strangers in one house
    assert within(shared[1] - shared[0], share, len(together))


def test_a_surname_that_nobody_bears_was_mistyped() -> None:
    """A typing error is in the surname of a bit more than a quarter of the records that have one."""
    known = {name for language in lists.LANGUAGES for name in lists.family_names(language)}

    def strange(people: People) -> float:
        names = (
            people_files(people, 0, "all", people.world.weeks)["shop-accounts-all.jsonl"]
            .columns["lastName"]
            .to_pylist()
        )
        return sum(not any(name == each or name.startswith(f"{each} ") for each in known) for name in names) / len(
            names
        )

    assert strange(plain_people(customers=2_000)) == 0
    share = strange(plain_people(customers=2_000, mistyped=0.8))
    assert 0.8 * 0.2 < share < 0.8 * 0.45
