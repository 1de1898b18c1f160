import pytest
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from twisted.internet.error import ConnectionLost
from twisted.web._newclient import RequestNotSent, RequestTransmissionFailed

from tvspiders.errors import TvspidersError
from tvspiders.middlewares.network import TunnelRefused, failure_name


def caused(cause):
    error = DownloadFailedError("failed")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("exception", "name"),
    [
        (DownloadTimeoutError(), "timeout"),
        (CannotResolveHostError(), "dns"),
        (DownloadConnectionRefusedError(), "refused"),
        (ResponseDataLossError(), "truncated"),
        (TunnelRefused(407), "tunnel-407"),
        (TunnelRefused(), "tunnel"),
        (DownloadFailedError(), "connection"),
        (caused(OSError("certificate verify failed")), "certificate"),
        (ConnectionLost(), "connection"),
        (RequestNotSent(), "connection"),
        (RequestTransmissionFailed([]), "connection"),
        (ConnectionResetError(), "connection"),
        (TvspidersError(), None),
        (ValueError("certificate"), None),
    ],
)
def test_a_failure_of_the_network_has_a_short_name(exception, name):
    assert failure_name(exception) == name
