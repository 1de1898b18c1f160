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
    # an older version took a 404 for the end of a list that may only have another name; a round that
    # is over asks again in the next one, one that goes on would not
    op.execute(
        "UPDATE requests "
        "SET state = 'queued', attempts = 0, available_at = NULL, status = NULL, reason = NULL "
        "WHERE state = 'gone' AND (path LIKE '/%/derivatives?%' OR path LIKE '/%/copies?%' OR "
        "path LIKE '/users/%/likes?%') "
        "AND crawl_id IN (SELECT id FROM crawls "
        "WHERE verdict <> 'complete' AND NOT (verdict = 'partial' AND idle_runs > 0))"
    )


def downgrade() -> None:
    """Bring the schema back to the version before."""
    op.drop_table("dialects")
