"""HTTP endpoint: one secret address that accepts JSON, with limits of size, time and connections."""

from __future__ import annotations

import hmac
import io
import json
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

from twisted.internet import interfaces
from twisted.internet.protocol import connectionDone
from twisted.web import http
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from tvspiders.errors import AnswerRefused
from tvspiders.extras.webhooks.inbox import Inbox, Outcome
from tvspiders.extras.webhooks.orders import OrderEvent, read_event

logger = logging.getLogger(__name__)

LARGEST = 64 * 1024
"""Most bytes of a body."""
CUT = 1024 * 1024
"""Bytes that one connection may bring at most; so much of a body that is too large is read and thrown
away, so that its sender gets to see the answer."""
SECONDS = 15.0
"""Most seconds of a connection, even if data still arrives."""
HEADERS = 5.0
"""Most seconds of these for the headers."""
CONNECTIONS = 250
"""Most open connections; for one more the slowest is closed."""
STATUS = {Outcome.STORED: 200, Outcome.KNOWN: 200, Outcome.LATER: 503, Outcome.REFUSED: 500}


class _Body(io.BytesIO):
    """A body that stops growing at the limit and marks itself too large."""

    too_large = False

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > LARGEST:
            self.too_large = True
            return len(data)
        return super().write(data)


class _Channel(http.HTTPChannel):
    """One connection with one request and a time limit."""

    site: WebhookSite

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        super().connectionMade()  # type: ignore[no-untyped-call]
        self._brought = 0
        self.is_reading = True
        self._end = self.callLater(SECONDS, self.cut)  # type: ignore[no-untyped-call]
        self._head = self.callLater(HEADERS, self.cut)  # type: ignore[no-untyped-call]
        self.site.open[self] = None

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        self._brought += len(data)
        if self._brought > CUT:
            self.cut()
        else:
            super().dataReceived(data)  # type: ignore[no-untyped-call]

    def allHeadersReceived(self) -> None:  # noqa: N802
        if self._head.active():
            self._head.cancel()
        super().allHeadersReceived()  # type: ignore[no-untyped-call]

    def allContentReceived(self) -> None:  # noqa: N802
        self.is_reading = False
        super().allContentReceived()  # type: ignore[no-untyped-call]

    def checkPersistence(self, request: Any, version: bytes) -> bool:  # noqa: N802
        request.responseHeaders.setRawHeaders(b"Connection", [b"close"])
        return False

    def connectionLost(self, reason: Any = connectionDone) -> None:  # noqa: N802
        self._forget()
        super().connectionLost(reason)  # type: ignore[no-untyped-call]

    def cut(self) -> None:
        """End the connection at once."""
        self._forget()
        self.site.counts["cut"] += 1
        if self.transport is not None:
            self.transport.abortConnection()

    def _forget(self) -> None:
        self.site.open.pop(self, None)
        for timer in (self._end, self._head):
            if timer.active():
                timer.cancel()


class WebhookSite(Site):
    """A Twisted site with one address.

    ``counts`` has the events by outcome: ``stored``, ``known``, ``later``, ``refused`` events,
    answers by status (``413`` …), connections that were ``cut`` or ``turned away``.
    """

    protocol = _Channel  # type: ignore[assignment]

    def __init__(
        self,
        path: str,
        inbox: Inbox,
        reactor: Any,
        keep_addresses: bool = False,
        connections: int = CONNECTIONS,
    ) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            _Orders(path.encode(), inbox, reactor.callFromThread, keep_addresses, self),
            reactor=reactor,
            timeout=SECONDS,
            parsePOSTFormSubmission=False,
        )
        self.open: dict[_Channel, None] = {}
        """Oldest first."""
        self.counts: Counter[str] = Counter()
        self._connections = connections

    def buildProtocol(self, addr: interfaces.IAddress | None) -> Any:  # noqa: N802
        """A new connection; of too many the one is cut that has been sending its request for longest.

        So senders that stand still, however many, hold up no other. Where all are being answered, the new one
        is turned away.
        """
        if len(self.open) >= self._connections:
            slowest = next((channel for channel in self.open if channel.is_reading), None)
            if slowest is None:
                self.counts["turned away"] += 1
                return None
            slowest.cut()
        return super().buildProtocol(addr)  # type: ignore[no-untyped-call]

    def getContentFile(self, length: int | None) -> io.BytesIO:  # noqa: N802
        """Where Twisted puts a body while it comes in."""
        return _Body()

    def log(self, request: Any) -> None:
        """No log of addresses: ours is a secret."""


class _Orders(Resource):
    """Answers every request itself; only POST to the secret address does anything."""

    isLeaf = True  # noqa: N815 - Twisted's name

    def __init__(
        self,
        path: bytes,
        inbox: Inbox,
        from_thread: Callable[..., Any],
        keep_addresses: bool,
        door: WebhookSite,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._path = path
        self._inbox = inbox
        self._from_thread = from_thread
        self._keep_addresses = keep_addresses
        self._door = door

    def render(self, request: Any) -> bytes | int:
        """Refuse at once, or answer when the event is on disk."""
        status, why = self._refusal(request)
        if status:
            return self._say(request, status, why)
        try:
            event = read_event(request.content.getvalue(), self._keep_addresses)
        except AnswerRefused as error:
            logger.warning("a body could not be parsed: %s", error.reason)
            return self._say(request, 400, f"not understood: {error.reason}")
        except Exception:
            # Twisted would log the request, and with it the address
            logger.exception("a body could not be read")
            return self._say(request, 500, "an error")
        gone: list[Any] = []
        request.notifyFinish().addErrback(gone.append)

        def done(outcome: Outcome) -> None:
            self._note(event, outcome)
            body = self._say(request, STATUS[outcome], outcome.value)
            if not gone:
                request.write(body)
                request.finish()

        if not self._inbox.put(event, lambda outcome: self._from_thread(done, outcome)):
            return self._say(request, 503, "too many events wait")
        return NOT_DONE_YET

    def _refusal(self, request: Any) -> tuple[int, str]:
        """Status and reason, 0 for a request that may be read."""
        if not hmac.compare_digest(request.path, self._path):
            return 404, "there is nothing here"
        if request.method != b"POST":
            request.setHeader(b"Allow", b"POST")
            return 405, "POST only"
        if request.content.too_large:
            return 413, f"{LARGEST} bytes at most"
        kind = (request.getHeader(b"Content-Type") or b"").partition(b";")[0].strip().lower()
        if kind != b"application/json":
            return 415, "application/json only"
        if (request.getHeader(b"Content-Encoding") or b"identity").strip().lower() != b"identity":
            return 415, "no content encoding"
        return 0, ""

    def _say(self, request: Any, status: int, said: str) -> bytes:
        """Set status and headers; returns the body."""
        if status != 200:
            self._door.counts[str(status)] += 1
        body = json.dumps({"ok" if status == 200 else "error": said}).encode() + b"\n"
        request.setResponseCode(status)
        request.setHeader(b"Content-Type", b"application/json")
        request.setHeader(b"Content-Length", str(len(body)).encode())
        request.setHeader(b"Server", b"tvspiders")
        if status == 503:
            request.setHeader(b"Retry-After", b"30")
        return body

    def _note(self, event: OrderEvent, outcome: Outcome) -> None:
        self._door.counts[outcome.value] += 1
        # the name is the sender's: shown so that it cannot forge a line
        logger.info("%.100r of order %s: %s", event.event, event.order_id or "-", outcome.value)
