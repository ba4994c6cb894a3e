"""The keys of people in landed files, each with its pseudonym, and the rows that take it from there."""

from __future__ import annotations

from pathlib import Path

from sqlglot import exp

from clientela.capture.mapping import Section
from clientela.capture.reading import call
from clientela.capture.typed import NUMBER, REFS, Typed
from clientela.warehouse.engine import Engine, read_parquet, write_parquet
from clientela.warehouse.physical import column

KEYS = "keys"  # a work file


def write_keys(engine: Engine, section: Section, query: Typed, place: Path, secret: bytes) -> None:
    """Write every key of a person, once, with its pseudonym: hashing is slow, so never a row at a time."""
    keys = query.keys
    if keys is None:
        return
    named = exp.alias_(exp.Literal.string(section.source.keys_from), "source")
    salt = exp.Literal.string(section.source.keys_from + "\x1f")
    salted = call("encode", exp.DPipe(this=salt, expression=column("record_id")))
    inner = call("unhex", call("sha256", exp.DPipe(this=exp.Placeholder(this="secret"), expression=salted)))
    outer = call("sha256", exp.DPipe(this=exp.Placeholder(this="secret"), expression=inner))
    hashed = exp.select(named, column("record_id"), exp.alias_(outer, "customer_ref")).from_(keys.subquery("key"))
    number = exp.alias_(call("id63", column("customer_ref")), NUMBER)
    numbered = exp.select("source", "record_id", "customer_ref", number).from_(hashed.subquery("hashed"))
    write_parquet(engine, numbered, place / KEYS, {"secret": secret}, compression="snappy")


def with_refs(query: exp.Select, place: Path) -> exp.Select:
    """Let the query read the pseudonyms from the file they were written to."""
    copied = query.copy()
    for node in list(copied.find_all(exp.Table)):
        if node.name == REFS:
            table = read_parquet([place / KEYS])
            table.set("alias", node.args["alias"].copy())
            node.replace(table)
    return copied
