"""The tables of the app database, as its newest version has them; `migrations` brings a file there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

APPLICATION = 0x434C5441  # "CLTA", in the header of the file: this is an app database of clientela
_MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"  # of one width, so that texts are ordered as the moments are


def canonical(document: Mapping[str, Any] | Sequence[Any]) -> str:
    """The one JSON text of a document: keys in order, no space."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def moment_text(moment: datetime) -> str:
    """A moment as the tables keep it.

    Examples
    --------
    >>> moment_text(datetime(2026, 3, 1, 9, 30, tzinfo=UTC))
    '2026-03-01T09:30:00.000000Z'
    """
    if moment.tzinfo is None:
        raise ValueError("a moment must know its zone")
    return moment.astimezone(UTC).strftime(_MOMENT)


def moment_of(said: str) -> datetime:
    """The moment of a text that `moment_text` made."""
    return datetime.strptime(said, _MOMENT).replace(tzinfo=UTC)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, kept as text that sorts and that a person can read."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """As the table keeps it."""
        return None if value is None else moment_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """As Python has it."""
        return None if value is None else moment_of(value)


class Document(TypeDecorator[Any]):
    """A JSON document in its canonical text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """As the table keeps it."""
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """As Python has it."""
        return None if value is None else json.loads(value)


METADATA = MetaData()


def _valid() -> tuple[Column[Any], Column[Any]]:
    """From when to before when a row holds; an open end is null."""
    return Column("valid_from", Moment, nullable=False), Column("valid_to", Moment)


