"""Coming in with an account one has elsewhere: entries under way, whose account is whose, what groups gave."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "outside_identity",
        _text("issuer"),
        _text("subject_hash"),
        sa.Column("user_id", sa.Text, sa.ForeignKey("user.user_id"), nullable=False, index=True),
        _text("made_at"),
        sa.PrimaryKeyConstraint("issuer", "subject_hash"),
    )
    op.create_table(
        "outside_entry",
        _text("cookie_hash", primary_key=True),
        _text("state_hash"),
        _text("nonce"),
        _text("verifier"),
        _text("wanted"),
        _text("expires_at", index=True),
    )
    op.create_table(
        "outside_grant", sa.Column("grant_id", sa.Text, sa.ForeignKey("role_grant.grant_id"), primary_key=True)
    )


def _text(name: str, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, **{"nullable": False, **more})
