"""The database: tables, engine, upserts, queries, migrations. The only SQL of the project."""
