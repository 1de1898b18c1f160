"""Remember under which names an API origin serves its lists; of older databases it is not known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this version."""
    op.create_table(
        "dialects",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("value", sa.Text()),
        sa.Column("last_scraped", sa.Text()),
        sa.PrimaryKeyConstraint("origin", "topic", name=op.f("pk_dialects")),
    )


def downgrade() -> None:
    """Bring the schema back to the version before."""
    op.drop_table("dialects")
