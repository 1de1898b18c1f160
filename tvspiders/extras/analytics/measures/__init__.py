"""The sections of a report: what is computed from the data."""
