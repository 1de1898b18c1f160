"""Proxies: their addresses, their health, and the sessions of a gateway."""
