"""Note how often and when a request was tried; of older ones that is not known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this version."""
    op.add_column("requests", sa.Column("tries", sa.Integer(), nullable=True))
    op.add_column("requests", sa.Column("tried_at", sa.Text(), nullable=True))


def downgrade() -> None:
    """Bring the schema back to the version before."""
    op.drop_column("requests", "tried_at")
    op.drop_column("requests", "tries")
