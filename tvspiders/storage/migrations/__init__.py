"""Alembic migrations, shipped inside the package; ``storage.database.schema`` applies them."""
