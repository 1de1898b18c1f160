"""Name two columns after what they say: when a subject reappeared, and when a list showed a change."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this version; SQLite and PostgreSQL rename in place."""
    op.execute("ALTER TABLE tombstones RENAME COLUMN back_at TO reappeared_at")
    op.execute("ALTER TABLE things RENAME COLUMN moved_at TO changed_in_list_at")


def downgrade() -> None:
    """Bring the schema back to the version before."""
    op.execute("ALTER TABLE things RENAME COLUMN changed_in_list_at TO moved_at")
    op.execute("ALTER TABLE tombstones RENAME COLUMN reappeared_at TO back_at")
