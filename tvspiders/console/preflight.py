"""Checks before a crawl: whatever is wrong is said in one line, before any request is sent."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings, Settings
from scrapy.spiderloader import get_spider_loader
from sqlalchemy.exc import DBAPIError
from w3lib.url import any_to_uri, file_uri_to_path

from tvspiders.checks.final_settings import check_final_settings
from tvspiders.checks.own_settings import OwnSettings, check_names
from tvspiders.checks.secret_values import holds_password
from tvspiders.checks.writable import check_writable
from tvspiders.console.failed_start import failed_component
from tvspiders.errors import ConfigProblem, StorageProblem, UsageProblem
from tvspiders.ledger.components import check_components
from tvspiders.middlewares.proxies import configured_proxies
from tvspiders.params import check_arguments as check_model
from tvspiders.policies.security.origin import Origin
from tvspiders.policies.security.tokens import TokenSource
from tvspiders.spiders.arguments import argument_model
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.database.schema import complaint, prepare_schema
from tvspiders.storage.queue.crawls import latest_api_url

SECRET_NAMES = ("TOKEN", "SECRET", "PASSWORD", "PROXY")
"""Names with one of these parts are not taken from the command line, where others can read them."""
PLAIN_NAMES = (
    *(name for name in OwnSettings.model_fields if name.startswith("TV_PROXY_")),
    "HTTPPROXY_ENABLED",
)
"""Names that hold one of these parts and no secret."""
MOST_TRIED = 50
"""Proxies of a list that are tried before a crawl."""


def check_command(
    settings: Settings, named: str | type[Spider], given: Mapping[str, Any], from_command_line: list[str]
) -> tuple[type[Spider], Settings]:
    """Check all that can be known of a crawl without touching disk or network; returns spider and settings.

    ``given`` are the spider's arguments, ``from_command_line`` the settings of ``-s``. The settings are
    those that the crawl will have: with the spider's own and what add-ons make of them.

    Raises:
        UsageProblem: for what is misspelt, missing or a secret on the command line.
        ConfigProblem: for what environment or settings hold and cannot be used.

    """
    spider = spider_of(settings, named) if isinstance(named, str) else named
    check_arguments(spider, given)
    final = final_settings(spider, settings)
    check_settings(final, from_command_line)
    check_tokens()
    check_proxy(final, from_command_line)
    check_components(final)
    return spider, final


def spider_of(settings: Settings, name: str) -> type[Spider]:
    """The spider of this name; raises ``UsageProblem`` where there is none."""
    loader = get_spider_loader(settings)
    if name not in loader.list():
        raise UsageProblem(f"there is no spider {name!r}; there are: {', '.join(sorted(loader.list()))}")
    return loader.load(name)


def final_settings(spider: type[Spider], settings: Settings) -> Settings:
    """The settings as the spider's ``custom_settings`` and the add-ons leave them.

    Raises ``UsageProblem`` for an add-on that fails.
    """
    crawler = Crawler(spider, settings)
    if crawler.settings["ADDONS"]:
        try:
            crawler.addons.load_settings(crawler.settings)
        except Exception as error:
            raise UsageProblem(f"ADDONS: {failed_component(error)}") from error
    return crawler.settings


def check_arguments(spider: type[Spider], given: Mapping[str, Any]) -> None:
    """Raises ``UsageProblem`` for a misspelt, missing or wrong spider argument."""
    for name in given:
        if any(part in name.upper() for part in SECRET_NAMES):
            raise UsageProblem(
                f"{name!r} is not taken as an argument, others could read it; use the environment"
            )
    check_model(str(spider.name), argument_model(spider), given)


def check_settings(settings: BaseSettings, from_command_line: list[str]) -> None:
    """Raises ``UsageProblem`` for a secret on the command line and for a setting that is misspelt or wrong.

    Raises ``ConfigProblem`` for a wrong address of the API, and for a log file that cannot be written.
    """
    check_secrets(from_command_line)
    check_names(assignment.partition("=")[0] for assignment in from_command_line)
    check_final_settings(settings)
    if settings["LOG_FILE"]:
        log = Path(str(settings["LOG_FILE"]))
        if not log.parent.is_dir():
            raise ConfigProblem(f"log {log} cannot be written: the folder {log.parent} does not exist")
        check_writable("log", log)


def check_secrets(assignments: Iterable[str]) -> None:
    """Raises ``UsageProblem`` for a setting that is a secret, or an address with a password in it."""
    for assignment in assignments:
        name, _, value = assignment.partition("=")
        secret = any(part in name.upper() for part in SECRET_NAMES) and name not in PLAIN_NAMES
        if secret or holds_password(name, value):
            raise UsageProblem(
                f"{name} is not taken with -s, others could read it; put it into the environment instead"
            )


def check_tokens() -> None:
    """Raises ``ConfigProblem`` without a token."""
    TokenSource.from_environment(os.environ)


def check_proxy(settings: BaseSettings, from_command_line: list[str]) -> None:
    """Raises ``ConfigProblem`` for a proxy that cannot be used: going direct instead would be a surprise."""
    if configured_proxies(settings) is not None:
        return
    given = {assignment.partition("=")[0] for assignment in from_command_line}
    if "TV_PROXY_MODE" in given and settings["TV_PROXY_MODE"] != "off":
        raise ConfigProblem(
            f"TV_PROXY_MODE={settings['TV_PROXY_MODE']} needs a proxy; put it into THINGIVERSE_PROXY"
        )


def check_feeds(settings: Settings) -> None:
    """Raises ``ConfigProblem`` or ``UsageProblem`` for a feed that cannot be written as it is wished."""
    if not settings["FEEDS"] and not settings["FEED_URI"]:
        return
    from tvspiders.extensions.feeds.strict import StrictFeeds

    StrictFeeds(Crawler(Spider, settings))
    for uri in settings.getdict("FEEDS"):
        path = local_feed(str(uri))
        if path is not None and "%(" not in str(path):
            check_writable("feed", path)


def check_feed_options(appended: Iterable[str], overwritten: Iterable[str]) -> None:
    """Check what ``-o`` and ``-O`` name.

    Raises ``UsageProblem`` for a password in an address, and for a format that ``-o`` cannot go on in.
    """
    from tvspiders.extensions.feeds.address import has_password, shown
    from tvspiders.extensions.feeds.ledger_feeds import JSON_LINES

    for wish in (*appended, *overwritten):
        if has_password(wish):
            raise UsageProblem(
                f"the password in {shown(wish)} is not taken on the command line, others could read it; "
                "put it into FTP_USER and FTP_PASSWORD, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )
    for wish in appended:
        address, _, format_ = wish.rpartition(":")
        if not address or "/" in format_:
            address, format_ = wish, Path(wish).suffix.removeprefix(".")
        path = local_feed(address)
        special = path is None or (path.exists() and not path.is_file())
        if format_ not in JSON_LINES and not special and address != "-":
            raise UsageProblem(
                f"-o {wish}: {format_} is not appended to; -O writes it anew, "
                f"-o takes {', '.join(JSON_LINES)}"
            )


def local_feed(uri: str) -> Path | None:
    """The file that a feed's address names, ``None`` where it is no local one."""
    address = any_to_uri(uri)
    return Path(file_uri_to_path(address)) if urlsplit(address).scheme == "file" else None


