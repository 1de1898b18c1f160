"""Checks before a crawl, by subject: each says in one line what is wrong, before any request is sent."""
