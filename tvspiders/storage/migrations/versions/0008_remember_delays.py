"""Remember for how long a request was put off, besides until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this version; what waits already was put off by no more than the longest delay."""
    op.add_column("requests", sa.Column("delay", sa.Float(), nullable=True))
    op.execute("UPDATE requests SET delay = 300 WHERE available_at IS NOT NULL")


def downgrade() -> None:
    """Bring the schema back to the version before."""
    op.drop_column("requests", "delay")
