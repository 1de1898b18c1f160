"""The receiver of Thingiverse's order events: a small door on the web, and the database behind it."""
