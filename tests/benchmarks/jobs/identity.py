"""Records of people for the measurement of identity: written, standardised alone, looked up, judged."""

from __future__ import annotations

import statistics
from pathlib import Path
from time import perf_counter

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from tests.identity import delivery
from tests.identity.records import delivered
from tests.identity.scoring import score

SEED = 41


def write_people(folder: str, records: int, later: float) -> dict[str, object]:
    """The files of three systems, a share of the records in a second delivery, and all of it as one table."""
    made, into = delivered(records, seed=SEED), Path(folder)
    for number, part in enumerate(delivery.split(made, later), 1):
        (into / str(number) / "exports").mkdir(parents=True)
        delivery.write(into / str(number), part, number)
    pq.write_table(made.table, into / "all.parquet")
    return {"records": made.table.num_rows, "later": int(records * later)}


def judge(folder: str, people: str) -> dict[str, object]:
    """How right the published customers are, and how many there are."""
    table = pq.read_table(Path(people) / "all.parquet")
    ours = delivery.found(Path(folder), table)
    right = score(table["person"].to_numpy(), ours.customer_id)
    return {"precision": right.precision, "recall": right.recall, "f1": right.f1, "b_cubed_f1": right.b_f1}


def agree(one: str, other: str, people: str) -> dict[str, object]:
    """How alike the customers of two workspaces are."""
    table = pq.read_table(Path(people) / "all.parquet")
    both = [delivery.found(Path(folder), table).customer_id for folder in (one, other)]
    return {"f1": score(both[0], both[1]).f1}


def resolve(folder: str, people: str, times: int) -> dict[str, object]:
    """The milliseconds of looking up identifiers of all kinds, known and unknown, in a snapshot that stays open."""
    import clientela

    table = pq.read_table(Path(people) / "all.parquet").slice(0, times)
    asked = [
        str(value) for name in ("email", "phone", "record_id", "tax") for value in table[name].to_pylist() if value
    ]
    names = zip(table["given"].to_pylist(), table["surname"].to_pylist(), strict=True)
    asked += [f"{given} {surname}" for given, surname in names]
    asked += ["nobody.at.all@nowhere.example.com", "+34 600 000 001", "Nemo Outis", "X0000000Z"]
    company, opened = clientela.open(folder), []
    for identifier in asked[:20]:
        began = perf_counter()
        company.find(identifier)
        opened.append((perf_counter() - began) * 1000)
    took, certain = [], 0
    with company.finding() as resolver:
        for identifier in asked:
            began = perf_counter()
            answer = resolver.find(identifier)
            took.append((perf_counter() - began) * 1000)
            certain += answer.customer_id is not None
    took.sort()
    return {
        "asked": len(asked),
        "certain": certain,
        "usually_ms": statistics.median(took),
        "ms_95": took[int(len(took) * 0.95)],
        "worst_ms": took[-1],
        "opening_each_time_ms": statistics.median(opened),
    }


def standardised(people: str, linkable: str, settings: str) -> dict[str, object]:
    """The records as the product compares them, and its comparisons and blocking as Splink's settings.

    The peer gets the same fields in the same form, values that name nobody unknown already; what is learned from them
    stays out. Its blocking is ours without the wide rules, whose frequent values ours leaves out one by one.
    """
    import json

    from clientela.unify.linking.customer import CUSTOMER
    from clientela.unify.linking.model import settings as for_splink
    from clientela.unify.linking.model import shipped
    from clientela.unify.linking.work import RECORD, place, write_records
    from clientela.unify.standardise import standardise
    from clientela.warehouse.engine import Engine

    table = pq.read_table(Path(people) / "all.parquet")
    names = {
        "given": "first_name",
        "surname": "last_name",
        "postal": "postal_code",
        "born": "birth_date",
        "tax": "tax_id",
        "system": "source",
        "created": "created_at",
    }
    given = table.drop_columns(["person", "trap", "life"]).rename_columns(names)
    columns = [*given.column_names, "md5(source || record_id) as customer_ref", "1 as first_run", *_missing(given)]
    with Engine.in_memory() as engine:
        engine.register("given", given)
        rows = exp.select(*columns, dialect="duckdb").from_("given")
        engine.run(exp.Create(this=place("record"), kind="TABLE", expression=rows))
        standardise(engine, country="ES")
        write_records(engine, CUSTOMER, 50)
        compared = engine.fetch(exp.select("*").from_(place(RECORD)))
    pq.write_table(compared, linkable)
    known = {each.name: compared.num_rows - compared[each.column].null_count for each in CUSTOMER.fields}
    told = for_splink(CUSTOMER, shipped(CUSTOMER, known), 1e-6)
    told |= {"retain_matching_columns": False, "retain_intermediate_calculation_columns": False}
    told["blocking_rules_to_generate_predictions"] = [
        _agreeing([exp.column("kind"), *each.keys]) for each in CUSTOMER.blocks if not each.wide
    ]
    trainings = [_agreeing([exp.column(name) for name in each.columns]) for each in CUSTOMER.trainings[:4]]
    surely = [_agreeing([exp.column(name) for name in each]) for each in CUSTOMER.surely]
    document = {"settings": told, "trainings": trainings, "surely": surely}
    Path(settings).write_text(json.dumps(document), encoding="utf-8")
    return {"rows": compared.num_rows}


def _agreeing(keys: list[exp.Expr]) -> str:
    """Both records have the same in all of these, as Splink wants it said."""
    said = []
    for each in keys:
        sides = []
        for side in ("l", "r"):
            own = each.copy()
            for column in own.find_all(exp.Column):
                column.set("table", exp.to_identifier(side))
            sides.append(own.sql(dialect="duckdb"))
        said.append(" = ".join(sides))
    return " and ".join(said)


def _missing(given: pa.Table) -> list[str]:
    from clientela.contracts.delivered.people import CUSTOMER_RECORD

    there = set(given.column_names)
    return [f"null::varchar as {each.name}" for each in CUSTOMER_RECORD.columns if each.name not in there]


def link_with_splink(linkable: str, settings: str, threads: int, memory: str, threshold: float) -> dict[str, object]:
    """Splink as its manual has it, given the same comparisons and blocking: train, predict, cluster."""
    import json
    import logging
    import warnings

    from splink import DuckDBAPI, Linker

    warnings.simplefilter("ignore")
    logging.getLogger("splink").setLevel(logging.ERROR)
    given, seconds, began = json.loads(Path(settings).read_text(encoding="utf-8")), {}, perf_counter()

    def step(name: str) -> None:
        nonlocal began
        seconds[name] = round(perf_counter() - began, 2)
        began = perf_counter()

    with duckdb.connect(config={"threads": threads, "memory_limit": memory}) as connection:
        rows = connection.execute(f"create table linkable as from read_parquet('{linkable}')")
        rows = connection.execute("select count(*) from linkable").fetchall()[0][0]
        database = DuckDBAPI(connection)
        linker = Linker(database.register(connection.table("linkable")), given["settings"], log_level=logging.ERROR)
        step("read")
        linker.training.estimate_probability_two_random_records_match(given["surely"], recall=0.8)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for rule in given["trainings"]:
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        step("train")
        pairs = linker.inference.predict(threshold_match_probability=0.5)
        step("predict")
        linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=threshold)
        step("cluster")
        compared = connection.execute(f"select count(*) from {pairs.physical_name}").fetchall()[0][0]  # noqa: S608
    return {"rows": rows, "pairs": compared, "seconds": seconds}
