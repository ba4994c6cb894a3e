"""The first version: people, what they may, jobs, policies, the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TRIGGERS = (
    "create trigger audit_keeps before update on audit "
    "begin select raise(abort, 'the audit log is only ever added to'); end",
    "create trigger audit_stays before delete on audit "
    "begin select raise(abort, 'the audit log is only ever added to'); end",
    "create trigger audit_follows before insert on audit "
    "when new.seq is not (select coalesce(max(seq), 0) + 1 from audit) "
    "begin select raise(abort, 'the audit log is only ever added to'); end",
)


def upgrade() -> None:
    """Make every table."""
    _people()
    _rights()
    _work()
    _log()


def _text(name: str, *more: sa.ForeignKey, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, *more, nullable=nullable)


def _user() -> sa.Column[str]:
    return _text("user_id", sa.ForeignKey("user.user_id"))


def _valid() -> tuple[sa.Column[str], sa.Column[str]]:
    return _text("valid_from"), _text("valid_to", nullable=True)


def _made() -> tuple[sa.Column[str], sa.Column[str]]:
    return _text("made_at"), _text("made_by")


def _people() -> None:
    op.create_table(
        "user",
        sa.Column("user_id", sa.Text, primary_key=True),
        _text("name"),
        sa.Column("name_key", sa.Text, nullable=False, unique=True),
        _text("email", nullable=True),
        _text("language"),
        sa.Column("active", sa.Boolean, nullable=False),
        _text("made_at"),
        _text("ended_at", nullable=True),
        sa.CheckConstraint("ended_at is null or active = 0", name="who_has_ended_is_not_active"),
    )
    op.create_table(
        "unit",
        sa.Column("unit_id", sa.Text, primary_key=True),
        _text("name"),
        sa.Column("parent_id", sa.Text, sa.ForeignKey("unit.unit_id"), index=True),
    )
    op.create_table(
        "membership",
        _user(),
        sa.Column("unit_id", sa.Text, sa.ForeignKey("unit.unit_id"), nullable=False, index=True),
        *_valid(),
        sa.PrimaryKeyConstraint("user_id", "unit_id", "valid_from"),
    )
    op.create_table(
        "responsibility",
        _user(),
        _text("kind"),
        _text("object_id"),
        *_valid(),
        sa.PrimaryKeyConstraint("user_id", "kind", "object_id", "valid_from"),
        sa.CheckConstraint("kind in ('territory', 'account', 'product_line')", name="kind_of_responsibility"),
    )
    op.create_table(
        "objective",
        sa.Column("objective_id", sa.Text, primary_key=True),
        _text("name"),
        sa.Column("user_id", sa.Text, sa.ForeignKey("user.user_id"), index=True),
        sa.Column("unit_id", sa.Text, sa.ForeignKey("unit.unit_id"), index=True),
        _text("campaign_id", nullable=True),
        _text("measure", nullable=True),
        _text("territory_id", nullable=True),
        *_valid(),
        sa.CheckConstraint("(user_id is null) <> (unit_id is null)", name="of_a_person_or_of_a_unit"),
        sa.CheckConstraint("campaign_id is not null or measure is not null", name="a_campaign_or_a_target"),
    )


def _rights() -> None:
    op.create_table(
        "role_grant",
        sa.Column("grant_id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, sa.ForeignKey("user.user_id"), nullable=False, index=True),
        _text("role"),
        _text("scope"),
        *_valid(),
        *_made(),
        _text("ended_at", nullable=True),
        _text("ended_by", nullable=True),
    )
    op.create_table(
        "token",
        sa.Column("token_id", sa.Text, primary_key=True),
        _text("kind"),
        sa.Column("user_id", sa.Text, sa.ForeignKey("user.user_id"), nullable=False, index=True),
        _text("name"),
        sa.Column("token_hash", sa.Text, nullable=False, unique=True),
        _text("permissions"),
        _text("made_at"),
        _text("expires_at"),
        _text("last_used_at", nullable=True),
        _text("ended_at", nullable=True),
        sa.CheckConstraint("kind in ('session', 'api')", name="kind_of_token"),
    )
    op.create_table(
        "policy_version",
        sa.Column("version", sa.Integer, primary_key=True),
        _text("sha256"),
        _text("text"),
        *_made(),
    )


def _work() -> None:
    op.create_table(
        "job",
        sa.Column("job_id", sa.Integer, primary_key=True),
        _text("kind"),
        _text("arguments"),
        sa.Column("key", sa.Text, unique=True),
        _text("state"),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        _text("run_after"),
        _text("worker", nullable=True),
        _text("lease_until", nullable=True),
        _text("beat_at", nullable=True),
        _text("progress", nullable=True),
        _text("error", nullable=True),
        _text("result", nullable=True),
        *_made(),
        _text("ended_at", nullable=True),
        sa.CheckConstraint("state in ('queued', 'running', 'done', 'failed')", name="state_of_job"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_job_waiting", "job", ["state", "run_after", "job_id"])


def _log() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer, primary_key=True),
        _text("at"),
        _text("actor"),
        _text("action"),
        _text("purpose"),
        _text("objects"),
        _text("counts"),
        _text("snapshot", nullable=True),
        _text("hash"),
    )
    for trigger in _TRIGGERS:
        op.execute(trigger)
    op.create_table(
        "migration",
        sa.Column("revision", sa.Text, primary_key=True),
        _text("at"),
        _text("version"),
    )
