"""Sessions that began with an account elsewhere, so that whoever leaves here can leave there."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "outside_session",
        sa.Column("token_id", sa.Text, sa.ForeignKey("token.token_id"), primary_key=True),
        sa.Column("id_token", sa.Text, nullable=False),
    )
