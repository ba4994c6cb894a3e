"""Passwords, links that let in once, saved views, requests answered once, and whose view a session shows."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the tables and the column."""
    op.execute("alter table token add column viewing_as text references user (user_id)")
    op.create_table("password", _user(primary_key=True), _text("hash"), _text("made_at"))
    op.create_table(
        "entry_link",
        _text("link_hash", primary_key=True),
        _user(nullable=True, index=True),
        _text("made_at"),
        _text("made_by"),
        _text("expires_at"),
        _text("used_at", nullable=True),
    )
    op.create_table(
        "saved_view",
        _text("view_id", primary_key=True),
        _user(index=True),
        _text("name"),
        _text("page"),
        _text("question"),
        sa.Column("shared", sa.Boolean, nullable=False),
        _text("made_at"),
        sa.UniqueConstraint("user_id", "page", "name", name="one_view_of_a_name"),
    )
    op.create_table(
        "request_once",
        _user(),
        _text("key"),
        _text("request_hash"),
        sa.Column("status", sa.Integer),
        _text("answer", nullable=True),
        _text("made_at"),
        sa.PrimaryKeyConstraint("user_id", "key"),
    )


def _text(name: str, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, **{"nullable": False, **more})


def _user(**more: Any) -> sa.Column[Any]:
    return sa.Column("user_id", sa.Text, sa.ForeignKey("user.user_id"), **{"nullable": False, **more})
