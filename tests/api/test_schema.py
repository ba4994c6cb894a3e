"""What the API says of itself holds for whatever is sent: no error of ours, no answer of another form.

A few examples an address here; `make test-all` sends a hundred for each of four roles. Names and filters that exist
are put in the place of some that chance wrote: else every question would end at the first name.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks

from clientela.api.application import api
from clientela.appdb.database import open_database
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.declared.measure import MEASURES
from clientela.cube.view import ALL
from clientela.http.site import Site
from clientela.workspace import analyses
from tests.alone import held_open
from tests.api.conftest import token_of
from tests.pipeline.company import NOW

FEW, MANY = 6, 100
PHASES = (Phase.explicit, Phase.generate)
CALM = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None, "phases": PHASES}
MEANS_MORE = "positive_data_acceptance"  # a name that is none is refused, and no schema knows the names of a company

BY = sorted(DIMENSIONS)
KNOWN: dict[str, st.SearchStrategy[Any]] = {
    "measure": st.lists(st.sampled_from(sorted(MEASURES)), min_size=1, max_size=3),
    "by": st.lists(st.sampled_from(BY), max_size=2),
    "order": st.lists(st.sampled_from(["revenue", "-revenue", "month", "order_id"]), max_size=1),
    "drill": st.lists(st.sampled_from(["year=2023", "quarter=2024-01-01", "year=x"]), max_size=1),
    "pivot": st.sampled_from(BY),
    "where": st.sampled_from(
        ["year = 2024", "month >= '2024-03'", "channel = 'web' or not year = 2023", "net_revenue > 3"]
    ),
    "column": st.lists(st.sampled_from(["order_id", "net_revenue", "customer_id", "happened_on", "email"]), max_size=2),
    "set": st.lists(st.sampled_from(["days=90", "quiet_days=30", "days=x"]), max_size=1),
    "as_of": st.sampled_from(["2024-05-01", "2023-12-31"]),
    "table": st.sampled_from(sorted(ALL)),
    "dimension": st.sampled_from(BY),
    "name": st.sampled_from([each.name for each in analyses()]),
    "source": st.just("shop"),
    "file": st.sampled_from(["orders-1.csv", "exports/orders-1.csv", "orders.exe"]),
    "search": st.sampled_from(["c1", "ana", "1"]),
    "batch": st.sampled_from([1, 2]),
    "job": st.just(1),
}


@pytest.fixture
def served(asked: Path, tmp_path: Path) -> Iterator[Site]:
    """A copy of the small shop, served: what is sent may also bring files."""
    folder = Path(shutil.copytree(asked, tmp_path / "company"))
    with open_database(folder, now=NOW) as database, held_open(folder, database):
        yield Site(folder=folder, database=database, clock=lambda: NOW)


def sent(site: Site, role: str | None, examples: int) -> tuple[int, int]:
    """Send so many examples to each address with a token of somebody who holds the role: how many, how many fit."""
    headers = {"Authorization": f"Bearer {token_of(site, f'schema-{role}', role, ['read', 'deliver'])}"}
    schema = schemathesis.openapi.from_asgi("/openapi.json", api(site))
    load_all_checks()
    checks = [check for check in CHECKS.get_all() if check.__name__ != MEANS_MORE]
    counted = [0, 0]

    for found in schema.get_all_operations():
        operation = found.ok()
        assert operation is not None

        @settings(max_examples=examples, derandomize=examples == FEW, **CALM)  # type: ignore[arg-type] # of its settings
        @given(case=operation.as_strategy(), data=st.data())
        def answered(case: Any, data: st.DataObject) -> None:
            for place in (case.path_parameters, case.query):
                for name in [each for each in KNOWN if place and each in place]:
                    if data.draw(st.booleans()):
                        place[name] = data.draw(KNOWN[name])
            response = case.call(headers=headers, timeout=120)  # a busy machine is no fault of the API
            case.validate_response(response, checks=checks)
            counted[0] += 1
            counted[1] += response.status_code in (200, 202)

        answered()
    return counted[0], counted[1]


def test_whatever_is_sent_is_answered_as_described(served: Site) -> None:
    many, good = sent(served, "administrator", FEW)
    assert many >= FEW * 10
    assert good >= many / 10


@pytest.mark.slow
@pytest.mark.parametrize("role", ["administrator", "executive", "statistician", None])
def test_a_hundred_examples_an_address(served: Site, role: str | None) -> None:
    examples = int(os.environ.get("CLIENTELA_EXAMPLES", MANY))
    many, _ = sent(served, role, examples)
    assert many >= examples * 5
