"""Scrapy's own settings: which a crawl obeys, which it refuses to change, and which have no effect here.

A setting that a new Scrapy brings is in none of the lists, and a test says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scrapy.settings import BaseSettings, default_settings

from tvspiders.errors import UsageProblem

_TLS = "the token travels in TLS as OpenSSL has it by itself"
_FIXED: Mapping[str, tuple[str, ...]] = {
    "the token goes to the site that the certificate proves": ("DOWNLOAD_VERIFY_CERTIFICATES",),
    _TLS: (
        "DOWNLOADER_CLIENTCONTEXTFACTORY",
        "DOWNLOADER_CLIENT_TLS_CIPHERS",
        "DOWNLOADER_CLIENT_TLS_METHOD",
        "DOWNLOAD_TLS_MAX_VERSION",
        "DOWNLOAD_TLS_MIN_VERSION",
    ),
    "name the proxy in THINGIVERSE_PROXY; a token must not meet a chance proxy": ("HTTPPROXY_ENABLED",),
    "the token must not follow to another address; a redirect is an answer of its own": (
        "REDIRECT_ENABLED",
        "METAREFRESH_ENABLED",
    ),
    "a console in the process could read the token": ("TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED"),
    "the API takes a token, and the ledger holds no credentials": ("COOKIES_ENABLED",),
    "an answer must not depend on the page that led to it": ("REFERER_ENABLED",),
    "what a cache holds would be stored as seen today": ("HTTPCACHE_ENABLED",),
    "responses other than 2xx are read too: they say what is gone": ("HTTPERROR_ALLOW_ALL",),
    "a body that was cut short would count as an answer": ("DOWNLOAD_FAIL_ON_DATALOSS",),
    "a request that is not asked would be missing in silence": ("URLLENGTH_LIMIT",),
}
"""Must stay as the project sets it."""
_COMPONENTS: Mapping[str, tuple[str, ...]] = {
    "refused unless a subclass of ours": ("SCHEDULER", "ITEM_PROCESSOR"),
    "obeyed; for the API's address, refused unless a subclass of ours": (
        "DOWNLOAD_HANDLERS",
        "DOWNLOAD_HANDLERS_BASE",
    ),
    "obeyed; refused where they take out what a crawl cannot do without": (
        "DOWNLOADER_MIDDLEWARES",
        "DOWNLOADER_MIDDLEWARES_BASE",
        "EXTENSIONS",
        "EXTENSIONS_BASE",
        "SPIDER_MIDDLEWARES",
        "SPIDER_MIDDLEWARES_BASE",
    ),
    "refused: the ledger works in asyncio": ("TWISTED_REACTOR", "TWISTED_REACTOR_ENABLED"),
}
"""Checked elsewhere: ``check_components`` and ``check_final_settings``."""
_IDLE: Mapping[str, tuple[str, ...]] = {
    "the ledger in the database is the queue, whatever folder is named": (
        "JOBDIR",
        "SCHEDULER_DEBUG",
        "SCHEDULER_DISK_QUEUE",
        "SCHEDULER_MEMORY_QUEUE",
        "SCHEDULER_PRIORITY_QUEUE",
        "SCHEDULER_START_DISK_QUEUE",
        "SCHEDULER_START_MEMORY_QUEUE",
    ),
    "the ledger knows which requests were asked": (
        "DUPEFILTER_CLASS",
        "DUPEFILTER_DEBUG",
        "REQUEST_FINGERPRINTER_CLASS",
    ),
    "TV_MAX_ATTEMPTS, TV_RETRY_BASE and TV_RETRY_CAP say when a request is asked again": (
        "RETRY_ENABLED",
        "RETRY_EXCEPTIONS",
        "RETRY_GIVE_UP_LOG_LEVEL",
        "RETRY_HTTP_CODES",
        "RETRY_PRIORITY_ADJUST",
        "RETRY_TIMES",
    ),
    "every answer is read": ("HTTPERROR_ALLOWED_CODES",),
    "our download handler puts the token in its place": ("HTTPAUTH_DOMAIN", "HTTPAUTH_PASS", "HTTPAUTH_USER"),
    "our download handler speaks HTTP/1.1": ("HTTP2_MAX_FRAME_SIZE", "HTTPX_HTTP2_ENABLED"),
    "only the API is asked, no files of other hosts": (
        "FILES_STORE",
        "FILES_STORE_GCS_ACL",
        "FILES_STORE_S3_ACL",
        "IMAGES_STORE",
        "IMAGES_STORE_GCS_ACL",
        "IMAGES_STORE_S3_ACL",
    ),
    "what it belongs to is off": (
        "COOKIES_DEBUG",
        "HTTPCACHE_ALWAYS_STORE",
        "HTTPCACHE_DBM_MODULE",
        "HTTPCACHE_DIR",
        "HTTPCACHE_EXPIRATION_SECS",
        "HTTPCACHE_GZIP",
        "HTTPCACHE_IGNORE_HTTP_CODES",
        "HTTPCACHE_IGNORE_MISSING",
        "HTTPCACHE_IGNORE_RESPONSE_CACHE_CONTROLS",
        "HTTPCACHE_IGNORE_SCHEMES",
        "HTTPCACHE_POLICY",
        "HTTPCACHE_STORAGE",
        "HTTPPROXY_AUTH_ENCODING",
        "METAREFRESH_IGNORE_TAGS",
        "METAREFRESH_MAXDELAY",
        "REDIRECT_MAX_TIMES",
        "REDIRECT_PRIORITY_ADJUST",
        "REFERRER_POLICIES",
        "REFERRER_POLICY",
        "REMOTE_CONTROL_JOBS_DIR",
        "REMOTE_CONTROL_OUTPUT_MAX_BYTES",
        "REMOTE_CONTROL_TIMEOUT_DEFAULT",
        "REMOTE_CONTROL_TIMEOUT_MAX",
        "REMOTE_CONTROL_TRACEBACK_MAX_BYTES",
        "TELNETCONSOLE_HOST",
        "TELNETCONSOLE_PASSWORD",
        "TELNETCONSOLE_PORT",
        "TELNETCONSOLE_USERNAME",
    ),
}
"""Not read in a crawl of ours."""
OBEYED = frozenset(
    """
    ADDONS ASYNCIO_EVENT_LOOP AUTOTHROTTLE_DEBUG AUTOTHROTTLE_ENABLED AUTOTHROTTLE_MAX_DELAY
    AUTOTHROTTLE_START_DELAY AUTOTHROTTLE_TARGET_CONCURRENCY AWS_ACCESS_KEY_ID AWS_ENDPOINT_URL
    AWS_MAX_POOL_CONNECTIONS AWS_REGION_NAME AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_USE_SSL AWS_VERIFY
    BOT_NAME CLOSESPIDER_ERRORCOUNT CLOSESPIDER_ITEMCOUNT CLOSESPIDER_PAGECOUNT
    CLOSESPIDER_PAGECOUNT_NO_ITEM CLOSESPIDER_TIMEOUT CLOSESPIDER_TIMEOUT_NO_ITEM COMMANDS_MODULE
    COMPRESSION_ENABLED CONCURRENT_ITEMS CONCURRENT_REQUESTS CONCURRENT_REQUESTS_PER_DOMAIN
    CRAWLSPIDER_FOLLOW_LINKS DEFAULT_DROPITEM_LOG_LEVEL DEFAULT_ITEM_CLASS DEFAULT_REQUEST_HEADERS
    DEPTH_LIMIT DEPTH_PRIORITY DEPTH_STATS_VERBOSE DNSCACHE_ENABLED DNSCACHE_SIZE DNS_RESOLVER DNS_TIMEOUT
    DOWNLOADER DOWNLOADER_CLIENT_TLS_VERBOSE_LOGGING DOWNLOADER_STATS DOWNLOAD_BIND_ADDRESS DOWNLOAD_DELAY
    DOWNLOAD_DELAY_JITTER DOWNLOAD_MAXSIZE DOWNLOAD_SLOTS DOWNLOAD_TIMEOUT DOWNLOAD_WARNSIZE EDITOR FEEDS
    FEED_EXPORTERS FEED_EXPORTERS_BASE FEED_EXPORT_BATCH_ITEM_COUNT FEED_EXPORT_ENCODING FEED_EXPORT_FIELDS
    FEED_EXPORT_INDENT FEED_FORMAT FEED_STORAGES FEED_STORAGES_BASE FEED_STORAGE_FTP_ACTIVE
    FEED_STORAGE_GCS_ACL FEED_STORAGE_S3_ACL FEED_STORE_EMPTY FEED_TEMPDIR FEED_URI FEED_URI_PARAMS
    FORCE_CRAWLER_PROCESS FTP_PASSIVE_MODE FTP_PASSWORD FTP_USER GCS_PROJECT_ID ITEM_PIPELINES
    ITEM_PIPELINES_BASE LOGSTATS_INTERVAL LOG_COLOR LOG_DATEFORMAT LOG_ENABLED LOG_ENCODING LOG_FILE
    LOG_FILE_APPEND LOG_FORMAT LOG_FORMATTER LOG_INSTALL_ROOT_HANDLER LOG_LEVEL LOG_SHORT_NAMES LOG_STDOUT
    LOG_VERSIONS MAIL_FROM MAIL_HOST MAIL_PASS MAIL_PORT MAIL_SSL MAIL_TLS MAIL_USER MEMDEBUG_ENABLED
    MEMUSAGE_CHECK_INTERVAL_SECONDS MEMUSAGE_ENABLED MEMUSAGE_LIMIT_MB MEMUSAGE_NOTIFY_MAIL
    MEMUSAGE_WARNING_MB NEWSPIDER_MODULE PERIODIC_LOG_DELTA PERIODIC_LOG_STATS PERIODIC_LOG_TIMING_ENABLED
    RANDOMIZE_DOWNLOAD_DELAY REACTOR_THREADPOOL_MAXSIZE ROBOTSTXT_OBEY ROBOTSTXT_PARSER ROBOTSTXT_USER_AGENT
    SCRAPER_SLOT_MAX_ACTIVE_SIZE SPIDER_CONTRACTS SPIDER_CONTRACTS_BASE SPIDER_LOADER_CLASS
    SPIDER_LOADER_WARN_ONLY SPIDER_MODULES STATSMAILER_RCPTS STATS_CLASS STATS_DUMP TEMPLATES_DIR
    TWISTED_DNS_RESOLVER USER_AGENT WARN_ON_GENERATOR_RETURN_VALUE
    """.split()  # noqa: SIM905
)
"""Work as in any Scrapy project. ``DEPTH_LIMIT`` leaves out of a crawl what lies deeper, and with
``ROBOTSTXT_OBEY`` what the file forbids is parked; the file is requested within the quota."""


def _by_name(reasons: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {name: why for why, names in reasons.items() for name in names}


REFUSED = _by_name(_FIXED)
COMPONENTS = _by_name(_COMPONENTS)
NO_EFFECT = _by_name(_IDLE)
"""Name -> why."""


AT_LEAST_ONE = {
    "CONCURRENT_ITEMS": "Scrapy would drop all that a response brings",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "no request would be sent",
    "REACTOR_THREADPOOL_MAXSIZE": "no address would be found",
}
"""Obeyed, but for a number below 1, with which a crawl would lose its items or never end."""


def check_scrapy_settings(settings: BaseSettings) -> None:
    """Raises ``UsageProblem`` for a setting of Scrapy that must stay as it is, or that cannot be read."""
    for name, why in REFUSED.items():
        if not _as_project(settings, name):
            raise UsageProblem(f"{name}={settings[name]} is not accepted: {why}")
    for name in sorted(OBEYED):
        _require_readable(settings, name)
    for name, without in AT_LEAST_ONE.items():
        given = str(settings[name])
        if not given.isdecimal() or int(given) < 1:
            raise UsageProblem(f"{name}={given} is not accepted, {without}; it takes a whole number from 1")


def without_effect(settings: BaseSettings) -> Iterator[str]:
    """A line for each setting that was changed and has no effect; values are not repeated."""
    for name, why in NO_EFFECT.items():
        if not _as_project(settings, name):
            yield f"{name} has no effect: {why}"


def table() -> str:
    """All settings as a Markdown table, those that are obeyed in one line."""
    lines = ["| setting | here |", "|---|---|"]
    for said, reasons in (("refused: ", _FIXED), ("", _COMPONENTS), ("no effect: ", _IDLE)):
        for why, names in reasons.items():
            lines.append(f"| {', '.join(f'`{name}`' for name in names)} | {said}{why} |")
    lines.append("| all others | obeyed |")
    return "\n".join(lines) + "\n"


def _require_readable(settings: BaseSettings, name: str) -> None:
    """Scrapy reads most settings late, and its error names neither the setting nor what it takes."""
    ours = getattr(default_settings, name)
    if settings[name] is None or not isinstance(ours, bool | int | float):
        return
    try:
        _read(settings, name, ours)
    except (TypeError, ValueError):
        accepted = "True or False" if isinstance(ours, bool) else "a number"
        raise UsageProblem(f"{name}={settings[name]} is not accepted; it takes {accepted}") from None


def _as_project(settings: BaseSettings, name: str) -> bool:
    from tvspiders import settings as project

    value, ours = settings[name], getattr(project, name, getattr(default_settings, name))
    if value == ours:
        return True
    try:
        return bool(_read(settings, name, ours) == ours)
    except (TypeError, ValueError):
        return False


def _read(settings: BaseSettings, name: str, ours: Any) -> Any:
    """The value as the type that the project's has: on a command line all is text."""
    if isinstance(ours, bool):
        return settings.getbool(name)
    if isinstance(ours, int | float):
        return settings.getfloat(name)
    if isinstance(ours, list):
        return settings.getlist(name)
    if isinstance(ours, dict):
        return settings.getdict(name)
    return (settings[name] or None) if ours is None else str(settings[name])