USER = Table(
    "user",
    METADATA,
    Column("user_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),  # the name without its capitals: Ana and ana are one
    Column("email", Text),
    Column("language", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("ended_at", Moment),
    CheckConstraint("ended_at is null or active = 0", name="who_has_ended_is_not_active"),
)

UNIT = Table(
    "unit",
    METADATA,
    Column("unit_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("parent_id", Text, ForeignKey("unit.unit_id"), index=True),
)

MEMBERSHIP = Table(
    "membership",
    METADATA,
    Column("user_id", Text, ForeignKey("user.user_id"), nullable=False),
    Column("unit_id", Text, ForeignKey("unit.unit_id"), nullable=False, index=True),
    *_valid(),
    PrimaryKeyConstraint("user_id", "unit_id", "valid_from"),
)

RESPONSIBILITY = Table(
    "responsibility",
    METADATA,
    Column("user_id", Text, ForeignKey("user.user_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    *_valid(),
    PrimaryKeyConstraint("user_id", "kind", "object_id", "valid_from"),
    CheckConstraint("kind in ('territory', 'account', 'product_line')", name="kind_of_responsibility"),
)

OBJECTIVE = Table(
    "objective",
    METADATA,
    Column("objective_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("user_id", Text, ForeignKey("user.user_id"), index=True),
    Column("unit_id", Text, ForeignKey("unit.unit_id"), index=True),
    Column("campaign_id", Text),
    Column("measure", Text),
    Column("territory_id", Text),
    *_valid(),
    CheckConstraint("(user_id is null) <> (unit_id is null)", name="of_a_person_or_of_a_unit"),
    CheckConstraint("campaign_id is not null or measure is not null", name="a_campaign_or_a_target"),
)

ROLE_GRANT = Table(
    "role_grant",
    METADATA,
    Column("grant_id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("user.user_id"), nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("scope", Document, nullable=False),
    *_valid(),
    Column("made_at", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("ended_at", Moment),
    Column("ended_by", Text),
)

TOKEN = Table(
    "token",
    METADATA,
    Column("token_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("user_id", Text, ForeignKey("user.user_id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),  # the token itself is nowhere
    Column("permissions", Document, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("idle_seconds", Integer),
    Column("last_used_at", Moment),
    Column("ended_at", Moment),
    Column("viewing_as", Text, ForeignKey("user.user_id")),  # whose view a session shows, to read only
    CheckConstraint("kind in ('session', 'api')", name="kind_of_token"),
)

PASSWORD = Table(
    "password",
    METADATA,
    Column("user_id", Text, ForeignKey("user.user_id"), primary_key=True),
    Column("hash", Text, nullable=False),  # argon2id, with its salt and costs
    Column("made_at", Moment, nullable=False),
)

ENTRY_LINK = Table(
    "entry_link",
    METADATA,
    Column("link_hash", Text, primary_key=True),  # the link itself is nowhere
    Column("user_id", Text, ForeignKey("user.user_id"), index=True),  # null: the first user is made with it
    Column("made_at", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

SAVED_VIEW = Table(
    "saved_view",
    METADATA,
    Column("view_id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("user.user_id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("page", Text, nullable=False),  # such as explore
    Column("question", Text, nullable=False),  # the query string that shows it again
    Column("shared", Boolean, nullable=False),  # others see it in their list, each within what they may see
    Column("made_at", Moment, nullable=False),
    UniqueConstraint("user_id", "page", "name", name="one_view_of_a_name"),
)

REQUEST_ONCE = Table(
    "request_once",
    METADATA,
    Column("user_id", Text, ForeignKey("user.user_id"), nullable=False),
    Column("key", Text, nullable=False),  # the Idempotency-Key that was sent
    Column("request_hash", Text, nullable=False),
    Column("status", Integer),  # null: still being answered
    Column("answer", Document),
    Column("made_at", Moment, nullable=False),
    PrimaryKeyConstraint("user_id", "key"),
)

OUTSIDE_IDENTITY = Table(
    "outside_identity",
    METADATA,
    Column("issuer", Text, nullable=False),  # of an account that somebody has elsewhere
    Column("subject_hash", Text, nullable=False),  # the account's own id is nowhere
    Column("user_id", Text, ForeignKey("user.user_id"), nullable=False, index=True),
    Column("made_at", Moment, nullable=False),
    PrimaryKeyConstraint("issuer", "subject_hash"),
)

OUTSIDE_ENTRY = Table(
    "outside_entry",
    METADATA,
    Column("cookie_hash", Text, primary_key=True),  # of the browser in which the entry began
    Column("state_hash", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("wanted", Text, nullable=False),  # the page one wanted to see
    Column("expires_at", Moment, nullable=False, index=True),
)

OUTSIDE_GRANT = Table(
    "outside_grant",
    METADATA,
    Column("grant_id", Text, ForeignKey("role_grant.grant_id"), primary_key=True),  # a group gave it, no person
)

OUTSIDE_SESSION = Table(
    "outside_session",
    METADATA,
    Column("token_id", Text, ForeignKey("token.token_id"), primary_key=True),  # of a session that began elsewhere
    Column("id_token", Text, nullable=False),  # shown to the provider when it ends; then the row goes
)

JOB = Table(
    "job",
    METADATA,
    Column("job_id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("arguments", Document, nullable=False),
    Column("key", Text, unique=True),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("run_after", Moment, nullable=False),
    Column("worker", Text),
    Column("lease_until", Moment),
    Column("beat_at", Moment),
    Column("progress", Text),
    Column("error", Text),
    Column("result", Document),
    Column("made_at", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("ended_at", Moment),
    CheckConstraint("state in ('queued', 'running', 'done', 'failed')", name="state_of_job"),
    Index("ix_job_waiting", "state", "run_after", "job_id"),
    sqlite_autoincrement=True,  # a number is never given twice
)

POLICY_VERSION = Table(
    "policy_version",
    METADATA,
    Column("version", Integer, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
)

RIGHTS_CHANGE = Table(
    "rights_change",
    METADATA,
    Column("one", Integer, primary_key=True),
    Column("number", Integer, nullable=False),  # triggers let it grow with each change of a right
    CheckConstraint("one = 1", name="one_row"),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("at", Text, nullable=False),  # texts as they were hashed
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("objects", Text, nullable=False),
    Column("counts", Text, nullable=False),
    Column("snapshot", Text),
    Column("hash", Text, nullable=False),
    Index("ix_audit_actor", "actor", "seq"),
    Index("ix_audit_action", "action", "seq"),
    Index("ix_audit_at", "at"),
)

MIGRATION = Table(
    "migration",
    METADATA,
    Column("revision", Text, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("version", Text, nullable=False),  # of clientela
)
