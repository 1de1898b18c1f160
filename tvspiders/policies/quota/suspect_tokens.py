"""Which tokens were refused (401), and on what: to tell a dead token from a request that no token may ask."""

from __future__ import annotations


class SuspectTokens:
    """Refused tokens by label, each with the requests that it was refused on.

    One refusal blames token or request. A request that another token asks
    successfully proves the token dead; a token that answers elsewhere proves the
    request at fault, and with it every token that was refused on nothing else.

    >>> doubts = Doubts()
    >>> doubts.refused("token-1", "/things/7"), doubts.refused("token-2", "/things/7")
    (False, True)
    >>> doubts.accepted("token-2", "/things/7")
    ['token-2', 'token-1']
    """

    def __init__(self) -> None:
        self._open: dict[str, set[str]] = {}

    def __bool__(self) -> bool:
        return bool(self._open)

    def refused(self, label: str, request: str) -> bool:
        """Note a 401; returns whether this request was refused with another token as well."""
        others = any(request in requests for other, requests in self._open.items() if other != label)
        self._open.setdefault(label, set()).add(request)
        return others

    def answered(self, request: str) -> None:
        """Note that a request is answered: tokens refused on it are dead, without any doubt."""
        self._open = {label: asked for label, asked in self._open.items() if request not in asked}

    def settled(self, label: str) -> None:
        """Note that it is known whether a token is dead."""
        self._open.pop(label, None)

    def accepted(self, label: str, request: str) -> list[str]:
        """Note that a token is good, so the request is at fault; returns whom that clears, this one first."""
        self._open.pop(label, None)
        cleared = [other for other, requests in self._open.items() if requests == {request}]
        for other in cleared:
            del self._open[other]
        return [label, *cleared]

    def labels(self) -> list[str]:
        """Tokens of which it is not known whether they are dead."""
        return list(self._open)
