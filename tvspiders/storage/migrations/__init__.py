"""Alembic migrations, shipped inside the package; ``storage.schema`` applies them."""
