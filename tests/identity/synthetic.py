"""How right the product finds the customers of the synthetic company, and what it misses.

    python -m tests.identity.synthetic [CUSTOMERS] [SEED] [--splink]

All records of three years in one run, at default settings; beside them one field compared letter for letter, and Splink
with its tutorial's settings.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import clientela
from clientela.testing.company.buying.latent import latent
from clientela.testing.company.exports.forms import content
from clientela.testing.company.exports.people.files import people_files
from clientela.testing.company.exports.people.sources import SETTINGS
from clientela.testing.company.people.accounts import accounts
from clientela.testing.company.people.population.forms import ADDRESS, BIRTH
from clientela.testing.company.people.population.people import People
from clientela.testing.company.people.said import said
from clientela.testing.company.people.truth import who_is_who
from clientela.testing.company.world import World
from clientela.warehouse.store.snapshot import current
from tests.identity.baselines import splink_untuned
from tests.identity.scoring import joined_by, score

COMPANY = '[company]\nname = "Synthetic"\ncurrency = "EUR"\ntimezone = "Europe/Madrid"\n\n[run]\nthreads = 2\n'
NOW = datetime(2026, 7, 1, 6, 0, tzinfo=UTC)


def main(customers: int, seed: int, *, splink: bool = False) -> None:
    """Measure and say it."""
    world = World(customers=customers, seed=seed)
    habits = latent(world)
    people = People.begun(world, habits, accounts(world, habits))
    truth = who_is_who(people)
    with tempfile.TemporaryDirectory() as folder:
        found = resolved(Path(folder) / "w", people, truth)
    tell(people, truth, found)
    if splink:
        by_splink(people, truth)


def resolved(folder: Path, people: People, truth: pa.Table) -> np.ndarray:
    """The customer that the product finds for each record of the truth, in its order."""
    (folder / "exports").mkdir(parents=True)
    (folder / "secrets").mkdir()
    key = folder / "secrets" / "pseudonym.key"
    key.touch(mode=0o600)
    key.write_text("5d" * 32 + "\n", encoding="ascii")
    (folder / "clientela.toml").write_text(COMPANY + SETTINGS, encoding="utf-8")
    for name, sheet in people_files(people, 0, "all", people.world.weeks).items():
        (folder / "exports" / name).write_bytes(content(sheet))
    clientela.open(folder).run(now=NOW)
    published = current(folder)
    assert published is not None
    with duckdb.connect() as connection:
        for name in ("facts", "people"):
            connection.execute(f"attach '{published.paths[name]}' as {name} (read_only)")
        asked = truth.select(["system", "record_id"]).append_column("place", pa.array(np.arange(truth.num_rows)))
        connection.register("asked", asked)
        answer = connection.sql(
            "select customer_id from asked join facts.identity as fact on fact.source = asked.system "
            "join people.identity as person using (customer_ref) "
            "where person.record_id = asked.record_id order by place"
        ).to_arrow_table()
    assert answer.num_rows == truth.num_rows, "each record is somebody's"
    return answer["customer_id"].to_numpy()


def tell(people: People, truth: pa.Table, found: np.ndarray) -> None:
    """Right and wrong, all and by kind."""
    rows = np.arange(truth.num_rows)
    person = truth["person"].to_numpy()
    email = said(people, rows, np.full(len(rows), float(people.world.weeks)))["email"].to_pylist()
    mail = joined_by(email)
    private = pc.equal(truth["kind"], "person").to_numpy(zero_copy_only=False)
    for name, which in (("all records", rows), ("persons", rows[private]), ("companies", rows[~private])):
        print(f"{name}: clientela: {score(person[which], found[which])}")  # noqa: T201 - a script tells what it found
        print(f"{name}: same e-mail: {score(person[which], mail[which])}")  # noqa: T201
    one, other = pairs(person)
    hit = found[one] == found[other]
    reach, home = truth["reach_run"].to_numpy(), truth["home_run"].to_numpy()
    apart, changed = reach[one] != reach[other], home[one] != home[other]
    system = truth["system"].to_pylist()
    damage, life = truth["damage"].to_pylist(), truth["life"].to_pylist()
    kinds = {
        "e-mail or telephone shared": private[one] & ~apart & ~changed,
        "neither shared": private[one] & apart & ~changed,
        "shared, surname or address changed": private[one] & ~apart & changed,
        "neither shared, surname or address changed": private[one] & apart & changed,
        "with a typing error": private[one] & told(damage, one, other, "typing"),
        "with a nickname": private[one] & told(damage, one, other, "nickname"),
        "one has married": private[one] & told(life, one, other, "married"),
        "from a bought list": private[one] & told(system, one, other, "addresses"),
        "two of one system": private[one] & np.array([system[a] == system[b] for a, b in zip(one, other, strict=True)]),
        "companies": ~private[one],
    }
    for name, which in kinds.items():
        print(f"{name}: {which.sum()} pairs, {which.mean():.3f} of all, found {hit[which].mean():.4f}")  # noqa: T201
    missed = private[one] & ~hit
    birth, home = (people.forms.known[field] for field in (BIRTH, ADDRESS))
    both = {"birth date": birth[one] & birth[other], "address": home[one] & home[other] & ~changed}
    for name, which in (
        ("birth date and address", both["birth date"] & both["address"]),
        ("birth date", both["birth date"] & ~both["address"]),
        ("address", ~both["birth date"] & both["address"]),
        ("name alone", ~both["birth date"] & ~both["address"]),
    ):
        here = private[one] & apart & which
        missing = (here & missed).sum()
        print(f"neither shared, both know {name}: {here.sum()} pairs, {missing} of {missed.sum()} missed")  # noqa: T201
    wrong_one, wrong_other = pairs(found)
    wrong = person[wrong_one] != person[wrong_other]
    counted: dict[str, int] = {}
    trap = people.everybody.drawn.trap
    for a, b in zip(person[wrong_one[wrong]], person[wrong_other[wrong]], strict=True):
        home_of = people.everybody.home
        name = NAMES[trap[a]] if trap[a] and home_of[a] == home_of[b] else "others"
        if people.everybody.drawn.company[[a, b]].max() >= 0:
            name = "companies"
        counted[name] = counted.get(name, 0) + 1
    print(f"wrong joins: {int(wrong.sum())} of {len(wrong)}: {counted}")  # noqa: T201


def by_splink(people: People, truth: pa.Table) -> None:
    """What Splink finds of the persons with its tutorial's settings."""
    rows = np.flatnonzero(pc.equal(truth["kind"], "person").to_numpy(zero_copy_only=False))
    texts = said(people, rows, np.full(len(rows), float(people.world.weeks)))
    texts["born"] = pc.strftime(texts["born"], format="%Y-%m-%d")
    groups, _ = splink_untuned(pa.table({name: texts[name] for name in SPLINK}).to_pylist(), SPLINK)
    print(f"persons: Splink, tutorial settings: {score(truth['person'].to_numpy()[rows], groups)}")  # noqa: T201


SPLINK = {"given": "name", "surname": "name", "born": "%Y-%m-%d", "email": "email", "phone": "term",
          "postal": "term", "city": "term"}  # fmt: skip
NAMES = ("", "parent and child", "twins", "siblings", "couple", "flat share")


def told(words: list[str], one: np.ndarray, other: np.ndarray, word: str) -> np.ndarray:
    """Of which pairs at least one record says the word."""
    has = np.array([word in each for each in words])
    return np.asarray(has[one] | has[other])


def pairs(group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every two places of one group."""
    order = np.argsort(group, kind="stable")
    ranked, one, other, apart = group[order], [order[:0]], [order[:0]], 1
    while (here := np.flatnonzero(ranked[apart:] == ranked[:-apart])).size:
        one.append(order[here])
        other.append(order[here + apart])
        apart += 1
    return np.concatenate(one), np.concatenate(other)


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:] if each != "--splink"]
    customers, chosen_seed, *_ = [*numbers, *(50_000, 1)[len(numbers) :]]
    main(customers, chosen_seed, splink="--splink" in sys.argv)
