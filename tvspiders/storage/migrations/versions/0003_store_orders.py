"""Store orders and their events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this version."""
    op.create_table(
        "orders",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("thing_id", BIG, nullable=True),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("state", "amount", "status")),
        sa.Column("is_shipped", sa.Boolean(), nullable=True),
        *(
            sa.Column(name, sa.Text(), nullable=True)
            for name in ("note", "charges", "fees", "dates", "address")
        ),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("first_seen", "last_received")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_orders_thing_id", "orders", ["thing_id"])
    op.create_table(
        "order_events",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("order_id", BIG, nullable=True),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("event", "payload", "received_at", "last_received")
        ),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("order_id", "event", name="uq_order_events_order_id_event"),
    )
