"""Note when the row of a thing in a list last moved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this version; what older snapshots of rows tell is taken over.

    Only a second snapshot moved anything, and one without downloads came from a row.
    """
    op.add_column("things", sa.Column("moved_at", sa.Text(), nullable=True))
    op.execute(
        "UPDATE things SET moved_at = ("
        "SELECT max(s.recorded_at) FROM download_snapshots s "
        "WHERE s.thing_id = things.id AND s.download_count IS NULL AND s.recorded_at > things.first_seen)"
    )


def downgrade() -> None:
    """Bring the schema back to the version before."""
    op.drop_column("things", "moved_at")
