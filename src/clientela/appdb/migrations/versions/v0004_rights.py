"""A number that grows with each change of a right: by it a server knows that what it remembers still holds."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_TABLES = ("user", "unit", "membership", "responsibility", "objective", "role_grant", "policy_version")
_GROW = "update rights_change set number = number + 1"
_OF_TOKENS = "expires_at, ended_at, idle_seconds, permissions, user_id, viewing_as"  # not when it was last used


def upgrade() -> None:
    """Add the number, and what lets it grow."""
    op.create_table(
        "rights_change",
        sa.Column("one", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.CheckConstraint("one = 1", name="one_row"),
    )
    op.execute("insert into rights_change (one, number) values (1, 0)")
    for table in _TABLES:
        for event in ("insert", "update", "delete"):
            _grows(f"{table}_{event}", f'{event} on "{table}"')
    _grows("token_update", f"update of {_OF_TOKENS} on token")
    _grows("token_delete", "delete on token")


def _grows(name: str, when: str) -> None:
    op.execute(
        f"create trigger rights_{name} after {when} begin {_GROW}; end"  # words of this file alone
    )
