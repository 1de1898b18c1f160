"""Store rendered pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this version."""
    op.create_table(
        "page_snapshots",
        sa.Column("thing_id", BIG, autoincrement=False, nullable=False),
        sa.Column("taken_at", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("url", "license", "title")),
        sa.Column("html_bytes", BIG, nullable=True),
        sa.Column("html_sha256", sa.Text(), nullable=True),
        sa.Column("png_bytes", BIG, nullable=True),
        sa.Column("png_sha256", sa.Text(), nullable=True),
        sa.Column("codec", sa.Text(), nullable=True),
        sa.Column("html", sa.LargeBinary(), nullable=True),
        sa.Column("png", sa.LargeBinary(), nullable=True),
        sa.Column("last_scraped", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("thing_id", "taken_at"),
    )
