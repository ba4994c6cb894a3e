from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from clientela.contracts.analysis import KnowledgeBase
from clientela.contracts.derived import DERIVED
from clientela.contracts.filter import Condition, Operator
from clientela.cube.fields import people_fields
from clientela.cube.knowledge import knowledge, start_of_day
from clientela.errors import QueryError, UnknownNameError
from clientela.warehouse.engine import Engine
from clientela.warehouse.store.snapshot import Reader, publish
from tests.unit.cube.published import AS_OF, Published, line, reference

LINES = (line("1", 1, "2024-01-05", "10"), line("2", 2, "2024-03-05", "7"), line("3", 2, "2024-06-30", "1"))


def known(published: Published, as_of: date | None = None) -> KnowledgeBase:
    """The knowledge base of a snapshot built for 1 July."""
    return knowledge(
        published.engine,
        snapshot="7",
        tables=published.tables,
        people=None,
        currency="EUR",
        timezone="America/New_York",
        lapse_days=30,
        run_as_of=AS_OF,
        run_known_at=datetime.fromisoformat("2024-07-01T09:30"),
        as_of=as_of,
    )


def test_it_looks_from_the_runs_own_date(published: Published):
    kb = known(published.add(order_line=LINES))
    assert (kb.as_of, kb.run_as_of, kb.snapshot, kb.currency) == (AS_OF, AS_OF, "7", "EUR")
    assert kb.known_at == datetime.fromisoformat("2024-07-01T09:30")
    assert (kb.first_day, kb.last_day) == (date(2024, 1, 5), date(2024, 6, 30))
    assert kb.query(["revenue"]).totals == (Decimal(18),)
    assert kb.members("day", limit=1) == (date(2024, 1, 5),)
    assert kb.records("order_line", ["order_id"], Condition("order_id", Operator.GT, "2")).rows == (("3",),)


def test_of_an_earlier_date_it_knows_what_was_known_when_that_day_began(published: Published):
    kb = known(published.add(order_line=LINES), date(2024, 3, 6))
    assert kb.known_at == datetime.fromisoformat("2024-03-06T05:00")  # midnight in New York
    assert (kb.first_day, kb.last_day) == (date(2024, 1, 5), date(2024, 3, 5))
    assert kb.query(["revenue"]).totals == (Decimal(17),)
    assert kb.delivered("order_line") is True


def test_it_knows_nothing_of_a_later_date(published: Published):
    with pytest.raises(QueryError, match="as of 2024-07-02 nothing is known yet"):
        known(published, date(2024, 7, 2))


def test_without_order_lines_there_is_no_first_day(published: Published):
    kb = known(published)
    assert (kb.first_day, kb.last_day) == (None, None)
    assert kb.delivered("order_line") is False
    assert kb.evidence("churn-risk").models == ()


def test_whether_something_was_delivered_is_told_by_table(published: Published):
    kb = known(published.add(order_line=LINES, product=[reference(product_id="p")]))
    assert (kb.delivered("order_line"), kb.delivered("product"), kb.delivered("consent")) == (True, True, False)
    with pytest.raises(UnknownNameError, match="Did you mean 'product'"):
        kb.delivered("products")


def test_evidence_is_that_of_the_analysis_newest_first(published: Published):
    model = {"analysis": "churn-risk", "candidate": "both", "parameters": "{}", "contract_hash": "h", "winner": True}
    model |= {"learned_at": datetime.fromisoformat("2024-07-01"), "as_of": AS_OF}
    tested = {"analysis": "churn-risk", "metric": "auc", "n": 5, "fitted_at_origins": "2024-01-01"}
    published.add(
        model=[{**model, "version": "2"}, {**model, "version": "1"}, {**model, "analysis": "other", "version": "3"}],
        backtest=[
            {**tested, "candidate": candidate, "origin": origin, "value": Decimal("0.8")}
            for candidate, origin in (("gap", date(2024, 1, 1)), ("gap", date(2024, 4, 1)), ("both", date(2024, 4, 1)))
        ],
    )
    evidence = known(published).evidence("churn-risk")
    assert [row["version"] for row in evidence.models] == ["1", "2"]
    assert evidence.models[0]["winner"] is True
    assert [(row["candidate"], row["origin"]) for row in evidence.results] == [
        ("both", date(2024, 4, 1)),
        ("gap", date(2024, 4, 1)),
        ("gap", date(2024, 1, 1)),
    ]
    assert evidence.results[0]["value"] == Decimal("0.8")
    assert known(published, date(2024, 2, 1)).evidence("churn-risk").models == ()


def test_a_day_begins_in_the_companys_zone():
    assert start_of_day(date(2024, 1, 1), "Europe/Madrid") == datetime.fromisoformat("2023-12-31T23:00")


def test_it_reads_a_published_snapshot(tmp_path: Path):
    built = {database: tmp_path / f"{database}.build" for database in ("facts", "people")}
    for database, path in built.items():
        with Engine.on_file(path) as engine:
            published = Published(engine)
            if database == "facts":
                identity = {"customer_ref": "r1", "source": "shop", "customer_id": 1}
                published.add(order_line=LINES, identity=[identity])
            else:
                published.store(
                    "identity", people_fields(DERIVED["identity"]), [{"customer_ref": "r1", "record_id": "K"}]
                )
    with Reader(publish(built, tmp_path, 1, {})) as reader:
        kb = knowledge(
            reader,
            snapshot="1",
            tables=reader.tables,
            people=reader.people,
            currency="EUR",
            timezone="UTC",
            lapse_days=30,
            run_as_of=AS_OF,
            run_known_at=datetime.fromisoformat("2024-07-01T00:00"),
        )
        assert kb.query(["revenue", "lost_customers"], ["month"], limit=1).rows == ((date(2024, 1, 1), Decimal(10), 0),)
        assert kb.records("order_line", ["order_id", "customer_key"], limit=2).rows == (("1", "K"), ("2", None))
        assert kb.records("quality", ["verdict"]).rows == ()
