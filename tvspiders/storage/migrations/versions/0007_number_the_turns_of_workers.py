"""Number the transactions of each worker, and never the same for two requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this version; SQLite can only make the table of the requests anew."""
    op.create_table(
        "crawl_workers",
        sa.Column("crawl_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("owner", sa.Text(), primary_key=True),
        sa.Column("turn", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    )
    op.add_column("feeds", sa.Column("tail", sa.LargeBinary(), nullable=True))
    _number_requests(autoincrement=True)


def downgrade() -> None:
    """Bring the schema back to the version before."""
    _number_requests(autoincrement=False)
    op.drop_column("feeds", "tail")
    op.drop_table("crawl_workers")


def _number_requests(autoincrement: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    with op.batch_alter_table(
        "requests", recreate="always", table_kwargs={"sqlite_autoincrement": autoincrement}
    ):
        pass
