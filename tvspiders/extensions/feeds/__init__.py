"""Feeds: exported once, continued after a crash, written strictly."""
