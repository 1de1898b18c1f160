"""Run by Alembic: migrate over the connection that ``storage.database.schema`` holds."""

from __future__ import annotations

from alembic import context

from tvspiders.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
