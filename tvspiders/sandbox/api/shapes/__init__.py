"""JSON of each kind of object, as recorded in the given year."""
