"""A database of a test's own on a real PostgreSQL server, and a workspace that reads from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from tests.unit.capture.workspaces import Workspace

CANARY = "c4nary@p:ss/w?rd"  # of the user that reads

SOURCE = """
[[source]]
name = "erp"
table = "order_line"
delivery = "{delivery}"
database = {{ url_from = "ERP_URL", {asked} }}
{extra}
[source.columns]
order_id = "id"
ordered_at = "at"
net_revenue = "total"
"""
ORDERS = "create table orders (id bigint, at timestamptz, total numeric(12,2), changed_at timestamptz, note text)"


class Server:
    """A new database with a user who may only read, and statements by its owner."""

    def __init__(self, owner: URL) -> None:
        self.owner = owner
        self.reader = owner.set(username=f"reader_{owner.database}", password=CANARY)
        self.run(f"create user {self.reader.username} password '{CANARY}'")
        self.run(f"alter default privileges in schema public grant select on tables to {self.reader.username}")

    @property
    def url(self) -> str:
        """The reader's URL, password and all."""
        return self.reader.render_as_string(hide_password=False)

    def run(self, *statements: str) -> list[tuple[Any, ...]]:
        """Carry out statements one by one; the rows of the last."""
        engine = create_engine(self.owner, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        rows: list[tuple[Any, ...]] = []
        with engine.connect() as connection:
            for each in statements:
                result = connection.exec_driver_sql(each)
                rows = [tuple(row) for row in result] if result.returns_rows else []
        return rows


@contextmanager
def server(url: str) -> Iterator[Server]:
    """A database that is gone afterwards."""
    name = f"test_{uuid4().hex[:12]}"
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    made = Server(make_url(url).set(database=name))
    try:
        yield made
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"drop database {name} with (force)"))
            connection.execute(text(f"drop user {made.reader.username}"))


def workspace(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    *,
    asked: str = 'table = "orders"',
    delivery: str = "upsert",
    extra: str = "",
) -> Workspace:
    """A workspace with one source: a table ``orders`` of a database."""
    monkeypatch.setenv("ERP_URL", url)
    return Workspace(folder, SOURCE.format(asked=asked, delivery=delivery, extra=extra))
