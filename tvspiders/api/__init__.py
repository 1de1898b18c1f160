"""Thingiverse itself: its addresses, its answers, and the items in them. Pure: bytes in, items out."""
