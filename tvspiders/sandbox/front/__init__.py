"""Checks before the API: tokens, quota, faults and blocks; and the journal of requests."""

from tvspiders.sandbox.front.front import Decision, Front

__all__ = ["Decision", "Front"]
