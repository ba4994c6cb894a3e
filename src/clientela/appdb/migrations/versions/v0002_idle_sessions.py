"""A session also ends when nobody used it for a while; the audit log is found by who, what and when."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column and the indexes."""
    with op.batch_alter_table("token") as token:
        token.add_column(sa.Column("idle_seconds", sa.Integer))
    op.create_index("ix_audit_actor", "audit", ["actor", "seq"])
    op.create_index("ix_audit_action", "audit", ["action", "seq"])
    op.create_index("ix_audit_at", "audit", ["at"])
