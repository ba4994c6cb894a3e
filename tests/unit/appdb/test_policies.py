"""Each text of the policy is a version, with who brought it in; the same text again is none."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import pytest

from clientela.appdb import policies
from clientela.appdb.audit.listing import listed
from clientela.appdb.database import Database
from clientela.errors import UsageError


def test_a_version_is_made_when_the_text_changes(database: Database, now: datetime) -> None:
    texts = ["[role.sales]\n", "[role.sales]\n", "[role.service]\n", "[role.sales]\n"]
    made = []
    for number, text in enumerate(texts):
        with database.change(by=f"user:{number}", now=now + timedelta(hours=number)) as change:
            made.append(policies.recorded(change, text))
    assert [each.version for each in made] == [1, 1, 2, 3]
    with database.reading() as connection:
        assert policies.newest(connection) == made[3]
        assert policies.of_version(connection, 2).text == "[role.service]\n"
        assert [(each.version, each.made_by) for each in policies.listed(connection)] == [
            (1, "user:0"),
            (2, "user:2"),
            (3, "user:3"),
        ]
        digest = hashlib.sha256(b"[role.service]\n").hexdigest()
        assert [each.objects for each in listed(connection)][1] == ("policy:2", f"sha256:{digest}")
        with pytest.raises(UsageError, match="no version 9"):
            policies.of_version(connection, 9)


def test_there_is_none_before_the_first(database: Database) -> None:
    with database.reading() as connection:
        assert policies.newest(connection) is None
        assert policies.listed(connection) == ()
