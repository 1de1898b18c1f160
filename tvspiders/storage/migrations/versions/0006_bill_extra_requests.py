"""Note why a request is asked beyond the least."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this version."""
    op.add_column("requests", sa.Column("extra", sa.Text(), nullable=True))


def downgrade() -> None:
    """Bring the schema back to the version before."""
    op.drop_column("requests", "extra")
