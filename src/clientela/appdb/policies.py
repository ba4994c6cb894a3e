"""Which policy held when: the text of policy.toml, each version once, with who brought it in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from clientela.appdb.database import Change
from clientela.appdb.tables import POLICY_VERSION
from clientela.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version, in force from when it was recorded until the next."""

    version: int
    sha256: str
    text: str
    made_at: datetime
    made_by: str


def recorded(change: Change, text: str) -> Policy:
    """The version of this text: the newest when it says the same, else a new one."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    before = newest(change.connection)
    if before is not None and before.sha256 == digest:
        return before
    version = 1 if before is None else before.version + 1
    change.connection.execute(
        insert(POLICY_VERSION).values(version=version, sha256=digest, text=text, made_at=change.now, made_by=change.by)
    )
    change.audit("policy.recorded", f"policy:{version}", f"sha256:{digest}")
    return of_version(change.connection, version)


def newest(connection: Connection) -> Policy | None:
    """The version in force; None before the first."""
    row = connection.execute(select(POLICY_VERSION).order_by(POLICY_VERSION.c.version.desc()).limit(1)).first()
    return None if row is None else _policy(row)


def of_version(connection: Connection, version: int) -> Policy:
    """A version by its number.

    Raises
    ------
    UsageError
        There is none.
    """
    row = connection.execute(select(POLICY_VERSION).where(POLICY_VERSION.c.version == version)).first()
    if row is None:
        raise UsageError(f"there is no version {version} of the policy.")
    return _policy(row)


def listed(connection: Connection) -> tuple[Policy, ...]:
    """Every version, oldest first."""
    return tuple(map(_policy, connection.execute(select(POLICY_VERSION).order_by(POLICY_VERSION.c.version))))


def _policy(row: Any) -> Policy:
    return Policy(version=row.version, sha256=row.sha256, text=row.text, made_at=row.made_at, made_by=row.made_by)
