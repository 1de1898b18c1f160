"""Count the items of each feed of a crawl; of older crawls they are not known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this version."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "feed_items",
        sa.Column("crawl_id", big, nullable=False, autoincrement=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("due", big, nullable=False),
        sa.Column("held", big, nullable=False),
        sa.PrimaryKeyConstraint("crawl_id", "address", name=op.f("pk_feed_items")),
    )


def downgrade() -> None:
    """Bring the schema back to the version before."""
    op.drop_table("feed_items")
