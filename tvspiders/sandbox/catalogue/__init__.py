"""The made-up things, people, words and texts: what the API serves."""
