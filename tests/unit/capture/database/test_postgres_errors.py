"""What can go wrong at a PostgreSQL server: one sentence, nothing landed, no password anywhere."""

from __future__ import annotations

import socket
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from clientela.capture.arrive import State
from clientela.capture.database import connection, query
from clientela.capture.database.rows import fetch
from clientela.capture.database.values import Tally
from clientela.capture.mapping import understand
from clientela.config import load
from clientela.errors import SourceError
from clientela.warehouse.store.landing import Landing
from tests.unit.capture.database.servers import CANARY, ORDERS, Server, server, workspace


@pytest.fixture
def erp(postgres: str) -> Iterator[Server]:
    with server(postgres) as made:
        made.run(ORDERS)
        yield made


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("table = 'order'", "unknown table 'order'; known: 'orders', 'secret'. Did you mean 'orders'?"),
        ("table = 'publc.orders'", "unknown schema 'publc' in table = 'publc.orders'; known: 'information_schema', "),
        ("table = 'secret'", "the user that ERP_URL names may not read it: permission denied for table secret. "),
        ("table = 'orders', cursor = 'changed'", "unknown cursor 'changed'; known: 'at', 'changed_at', 'id', "),
        ("query = 'select * from ordrs'", 'the database does not understand what is asked: relation "ordrs" does not '),
        ("query = 'select id, id from orders'", "the query gives more than one column 'id'; give each a name of its"),
        ("query = 'delete from orders'", "the query must be a single select."),
        ("query = 'select 1; drop table orders'", "the query must be a single select."),
        ("query = ''", "the query must be a single select."),
        (
            "query = 'with x as (delete from orders returning *) select * from x'",
            "the database cannot do what is asked: WITH clause containing a data-modifying statement must be at ",
        ),
        (
            "query = \"select nextval('numbers') as id, now() as at, 1 as total\"",
            "the query writes, and clientela only ever reads; make it a plain select.",
        ),
        (
            "query = 'select 1 / (id - 1) as id, at, total from orders'",
            "the database could not compute a value of the query (SQLSTATE 22012); mend the query.",
        ),
        ("query = 'select id, at, total, pg_sleep(9)::text from orders'", "the database broke the query off, at the "),
    ],
)
def test_what_the_database_refuses_is_one_sentence_and_nothing_lands(
    asked: str, said: str, erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_start = [each.replace("3600s", "300ms") for each in connection._AT_START["postgresql"]]
    monkeypatch.setitem(connection._AT_START, "postgresql", tuple(at_start))
    erp.run("create table secret (x int)", f"revoke all on secret from {erp.reader.username}")
    erp.run("create sequence numbers", "grant all on sequence numbers to public")
    erp.run("insert into orders (id) values (1), (2)")
    (found,) = workspace(tmp_path, monkeypatch, erp.url, asked=asked).run()
    assert found.state is State.REFUSED
    assert found.note.startswith(f"source 'erp': {said}")
    assert "\n" not in found.note
    assert Landing(tmp_path).arrivals() == ()
    assert erp.run("select count(*) from orders") == [(2,)]


def wrong(erp: Server, case: str) -> str:
    url = erp.reader
    changed = {
        "password": url.set(password="wr0ng" + CANARY),
        "user": url.set(username="nobody_at_all"),
        "database": url.set(database="no_such_database"),
        "port": url.set(port=free_port()),
        "host": url.set(host="no-such-host.invalid"),
        "encryption": url.update_query_dict({"sslmode": "require"}),
        "mode": url.update_query_dict({"sslmode": "sometimes"}),
        "parameter": url.update_query_dict({"nonsense": "1"}),
        "kind": url.set(drivername="nosuchdatabase"),
        "driver": url.set(drivername="mysql+pymysql"),
    }
    return changed[case].render_as_string(hide_password=False)


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("password", "the database refused the user or the password that ERP_URL names; mend the variable."),
        ("user", "the database refused the user or the password that ERP_URL names; mend the variable."),
        ("database", "there is no such database as ERP_URL names on its server; mend the variable."),
        ("port", "the server that ERP_URL names refuses connections; is the database running, and the port right?"),
        ("host", "the server that ERP_URL names is not known to the network; mend its name in the variable."),
        ("encryption", "no encrypted connection to the server that ERP_URL names could be made; "),
        ("mode", "sslmode in the URL must be one of disable, prefer, require, verify-ca, verify-full."),
        ("parameter", "the driver does not know a parameter of ERP_URL; leave it out."),
        ("kind", "what ERP_URL holds is no URL of a database; write it as postgresql+pg8000://"),
        ("driver", "the Python package 'pymysql' for the kind of database that ERP_URL names is not installed; "),
    ],
)
def test_a_database_that_cannot_be_reached_is_one_sentence_without_its_password(
    case: str, said: str, erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = workspace(tmp_path, monkeypatch, wrong(erp, case))
    (section,) = understand(load(tmp_path, {}))
    with pytest.raises(SourceError) as caught:
        fetch(section, tmp_path, tmp_path / "into")
    assert str(caught.value).startswith(f"source 'erp': {said}")
    shown = "".join(traceback.format_exception(caught.value))
    assert CANARY not in shown
    assert "c4nary" not in shown
    error: BaseException | None = caught.value
    while error is not None:  # nothing else hangs on it, shown or not
        assert isinstance(error, SourceError)
        error = error.__cause__ or error.__context__
    assert [each.state for each in shop.run()] == [State.REFUSED]
    assert not (tmp_path / "into").exists()


def test_an_unset_variable_and_a_text_that_is_no_url_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = workspace(tmp_path, monkeypatch, CANARY)
    assert shop.run()[0].note == (
        "source 'erp': what ERP_URL holds is no URL of a database; write it as "
        "postgresql+pg8000://reader:password@host/shop."
    )
    monkeypatch.delenv("ERP_URL")
    assert shop.run()[0].note.startswith("source 'erp': the environment variable ERP_URL is not set; ")


def test_a_server_that_accepts_and_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://reader:pass@127.0.0.1:{silent.getsockname()[1]}/shop?sslmode=disable"
        (found,) = workspace(tmp_path, monkeypatch, url).run()
    assert found.note == (
        "source 'erp': the server that ERP_URL names did not answer in time (10 seconds to connect); nothing was "
        "taken. Run again."
    )


def test_a_server_that_dies_in_the_middle_leaves_nothing_half_landed(
    erp: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    erp.run("insert into orders select n, now(), 1, now(), 'n' from generate_series(1, 1000) n")
    shop = workspace(tmp_path, monkeypatch, erp.url, asked="table = 'orders', cursor = 'changed_at'")
    plain, seen = Tally.plain, []

    def broken(self: Tally, some: list[list[object]]) -> list[list[object]]:
        seen.append(len(some))
        if len(seen) == 3:
            erp.run(  # of this database alone: beside it other tests read from the same server
                """select pg_terminate_backend(pid) from pg_stat_activity
                   where application_name = 'clientela' and datname = current_database()"""
            )
        return plain(self, some)

    monkeypatch.setattr(query, "ROWS_AT_ONCE", 100)
    monkeypatch.setattr(Tally, "plain", broken)
    (found,) = shop.run()
    assert found.note in (
        "source 'erp': the database shut down or is starting; nothing was taken. Run again.",
        "source 'erp': the connection to the server that ERP_URL names broke off; nothing was taken. Run again.",
    )
    assert seen == [100, 100, 100]
    assert Landing(tmp_path).arrivals() == ()
    assert [path for path in (tmp_path / "landing").rglob("*") if path.is_file()] == []
    assert capfd.readouterr() == ("", "")
    monkeypatch.setattr(Tally, "plain", plain)
    assert [each.batch.rows for each in shop.run() if each.batch] == [1000]
