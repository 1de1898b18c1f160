"""Choose the fault of a response, as a pure function of the seed and the request's number."""

from __future__ import annotations

from collections.abc import Mapping

from tvspiders.sandbox.catalogue.mixing import Source
from tvspiders.sandbox.config import FAULTS, ConfigError


class Faults:
    """Draws a fault for each request, by its number in the order of arrival.

    >>> Faults({"500": 1.0}, seed=1).drawn(7)
    '500'
    """

    def __init__(self, rates: Mapping[str, float], seed: int) -> None:
        self.rates = {fault: rates.get(fault, 0.0) for fault in FAULTS}
        self._first: dict[str, int] = {}
        self._source = Source(seed, "faults")

    def set(self, fault: str, rate: float, *, after: int = 0) -> None:
        """Change one rate from request number ``after`` on; 0 ends the fault."""
        if fault not in FAULTS:
            raise ConfigError(f"fault {fault!r} is not known; accepted: {', '.join(FAULTS)}")
        others = sum(each for name, each in self.rates.items() if name != fault)
        if not 0 <= rate <= 1 - others + 1e-9:
            raise ConfigError(f"rate-{fault} {rate:g} is not accepted; accepted: 0 to {1 - others:g}")
        self.rates[fault], self._first[fault] = rate, after

    def drawn(self, ordinal: int) -> str | None:
        """The fault of a request, or None."""
        draw = self._source.share(ordinal)
        for fault, rate in self.rates.items():
            draw -= rate
            if draw < 0:
                return fault if ordinal >= self._first.get(fault, 0) else None
        return None

    def form(self, ordinal: int) -> int:
        """A number for the request, where a fault has several forms."""
        return self._source.number(ordinal, 1)
