"""Short names for what the network does to a request."""

from __future__ import annotations

from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost
from twisted.web._newclient import RequestNotSent, RequestTransmissionFailed

_NETWORK: tuple[tuple[type[Exception], str], ...] = (
    (DownloadTimeoutError, "timeout"),
    (CannotResolveHostError, "dns"),
    (DownloadConnectionRefusedError, "refused"),
    (ResponseDataLossError, "truncated"),
    (TunnelError, "tunnel"),
    (DownloadFailedError, "connection"),
    (ConnectError, "connection"),
    (ConnectionDone, "connection"),
    (ConnectionLost, "connection"),
    (RequestNotSent, "connection"),
    (RequestTransmissionFailed, "connection"),
    (OSError, "connection"),
)


class TunnelRefused(TunnelError):
    """A proxy did not open the tunnel to the API (raised by the download handler); holds nothing it said."""

    def __init__(self, status: int | None = None) -> None:
        said = f"answered {status}" if status else "closed the connection, or made no sense"
        super().__init__(f"the proxy {said} instead of opening a tunnel to the API")
        self.status = status


def failure_name(exception: Exception) -> str | None:
    """Short name of a network failure, ``None`` for anything else."""
    if isinstance(exception, DownloadFailedError | OSError) and "certificate" in _texts(exception):
        return "certificate"
    if isinstance(exception, TunnelRefused) and exception.status:
        return f"tunnel-{exception.status}"
    return next((name for kind, name in _NETWORK if isinstance(exception, kind)), None)


def _texts(exception: BaseException) -> str:
    """What an exception and its causes say, in lower case."""
    seen = [str(exception), repr(exception)]
    causes = [exception.__cause__, *(failure.value for failure in getattr(exception, "reasons", ()))]
    return " ".join([*seen, *(_texts(cause) for cause in causes if cause is not None)]).lower()
