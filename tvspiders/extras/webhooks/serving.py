"""Serve the endpoint until SIGTERM or SIGINT."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tvspiders.errors import ConfigProblem, StorageProblem
from tvspiders.extras.webhooks.endpoint import WebhookSite
from tvspiders.extras.webhooks.inbox import Inbox
from tvspiders.extras.webhooks.secret_path import secret_path
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.database.schema import check_schema, prepare_schema

logger = logging.getLogger(__name__)


def serve(
    database: str,
    host: str,
    port: int,
    secret_file: Path,
    announce: Callable[[str], None],
    keep_addresses: bool = False,
) -> Mapping[str, int]:
    """Serve; returns the events by outcome. ``announce`` gets the address once it is open.

    Raises:
        ConfigProblem: when the address is taken or the secret file cannot be used.
        StorageProblem: when the database cannot be used, or another version of tvspiders takes it over.

    """
    from twisted.internet import reactor as installed
    from twisted.internet.error import CannotListenError

    reactor: Any = installed
    engine = open_engine(database)
    try:
        check_schema(engine)  # before anything is made
        path = secret_path(secret_file)
        _log_failures()
        prepare_schema(engine)
    except BaseException:
        engine.dispose()
        raise
    inbox = Inbox(engine, give_up=lambda: reactor.callFromThread(reactor.stop))
    door = WebhookSite(path, inbox, reactor, keep_addresses)
    try:
        try:
            listening = reactor.listenTCP(port, door, interface=host)
        except CannotListenError as error:
            why = getattr(error.socketError, "strerror", None) or error.socketError
            raise ConfigProblem(f"cannot listen on {host}:{port} ({why})") from None
        bound = listening.getHost()
        shown = f"[{bound.host}]" if ":" in bound.host else bound.host
        reactor.callWhenRunning(announce, f"http://{shown}:{bound.port}{path}")
        reactor.addSystemEventTrigger("before", "shutdown", listening.stopListening)
        reactor.run()
    finally:
        inbox.close()
    if inbox.failure:
        raise StorageProblem(inbox.failure)
    return door.counts


def _log_failures() -> None:
    """Twisted buffers log events in memory until an observer is added; only failures matter here."""
    from twisted.logger import LogLevel, globalLogBeginner

    def observe(event: Mapping[str, Any]) -> None:
        failure = event.get("log_failure")
        if failure is not None:
            logger.error("%s\n%s", failure.type.__name__, failure.getTraceback())
        elif event.get("log_level") in (LogLevel.error, LogLevel.critical):
            logger.error("the web server reported an error")

    globalLogBeginner.beginLoggingTo(
        [observe],  # type: ignore[list-item]  # any callable is one
        redirectStandardIO=False,
        discardBuffer=True,
    )
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s: %(message)s")
    logging.getLogger("tvspiders").setLevel(logging.INFO)
