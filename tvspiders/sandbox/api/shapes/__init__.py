"""The JSON of each noun, as recorded in the year asked for."""
