"""Note why a request is asked beyond the least, and what stays in doubt of a list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
DOUBTS = (
    ("looks", sa.Integer()),
    ("not_served", BIG),
    ("doubtful", BIG),
    ("doubt", sa.Text()),
    ("doubt_since", sa.Text()),
    ("doubt_rounds", sa.Integer()),
    ("doubt_crawl", BIG),
)


def upgrade() -> None:
    """Bring the schema to this version."""
    op.add_column("requests", sa.Column("extra", sa.Text(), nullable=True))
    for name, kind in DOUBTS:
        op.add_column("lists", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """Bring the schema back to the version before."""
    for name, _ in reversed(DOUBTS):
        op.drop_column("lists", name)
    op.drop_column("requests", "extra")
