"""Settings of the project. Each ``TV_*`` name is described in ``docs/settings.md``.

Secrets are never settings: tokens and proxies come from the environment.
"""

from __future__ import annotations

import os
from importlib import import_module

from scrapy.settings import default_settings

import tvspiders
from tvspiders.extras import offered

BOT_NAME = "tvspiders"
SPIDER_MODULES = ["tvspiders.spiders"]
NEWSPIDER_MODULE = "tvspiders.spiders"
COMMANDS_MODULE = "tvspiders.commands"

THINGIVERSE_API_URL = os.environ.get("THINGIVERSE_API_URL") or "https://api.thingiverse.com"
THINGIVERSE_WWW_URL = os.environ.get("THINGIVERSE_WWW_URL") or "https://www.thingiverse.com"
DATABASE_URL = os.environ.get("DATABASE_URL") or "sqlite:///thingiverse.db"

# -- what protects the token, the user and the site ----------------------------------------------
USER_AGENT = f"tvspiders/{tvspiders.__version__} (research crawler of the remix network; Scrapy)"
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_MAXSIZE = 8 * 1024 * 1024  # eighty times the largest recorded answer
DOWNLOAD_WARNSIZE = 2 * 1024 * 1024
DOWNLOAD_TIMEOUT = 30
COOKIES_ENABLED = False
REDIRECT_ENABLED = False
METAREFRESH_ENABLED = False
HTTPPROXY_ENABLED = False  # http_proxy and its like are not obeyed: a token must not meet a chance proxy
ROBOTSTXT_OBEY = False  # an API asked with the user's own token; its limit is TV_QUOTA
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
REFERER_ENABLED = False

# -- how the crawl is run ------------------------------------------------------------------------
SCHEDULER = "tvspiders.ledger.scheduler.LedgerScheduler"
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
CONCURRENT_REQUESTS = 16
LOGSTATS_INTERVAL = 0  # TV_PROGRESS says more
CONCURRENT_REQUESTS_PER_DOMAIN = 16
CONCURRENT_ITEMS = 1
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 300_000  # bytes (D-11)
URLLENGTH_LIMIT = 0  # a request that is not asked would be missing in silence
WARN_ON_GENERATOR_RETURN_VALUE = False  # it reads source files while the crawl runs
DOWNLOAD_DELAY = 0
RETRY_ENABLED = False
HTTPERROR_ALLOW_ALL = True
LOG_LEVEL = "INFO"
FEED_EXPORT_ENCODING = "utf-8"

# -- our components ------------------------------------------------------------------------------
# They stand where Scrapy's own do (D-7). EXTENSIONS, ITEM_PIPELINES and the others without _BASE are the
# user's, and empty. Items are stored behind the last pipeline, by the ITEM_PROCESSOR.
ITEM_PROCESSOR = "tvspiders.pipelines.storage.StoringItemProcessor"
LOG_FORMATTER = "tvspiders.pipelines.storage.ItemLogFormatter"
ITEM_PIPELINES_BASE: dict[str, int] = {}
DOWNLOAD_HANDLERS_BASE = {
    "http": "tvspiders.middlewares.handler.ApiDownloadHandler",
    "https": "tvspiders.middlewares.handler.ApiDownloadHandler",
}
# Cookies are refused, and to load them takes a tenth of the start; TvRetryMiddleware retries.
DOWNLOADER_MIDDLEWARES_BASE = default_settings.DOWNLOADER_MIDDLEWARES_BASE | {
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "tvspiders.middlewares.retry.TvRetryMiddleware": 550,
    "tvspiders.middlewares.quota.QuotaMiddleware": 570,
    "tvspiders.middlewares.answers.AnswerMiddleware": 580,
}
# What two of the spider middlewares do, the ledger does, at no cost for each output: it marks start requests,
# and leaves out of a new request what response.meta says of the old one.
SPIDER_MIDDLEWARES_BASE = default_settings.SPIDER_MIDDLEWARES_BASE | {
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
    "tvspiders.ledger.acknowledgement.AcknowledgeMiddleware": 10,
}
EXTENSIONS_BASE = default_settings.EXTENSIONS_BASE | {
    "scrapy.extensions.remote_control.RemoteControl": None,
    "scrapy.extensions.telnet.TelnetConsole": None,  # refused, and it loads Twisted's terminals
    "scrapy.extensions.feedexport.FeedExporter": None,  # LedgerFeeds is one
    "scrapy.extensions.spiderstate.SpiderState": None,  # a pickle, where JOBDIR is set; ours is the ledger
    "tvspiders.extensions.preflight.Preflight": -100,
    "tvspiders.extensions.clock.Clock": 0,
    "tvspiders.extensions.feeds.ledger_feeds.LedgerFeeds": 0,
    "tvspiders.extensions.stop.Stop": 0,
    "tvspiders.extensions.progress.extension.Progress": 10,
    "tvspiders.extensions.closing.remix_summary.RemixSummary": 90,
    "tvspiders.extensions.closing.list_summary.ListSummary": 91,
    "tvspiders.extensions.closing.request_costs.RequestEconomy": 95,
    "tvspiders.extensions.closing.verdict.Verdict": 100,
    "tvspiders.extensions.closing.health.Health": 110,
}
FEED_STORAGES_BASE = default_settings.FEED_STORAGES_BASE | {
    "": "tvspiders.extensions.feeds.file.ResumableFile",
    "file": "tvspiders.extensions.feeds.file.ResumableFile",
    "ftp": "tvspiders.extensions.feeds.address.FtpFeed",
    "ftps": "tvspiders.extensions.feeds.address.FtpFeed",
}
FEED_EXPORTERS_BASE = (
    default_settings.FEED_EXPORTERS_BASE
    | dict.fromkeys(
        ("jsonl", "jsonlines", "jl"), "tvspiders.extensions.feeds.json_lines.SafeJsonLinesExporter"
    )
    | {
        "json": "tvspiders.extensions.feeds.json_lines.SafeJsonExporter",
        "csv": "tvspiders.extensions.feeds.safe_tables.SafeCsvExporter",
        "xml": "tvspiders.extensions.feeds.safe_tables.SafeXmlExporter",
    }
)

# -- settings of our own -------------------------------------------------------------------------
TV_QUOTA = "300/5m"
TV_QUOTA_SPREAD = True
TV_QUOTA_SHARED = True
TV_MAX_ATTEMPTS = 5
TV_RETRY_BASE = 2.0
TV_RETRY_CAP = 300.0
TV_BLOCK_PAUSE = 60.0
TV_BLOCK_LIMIT = 4
TV_LEASE_BATCH = 32
TV_LEASE_SECONDS = 60.0
TV_CLOSE_SECONDS = 1.5
TV_DEDUPE_SIZE = 50_000
TV_KEEP_ANSWERS = 30.0
TV_KEEP_PEOPLE = -1.0
TV_RAW_JSON = True
TV_KEEP_PROFILES = True
TV_PROGRESS = "auto"
TV_PROGRESS_SECONDS = 60.0
TV_HEALTH_FILE = None
TV_METRICS_DIR = None

# -- what the extras add ------------------------------------------------------------------------
for _module in map(import_module, offered("SETTINGS")):
    globals().update({name: value for name, value in vars(_module).items() if name.isupper()})
for _middlewares in offered("DOWNLOADER_MIDDLEWARES"):
    DOWNLOADER_MIDDLEWARES_BASE |= _middlewares
