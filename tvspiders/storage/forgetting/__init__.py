"""Forget a person: find, delete and blank all that the database holds of them."""
