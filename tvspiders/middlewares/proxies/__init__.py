"""The proxy middleware and what it stands on: routes, lists, bans, the tunnel."""
