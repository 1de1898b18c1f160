"""The database itself: its address, engine, schema, errors and files."""
