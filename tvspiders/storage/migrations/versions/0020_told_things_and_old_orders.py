"""Note when an answer about something else last told of a thing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this version."""
    op.add_column("things", sa.Column("told_at", sa.Text(), nullable=True))


def downgrade() -> None:
    """Bring the schema back to the version before."""
    op.drop_column("things", "told_at")