def check_database(settings: BaseSettings) -> None:
    """Raises ``StorageProblem`` when the database cannot be used; makes or upgrades its tables."""
    engine = open_engine(str(settings["DATABASE_URL"]))
    try:
        prepare_schema(engine)
    finally:
        engine.dispose()


def check_same_world(settings: BaseSettings) -> None:
    """Raises ``ConfigProblem`` when made-up things and real ones would be mixed in one database.

    An API on this computer is the sandbox, or something like it.
    """
    engine = open_engine(str(settings["DATABASE_URL"]))
    try:
        with engine.connect() as connection:
            before = latest_api_url(connection)
    except DBAPIError as error:
        raise StorageProblem(complaint(engine, error)) from None
    finally:
        engine.dispose()
    now = str(settings["THINGIVERSE_API_URL"])
    if before is not None and Origin.parse(before).is_loopback != Origin.parse(now).is_loopback:
        raise ConfigProblem(
            f"the database holds what {before} answered, and made-up things are not mixed with real ones; "
            "name another in DATABASE_URL"
        )


def check_reachable(settings: BaseSettings, timeout: float = 1.0) -> None:
    """Raises ``ConfigProblem`` when nothing listens at the API's address; a slow network is not judged.

    With proxies it is they that must be reached, at least one. Only connections
    are opened: no request is sent, none of the quota is used.
    """
    proxies = configured_proxies(settings)
    if proxies is None:
        parts = urlsplit(str(settings["THINGIVERSE_API_URL"]))
        places = [(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))]
    elif settings["TV_PROXY_FALLBACK"] == "direct":
        return
    else:
        places = [(address.host, address.port) for address in proxies.places[:MOST_TRIED]]
    problems = _connect(places, timeout)
    if len(problems) < len(places):
        return
    name = "THINGIVERSE_API_URL" if proxies is None else "THINGIVERSE_PROXY"
    what = (
        "the API" if proxies is None else "the proxy" if len(places) == 1 else "every proxy, such as the one"
    )
    raise ConfigProblem(
        f"{what} at {places[0][0]}:{places[0][1]} cannot be reached ({problems[0].strerror}); "
        f"check the network and {name}"
    )


def _connect(places: Sequence[tuple[str, int]], timeout: float) -> list[OSError]:
    """Try all at once; returns why some did not take the connection."""
    problems: list[OSError] = []

    def connect(place: tuple[str, int]) -> None:
        try:
            socket.create_connection(place, timeout=timeout).close()
        except TimeoutError:
            pass
        except OSError as error:
            problems.append(error)

    threads = [threading.Thread(target=connect, args=(place,), daemon=True) for place in places]
    end = time.monotonic() + timeout
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return problems
