"""Suspect tokens: answered 401 and not verified, so dead, or given a request that no token may send."""

from __future__ import annotations


class SuspectTokens:
    """Suspect tokens by label, each with the requests that it was answered 401 on.

    One 401 is the fault of the token or of the request. If another token sends the
    request successfully, the token is dead. If the token works elsewhere, the request is
    at fault, and every token that was refused on nothing else is cleared.

    >>> suspects = SuspectTokens()
    >>> suspects.refused("token-1", "/things/7"), suspects.refused("token-2", "/things/7")
    (False, True)
    >>> suspects.accepted("token-2", "/things/7")
    ['token-2', 'token-1']
    """

    def __init__(self) -> None:
        self._refused_on: dict[str, set[str]] = {}

    def __bool__(self) -> bool:
        return bool(self._refused_on)

    def refused(self, label: str, request: str) -> bool:
        """Note a 401; returns whether this request was refused with another token as well."""
        others = any(request in requests for other, requests in self._refused_on.items() if other != label)
        self._refused_on.setdefault(label, set()).add(request)
        return others

    def answered(self, request: str) -> None:
        """Note that a request got a response: tokens refused on it are dead, and no longer suspect."""
        self._refused_on = {label: asked for label, asked in self._refused_on.items() if request not in asked}

    def verified(self, label: str) -> None:
        """Note that a token is known to be dead, or good."""
        self._refused_on.pop(label, None)

    def accepted(self, label: str, request: str) -> list[str]:
        """Note that a token is good, so the request is at fault; returns whom that clears, it first."""
        self._refused_on.pop(label, None)
        cleared = [other for other, requests in self._refused_on.items() if requests == {request}]
        for other in cleared:
            del self._refused_on[other]
        return [label, *cleared]

    def labels(self) -> list[str]:
        """The suspect tokens."""
        return list(self._refused_on)
