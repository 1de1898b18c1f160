"""Secrets: tokens, the one origin that gets them, and how they are masked."""
