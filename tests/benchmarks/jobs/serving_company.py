"""A synthetic company that is large enough to serve: made, run, and known to fifty people of ten scopes."""

from __future__ import annotations

import random
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from secrets import token_bytes

from sqlglot import parse_one

import clientela
from clientela.appdb import grants, tokens, users
from clientela.appdb.database import open_database
from clientela.cli.demo.company import _settings
from clientela.pipeline import serving
from clientela.pipeline.asking.scope import read_policy
from clientela.testing.company.company import Company
from clientela.testing.company.world import World
from clientela.workspace import create

# Ten scopes of the company's market, by role and territory; none: the whole company.
SCOPES = (
    ("executive", None),
    ("finance", None),
    ("manager", "ES"),
    ("manager", "IT"),
    ("manager", "NL"),
    ("manager", "ES-1"),
    ("manager", "IT-2"),
    ("manager", "ES-3-05"),
    ("sales", "NL-2"),
    ("service", "IT"),
)
EACH = 5  # people of a scope
CUSTOMERS_EACH = 400  # pages that a person looks at in turn, drawn evenly from those they may see


def write_company(folder: str, customers: int, weeks: int) -> dict[str, object]:
    """The files of the company, and one run of the product over all of them."""
    made = Path(folder)
    world = World.messy(customers=customers, weeks=weeks, empty_files=0.0)
    # Thousands of weekly files would take longer to open than to read.
    company = Company(world, exports=made / "exports", truth=made.with_name(made.name + "-truth"), yearly_weeks=weeks)
    create(made, name="Synthetic company", currency=world.currency, timezone=world.timezone)
    (made / "clientela.toml").write_text(_settings(world), encoding="utf-8")
    until = world.begins + timedelta(weeks=weeks)
    company.deliver(until)
    clientela.open(made).run(now=datetime.combine(until, time(6), UTC))
    return {"until": until.isoformat()}


def admit(folder: str, seed: int) -> list[dict[str, object]]:
    """The people: name, scope, the session each is in with, and customers each may look at, in a drawn order."""
    workspace = Path(folder)
    now = datetime.now(UTC)
    drawn = random.Random(seed)  # noqa: S311 - a draw of pages to look at, no secret
    visible = {place: _visible(workspace, place) for _, place in SCOPES}
    people: list[dict[str, object]] = []
    with open_database(workspace, now=now) as database, database.change(by="test:benchmark", now=now) as change:
        roles = read_policy(workspace).roles
        for number, (role, place) in enumerate(SCOPES):
            for each in range(EACH):
                name = f"{role}-{number}-{each}"
                if not users.is_known(change.connection, name):
                    users.add(change, name, chance=token_bytes, language="en")
                    scope = None if place is None else {"territories": [place]}
                    grants.give(change, name, role, roles=roles, chance=token_bytes, scope=scope)
                session = tokens.make(change, name, kind="session", chance=token_bytes, lasting=timedelta(hours=12))
                seen = visible[place]
                people.append(
                    {
                        "name": name,
                        "scope": f"{role} {place or 'all'}",
                        "session": session.text,
                        "customers": drawn.sample(seen, min(CUSTOMERS_EACH, len(seen))),
                    }
                )
    return people


def _visible(workspace: Path, place: str | None) -> list[int]:
    """The customers of a territory and of those below it; all, without one."""
    query = "select customer_id from customer_page"
    if place is not None:
        query += " where territory_id = :place or territory_id like :below"
    with serving.hold(workspace), serving.opened(workspace) as (reader, _):
        asked = parse_one(f"{query} order by customer_id", dialect="duckdb")
        given = {} if place is None else {"place": place, "below": f"{place}-%"}
        return [row["customer_id"] for row in reader.fetch(asked, given).to_pylist()]
