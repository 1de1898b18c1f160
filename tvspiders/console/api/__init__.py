"""Requests of commands, outside of a crawl: one HTTP client, and the API's on top of it."""
