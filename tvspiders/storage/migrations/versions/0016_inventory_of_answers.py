"""Keep an inventory of the fields of answers, and an index for the most downloaded things."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this version."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "answer_fields",
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("answers", big, nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("noticed", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("endpoint", name=op.f("pk_answer_fields")),
    )
    op.create_index(op.f("ix_things_download_count"), "things", ["download_count"])


def downgrade() -> None:
    """Bring the schema back to the version before."""
    op.drop_index(op.f("ix_things_download_count"), table_name="things")
    op.drop_table("answer_fields")
