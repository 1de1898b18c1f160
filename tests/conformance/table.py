"""The set-ups of users that are tried: what each is, and whether it works here or is refused.

``python -m conformance.table`` prints the table of ``docs/scrapy.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tvspiders.checks.scrapy_settings import AT_LEAST_ONE
from tvspiders.checks.scrapy_settings import REFUSED as REFUSED_SETTINGS

SEARCH = ("crawl", "things", "-a", "query=planters")
OWN = ("crawl", "own")


@dataclass(frozen=True)
class Case:
    """One set-up."""

    name: str
    what: str
    """For the table."""
    settings: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    """Components and spiders, in the module ``user``."""
    command: tuple[str, ...] = SEARCH
    script: str = ""
    """A program to be run instead of a command."""
    project: str = ""
    """Settings of a project of the user's own, in place of ours."""
    installed: bool = False
    """Whether the entry points are found, as after ``pip install``."""
    environment: dict[str, str] = field(default_factory=dict)
    refused: str = ""
    """Words of the line that refuses it; empty where it works as under stock Scrapy."""
    exit_code: int = 0
    feed: bool = True
    """Whether the command has ``-O feed.jsonl``, behind all other feeds."""


PASS = """
class Pass:
    def process_item(self, item):
        return item
"""
OUTPUT = """
class Output:
    async def process_spider_output(self, response, result):
        async for output in result:
            {body}
"""
SPIDER = """
class Own(scrapy.Spider):
    name = "own"
    async def start(self):
        for number in range(2, 12):
            yield scrapy.Request(f"{{API}}/things/{{number}}", {request})
    def parse(self, response):
        number = int(response.url.rpartition("/")[2])
        {body}
"""
BATCHES: tuple[dict[str, Any], dict[str, Any], str] = (
    {"overwrite": True},
    {"FEED_EXPORT_BATCH_ITEM_COUNT": 4},
    "",
)
LATIN = {"FEED_EXPORT_ENCODING": "latin-1"}
BUCKET = """
from scrapy.extensions.feedexport import BlockingFeedStorage
class Bucket(BlockingFeedStorage):
    def __init__(self, uri, *, feed_options=None):
        self.name = uri.rpartition("/")[2]
    def _store_in_thread(self, file):
        with file:
            file.seek(0)
            {body}
"""
STORAGE = {"FEED_STORAGES": {"bucket": "user.Bucket"}}
FAR = (
    "Own.custom_settings = {'FEEDS': {'bucket://anna:s3cr3t-word@far/out.jsonl': {'format': 'jsonlines'}}}\n"
)
AS_DICT = "yield ItemAdapter(output).asdict() if ItemAdapter.is_item(output) else output"
NO_THINGS = 'if getattr(output, "kind", "") != "thing": yield output'
FEWER = "if not (isinstance(output, scrapy.Request) and '/things/' in output.url): yield output"
MORE = 'yield output\n            if isinstance(output, Thing): yield {"of": output.id}'


def own(body: str, request: str = "") -> str:
    """A plain spider whose callback does this."""
    return SPIDER.format(body=body, request=request)


def mapping(setting: str, name: str, place: int | None = 500) -> dict[str, Any]:
    """One of the dictionaries of components, with one entry."""
    return {setting: {name: place}}


FEEDS: list[tuple[str, str, str, str, dict[str, Any], dict[str, Any], str]] = [
    ("jsonl", "in JSON Lines, from `FEEDS`", ".jsonl", "jsonlines", {}, {}, ""),
    ("csv", "in CSV", ".csv", "csv", {"overwrite": True}, {}, ""),
    ("csv-append", "in CSV without `overwrite`, to a new file", ".csv", "csv", {}, {}, ""),
    ("csv-fields", "in CSV with `fields`", ".csv", "csv", {"fields": {"id": "number"}}, {}, ""),
    ("xml", "in XML", ".xml", "xml", {}, {}, ""),
    ("json", "in JSON", ".json", "json", {"indent": 2}, {}, ""),
    ("pickle", "of pickles", ".pickle", "pickle", {}, {}, ""),
    (
        "gzip",
        "that is compressed by a post-processing plugin",
        ".jsonl.gz",
        "jsonlines",
        {"postprocessing": ["scrapy.extensions.postprocessing.GzipPlugin"]},
        {},
        "",
    ),
    ("batch-id", "in batches with `%(batch_id)d`", "%(batch_id)d.jsonl", "jsonlines", *BATCHES),
    ("batch-time", "in batches with `%(batch_time)s`", "%(batch_time)s.csv", "csv", {}, BATCHES[1], ""),
    ("latin-1", "with `FEED_EXPORT_ENCODING`", "-latin.jsonl", "jsonlines", {}, LATIN, ""),
    (
        "filter",
        "with `item_filter`",
        ".jsonl",
        "jsonlines",
        {"item_filter": "user.Few"},
        {},
        "class Few:\n    def __init__(self, options):\n        pass\n"
        "    def accepts(self, item):\n        return item['id'] % 2\n",
    ),
    (
        "none",
        "without items and `FEED_STORE_EMPTY=False`",
        ".jsonl",
        "jsonlines",
        {"item_filter": "user.None_"},
        {"FEED_STORE_EMPTY": "False"},
        "class None_:\n    def __init__(self, options):\n        pass\n"
        "    def accepts(self, item):\n        return False\n",
    ),
]
"""Name, words, end of the address, format, options, settings, code."""
ADDON = """
SPIDER_MODULES = ["user"]
ADDONS = {"tvspiders.addon.TvSpiders": 0}
"""
DICTS = "yield {'id': number}"

WORKING = [
    Case("pipeline", "a pipeline in `ITEM_PIPELINES`", mapping("ITEM_PIPELINES", "user.Pass"), PASS),
    Case(
        "pipeline-async",
        "a pipeline that waits",
        mapping("ITEM_PIPELINES", "user.Wait"),
        "import asyncio\nclass Wait:\n    async def process_item(self, item):\n"
        "        await asyncio.sleep(0)\n        return item\n",
    ),
    Case(
        "pipeline-changes",
        "a pipeline that changes items",
        mapping("ITEM_PIPELINES", "user.Rename"),
        "class Rename:\n    def process_item(self, item):\n"
        "        if isinstance(item, Thing): item.name = 'new ' + str(item.name)\n        return item\n",
    ),
    Case(
        "pipeline-to-dict",
        "a pipeline that makes dicts, with a field more",
        mapping("ITEM_PIPELINES", "user.ToDict"),
        "class ToDict:\n    def process_item(self, item):\n"
        "        return ItemAdapter(item).asdict() | {'score': 1}\n",
    ),
    *(
        Case(
            f"pipeline-drops-{place}",
            f"a pipeline that drops items, at {place}",
            mapping("ITEM_PIPELINES", "user.Drop", place),
            "class Drop:\n    def process_item(self, item):\n"
            "        if getattr(item, 'kind', '') == 'thing': raise DropItem('no')\n        return item\n",
        )
        for place in (50, 950)
    ),
    *(
        Case(
            f"spider-middleware-{name}-{place}",
            f"a spider middleware that {what}, at {place}",
            mapping("SPIDER_MIDDLEWARES", "user.Output", place),
            OUTPUT.format(body=body),
        )
        for place in (5, 500)
        for name, what, body in (
            ("passes", "passes everything on", "yield output"),
            ("to-dict", "makes dicts of items", AS_DICT),
            ("filters", "drops items", NO_THINGS),
            ("fewer", "drops requests", FEWER),
            ("more", "adds items of its own", MORE),
        )
    ),
    Case(
        "spider-middleware-recovers",
        "a spider middleware that recovers from an error",
        mapping("SPIDER_MIDDLEWARES", "user.Recover", 5),
        own("if number % 3 == 0: raise ValueError(number)\n        yield {'id': number}")
        + "class Recover:\n    def process_spider_exception(self, response, exception):\n"
        "        return [{'lost': str(exception)}]\n",
        OWN,
    ),
    Case(
        "downloader-middleware",
        "a downloader middleware in `DOWNLOADER_MIDDLEWARES`",
        mapping("DOWNLOADER_MIDDLEWARES", "user.Mark"),
        "class Mark:\n    def process_request(self, request):\n        request.headers['X-Mine'] = 'yes'\n",
    ),
    Case("extensions", "an extension in `EXTENSIONS`", {}),
    Case(
        "extensions-none",
        "an extension of Scrapy taken out",
        mapping("EXTENSIONS", "scrapy.extensions.memusage.MemoryUsage", None),
    ),
    Case(
        "exporter",
        "an exporter in `FEED_EXPORTERS`",
        {"FEED_EXPORTERS": {"jsonl": "user.Mine"}},
        "from scrapy.exporters import JsonLinesItemExporter\nclass Mine(JsonLinesItemExporter):\n    pass\n",
    ),
    Case(
        "feed-bucket",
        "a feed in a storage of yours (`FEED_STORAGES`), as on S3",
        STORAGE,
        BUCKET.format(body="open(self.name, 'wb').write(file.read())") + own("yield {'id': number}") + FAR,
        OWN,
        feed=False,
    ),
    Case(
        "custom-settings",
        "`custom_settings` of a spider of yours on top of ours",
        {},
        PASS + "class Mine(ThingsSpider):\n    name = 'mine'\n"
        "    custom_settings = {'ITEM_PIPELINES': {Pass: 500}}\n",
        ("crawl", "mine", "-a", "query=planters"),
    ),
    Case(
        "addon",
        "an add-on that adds a pipeline",
        mapping("ADDONS", "user.Addon", 0),
        PASS + "class Addon:\n    def update_settings(self, settings):\n"
        "        settings.setdefault_in_component_priority_dict('ITEM_PIPELINES', Pass, 500)\n",
    ),
    *(
        Case(
            f"feed-{name}",
            f"a feed {what}",
            {"FEEDS": {f"out{address}": {"format": format_, **options}}} | settings,
            code + own("yield {'id': number, 'text': 'ä ' + str(number)}"),
            OWN,
            feed=False,
        )
        for name, what, address, format_, options, settings, code in FEEDS
    ),
    Case(
        "our-addon",
        "our add-on in a project of yours, and a spider of ours",
        project=ADDON,
    ),
    Case("our-addon-own", "our add-on, and a plain spider of yours", {}, own(DICTS), OWN, project=ADDON),
    Case(
        "our-addon-robots",
        "our add-on in a project as `scrapy startproject` makes it, and your pipeline",
        mapping("ITEM_PIPELINES", "user.Pass") | {"ROBOTSTXT_OBEY": True},
        PASS,
        project=ADDON + "NEWSPIDER_MODULE = 'user'\nFEED_EXPORT_ENCODING = 'utf-8'\n",
    ),
    Case(
        "our-addon-installed",
        "our add-on, and `pip install tvspiders`: `crawl` is ours, with verdict and exit codes",
        project=ADDON,
        installed=True,
    ),
    Case(
        "no-addon-installed",
        "`pip install tvspiders` and a project without our add-on: all is Scrapy's own",
        {"HTTPERROR_ALLOW_ALL": True},
        own(DICTS, "headers={'Authorization': 'Bearer ' + os.environ['THINGIVERSE_TOKEN']}"),
        OWN,
        project="SPIDER_MODULES = ['user']\nFEED_EXPORT_ENCODING = 'utf-8'\n",
        installed=True,
    ),
    Case("robots", "`ROBOTSTXT_OBEY`", {"ROBOTSTXT_OBEY": True}),
    Case(
        "no-effect",
        "`JOBDIR`, `RETRY_ENABLED` and others that have no effect, with a warning",
        {"JOBDIR": "job", "RETRY_ENABLED": True, "RETRY_TIMES": 1, "SCHEDULER_DEBUG": True},
    ),
    Case("depth-limit", "`DEPTH_LIMIT`", {"DEPTH_LIMIT": 1}, "", ("crawl", "remixes", "-a", "thing=2")),
    *(
        Case(f"own-{name}", f"a plain spider whose items are {what}", {}, code + own(body), OWN)
        for name, what, code, body in (
            ("dict", "dicts", "", "yield {'id': number, 'text': 'ä'}"),
            (
                "dataclass",
                "dataclasses",
                "@dataclasses.dataclass\nclass Row:\n    id: int\n",
                "yield Row(number)",
            ),
            ("attrs", "of attrs", "@attrs.define\nclass Row:\n    id: int\n", "yield Row(number)"),
            (
                "pydantic",
                "of pydantic",
                "class Row(pydantic.BaseModel):\n    id: int\n",
                "yield Row(id=number)",
            ),
            (
                "scrapy-item",
                "`scrapy.Item`",
                "class Row(scrapy.Item):\n    id = scrapy.Field()\n",
                "yield Row(id=number)",
            ),
        )
    ),
    Case(
        "own-meta",
        "requests with `meta`, `headers`, `flags`, `priority` and `cb_kwargs`",
        {},
        own(
            "yield {'id': number, 'meta': response.meta['page'], 'flags': response.request.flags,\n"
            "            'header': response.request.headers['X-Mine'].decode()}",
            "meta={'page': {'at': number}}, headers={'X-Mine': str(number)}, flags=['a'], priority=number",
        ),
        OWN,
    ),
    Case(
        "own-again",
        "requests for one address with `dont_filter`",
        {},
        own(
            "yield {'id': number}\n"
            "        if not response.meta.get('again'):\n"
            "            yield scrapy.Request(response.url, meta={'again': True}, dont_filter=True)"
        ),
        OWN,
    ),
    Case(
        "own-meta-copied",
        "requests with a copy of `response.meta`",
        {},
        own(
            "yield {'id': number}\n"
            "        if number < 100:\n"
            "            yield scrapy.Request(f'{API}/things/{number + 100}', meta=response.meta)"
        ),
        OWN,
    ),
    Case(
        "own-start-items",
        "items that `start()` gives",
        {},
        own("yield {'id': number}").replace(
            "        for number", "        yield {'first': 1}\n        for number"
        ),
        OWN,
    ),
    Case(
        "own-errback",
        "an `errback`",
        mapping("DOWNLOADER_MIDDLEWARES", "user.Deny", 100),
        own("yield {'id': number}", "errback=self.failed")
        + "    def failed(self, failure):\n        yield {'failed': failure.request.url}\n"
        "from scrapy.exceptions import IgnoreRequest\n"
        "class Deny:\n    def process_request(self, request):\n"
        "        if request.url.endswith('/things/5'): raise IgnoreRequest('no')\n",
        OWN,
        exit_code=3,
    ),
]
"""Exit code 3 where the next run tries again what failed, for which stock Scrapy has no word."""

ACKNOWLEDGE = "tvspiders.ledger.acknowledgement.AcknowledgeMiddleware"
STOCK_HANDLER = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
SCRIPT = """
from scrapy.utils.project import get_project_settings
from scrapy.utils.reactor import install_reactor
install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
from scrapy.crawler import AsyncCrawlerProcess
from tvspiders.errors import TvspidersError

settings = get_project_settings()
settings.set("{setting}", {value!r}, priority="cmdline")
process = AsyncCrawlerProcess(settings)
ended = process.crawl("things", **{arguments!r})
process.start()
error = ended.exception()
assert isinstance(error, TvspidersError), repr(error)
raise SystemExit(f"{{type(error).__name__}}: {{error}}")
"""

REFUSED = [
    Case(
        "scheduler",
        "another `SCHEDULER`: it is the ledger",
        {"SCHEDULER": "scrapy.core.scheduler.Scheduler"},
        refused="SCHEDULER=scrapy.core.scheduler.Scheduler is not accepted",
        exit_code=2,
    ),
    Case(
        "no-acknowledgement",
        "one of our components taken out",
        mapping("SPIDER_MIDDLEWARES", ACKNOWLEDGE, None),
        refused="SPIDER_MIDDLEWARES: tvspiders.ledger.acknowledgement.AcknowledgeMiddleware is not loaded",
        exit_code=2,
    ),
    Case(
        "no-quota",
        "the quota taken out by `custom_settings`",
        {},
        "class Mine(ThingsSpider):\n    name = 'mine'\n    custom_settings = {'DOWNLOADER_MIDDLEWARES':"
        " {'tvspiders.middlewares.quota.QuotaMiddleware': None}}\n",
        ("crawl", "mine", "-a", "query=planters"),
        refused="tvspiders.middlewares.quota.QuotaMiddleware is not loaded, and it keeps the quota",
        exit_code=2,
    ),
    Case(
        "no-verdict",
        "the verdict taken out by an add-on",
        mapping("ADDONS", "user.Addon", 0),
        "class Addon:\n    def update_settings(self, settings):\n"
        "        settings.set('EXTENSIONS_BASE', {}, priority='cmdline')\n",
        refused="EXTENSIONS: tvspiders.extensions",
        exit_code=2,
    ),
    Case(
        "item-processor-other",
        "an `ITEM_PROCESSOR` that is not ours: it stores",
        {"ITEM_PROCESSOR": "scrapy.pipelines.ItemPipelineManager"},
        refused="ITEM_PROCESSOR=scrapy.pipelines.ItemPipelineManager is not accepted",
        exit_code=2,
    ),
    *(
        Case(
            f"none-{name.lower()}",
            f"`{name}=0`: {what}",
            {name: 0},
            refused=f"{name}=0 is not accepted, {what}; it takes a whole number from 1",
            exit_code=2,
        )
        for name, what in AT_LEAST_ONE.items()
    ),
    Case(
        "exporter-missing",
        "an exporter that does not exist",
        {"FEED_EXPORTERS": {"jsonl": "user.Nowhere"}},
        refused="FEED_EXPORTERS cannot be loaded (NameError: ",
        exit_code=2,
    ),
    Case(
        "download-handler",
        "another download handler for the API: ours puts in the token",
        {"DOWNLOAD_HANDLERS": {"http": STOCK_HANDLER}},
        refused="DOWNLOAD_HANDLERS",
        exit_code=2,
    ),
    *(
        Case(
            f"reactor-{name.lower()}",
            f"`{name}={value}`: the ledger works in asyncio",
            {name: value},
            refused="TWISTED_REACTOR must be",
            exit_code=2,
        )
        for name, value in (
            ("TWISTED_REACTOR", "twisted.internet.selectreactor.SelectReactor"),
            ("TWISTED_REACTOR_ENABLED", "False"),
        )
    ),
    *(
        Case(
            f"switch-{switch.lower()}",
            f"`{switch}={value}`",
            {switch: value},
            refused=f"{switch}={value} is not accepted: {REFUSED_SETTINGS[switch]}",
            exit_code=2,
        )
        for switch, value in (
            ("COOKIES_ENABLED", True),
            ("DOWNLOAD_VERIFY_CERTIFICATES", False),
            ("HTTPCACHE_ENABLED", True),
            ("HTTPERROR_ALLOW_ALL", False),
            ("HTTPPROXY_ENABLED", True),
            ("REDIRECT_ENABLED", True),
            ("REFERER_ENABLED", True),
            ("REMOTE_CONTROL_ENABLED", True),
            ("TELNETCONSOLE_ENABLED", 1),
            ("URLLENGTH_LIMIT", 100),
        )
    ),
    Case(
        "custom-setting-wrong",
        "a wrong setting of ours in `custom_settings`",
        {},
        "class Mine(ThingsSpider):\n    name = 'mine'\n    custom_settings = {'TV_LEASE_BATCH': -3}\n",
        ("crawl", "mine", "-a", "query=planters"),
        refused="setting TV_LEASE_BATCH=-3 is not accepted",
        exit_code=2,
    ),
    Case(
        "custom-setting-misspelt",
        "a misspelt setting of ours in `custom_settings`",
        {},
        "class Mine(ThingsSpider):\n    name = 'mine'\n    custom_settings = {'TV_QOUTA': '1/1s'}\n",
        ("crawl", "mine", "-a", "query=planters"),
        refused="there is no setting TV_QOUTA; did you mean TV_QUOTA?",
        exit_code=2,
    ),
    Case(
        "feed-append",
        "`-o` with a format that is not appended to (CSV, JSON, XML, pickle, marshal)",
        command=(*SEARCH, "-o", "out.csv"),
        feed=False,
        refused="-o out.csv: csv cannot be appended to; -O overwrites it",
        exit_code=2,
    ),
    Case(
        "feed-password",
        "a password in the address of `-O`",
        command=(*SEARCH, "-O", "ftp://anna:s3cr3t-word@127.0.0.1:1/x.jsonl"),
        feed=False,
        refused="refusing the password in ftp://[secret]@127.0.0.1:1/x.jsonl on the command line",
        exit_code=2,
    ),
    Case(
        "feed-scheme",
        "a feed of an unknown kind in `custom_settings`",
        {},
        "class Mine(ThingsSpider):\n    name = 'mine'\n"
        "    custom_settings = {'FEEDS': {'foo://anna:s3cr3t-word@x': {'format': 'csv'}}}\n",
        ("crawl", "mine", "-a", "query=planters"),
        feed=False,
        refused="feed foo://[secret]@x cannot be written; name a file, or an address",
        exit_code=1,
    ),
    Case(
        "feed-batches-one-name",
        "batches whose names are all the same",
        {"FEEDS": {"out.jsonl": {"format": "jsonlines"}}, "FEED_EXPORT_BATCH_ITEM_COUNT": 30},
        refused="put %(batch_id)d or %(batch_time)s into its address",
        exit_code=2,
    ),
    Case(
        "feed-batches-append",
        "batches that are appended to",
        {
            "FEEDS": {"out%(batch_id)d.jsonl": {"format": "jsonlines"}},
            "FEED_EXPORT_BATCH_ITEM_COUNT": 30,
        },
        feed=False,
        refused="feed out%(batch_id)d.jsonl: batches are not appended to",
        exit_code=2,
    ),
    Case(
        "feed-encoding",
        "an encoding that does not exist",
        {"FEED_EXPORT_ENCODING": "latin-99"},
        refused="there is no encoding 'latin-99'",
        exit_code=2,
    ),
    Case(
        "addon-setting-wrong",
        "a wrong setting of ours that an add-on sets",
        mapping("ADDONS", "user.Addon", 0),
        "class Addon:\n    def update_settings(self, settings):\n"
        "        settings.set('TV_MAX_ATTEMPTS', 0)\n",
        refused="setting TV_MAX_ATTEMPTS=0 is not accepted; it takes a whole number from 1",
        exit_code=2,
    ),
    Case(
        "closespider-wrong",
        "`CLOSESPIDER_ITEMCOUNT=abc`",
        {"CLOSESPIDER_ITEMCOUNT": "abc"},
        refused="CLOSESPIDER_ITEMCOUNT=abc is not accepted; it takes a number",
        exit_code=2,
    ),
    Case("bench", "`scrapy bench`", command=("bench",), refused="docs/performance.md", exit_code=2),
    Case("parse", "`scrapy parse`", command=("parse", "http://x"), refused="scrapy reparse", exit_code=2),
]
"""Refused in one line before the first request."""

FAILING = [
    Case(
        "extension-raises",
        "an extension that fails in `from_crawler`",
        mapping("EXTENSIONS", "user.Bad"),
        "class Bad:\n    def __init__(self):\n        raise ValueError('no key')\n",
        refused="failed: user.Bad failed (ValueError: no key); nothing was asked",
        exit_code=1,
    ),
    Case(
        "pipeline-missing",
        "a pipeline that does not exist",
        mapping("ITEM_PIPELINES", "user.Nowhere"),
        refused="failed: user.Nowhere failed (NameError: ",
        exit_code=1,
    ),
    Case(
        "pipeline-not-opened",
        "a pipeline that fails in `open_spider`",
        mapping("ITEM_PIPELINES", "user.Bad"),
        "class Bad:\n    def open_spider(self):\n        raise ValueError('no key')\n"
        "    def process_item(self, item):\n        return item\n",
        refused="failed: a pipeline failed in open_spider (ValueError: no key)",
        exit_code=1,
    ),
    Case(
        "own-foreign",
        "a start address that is not the API's",
        {},
        "class Own(scrapy.Spider):\n    name = 'own'\n    start_urls = ['http://127.0.0.1:1/']\n",
        OWN,
        refused="failed: http://127.0.0.1:1/ is not below the API's address",
        exit_code=1,
    ),
    Case(
        "own-cookies",
        "a request with `cookies`: the ledger holds no credentials",
        {},
        own("yield {'id': number}", "cookies={'a': 'b'}"),
        OWN,
        refused="failed: cookies of ",
        exit_code=1,
    ),
    Case(
        "own-post",
        "a request that is no GET: crawls only read",
        {},
        own("yield {'id': number}", "method='POST'"),
        OWN,
        refused="failed: the ledger holds GET requests only",
        exit_code=1,
    ),
]
"""Begun and ended with one line, the name of the component in it, before the first request."""

BROKEN = [
    Case(
        "feed-not-stored",
        "a feed whose storage fails",
        STORAGE,
        BUCKET.format(body="raise OSError(13, 'no bucket anna:s3cr3t-word')")
        + own("yield {'id': number}")
        + FAR,
        OWN,
        feed=False,
        refused="feed bucket://[secret]@far/out.jsonl was not stored (no bucket [secret])",
    ),
    Case(
        "feed-batch-not-stored",
        "a feed of which one batch is not stored",
        STORAGE
        | {
            "FEEDS": {"bucket://far/out%(batch_id)d.jsonl": {"format": "jsonlines"}},
            "FEED_EXPORT_BATCH_ITEM_COUNT": 4,
        },
        BUCKET.format(body="if '2' in self.name: raise ValueError(self.name)") + own("yield {'id': number}"),
        OWN,
        feed=False,
        refused="feed bucket://far/out2.jsonl was not stored (ValueError: out2.jsonl)",
    ),
    Case(
        "feed-not-opened",
        "a feed that cannot be opened at its first item",
        STORAGE | {"FEED_TEMPDIR": "nowhere"},
        BUCKET.format(body="pass") + own("yield {'id': number}") + FAR,
        OWN,
        feed=False,
        refused="feed bucket://[secret]@far/out.jsonl cannot be written (Not a Directory: nowhere)",
    ),
    *(
        Case(
            f"feed-exporter-{name}",
            f"a feed whose exporter fails {when}",
            {"FEEDS": {"o.mine": {"format": "mine"}}, "FEED_EXPORTERS": {"mine": "user.Mine"}},
            "from scrapy.exporters import JsonLinesItemExporter\nclass Mine(JsonLinesItemExporter):\n"
            f"    def {method}: raise ValueError('no ink')\n" + own("yield {'id': number}"),
            OWN,
            refused=said,
        )
        for name, when, method, said in (
            (
                "item",
                "at an item",
                "export_item(self, item)",
                "o.mine cannot be written (ValueError: no ink)",
            ),
            ("end", "at its end", "finish_exporting(self)", "o.mine was not stored (ValueError: no ink)"),
        )
    ),
]
"""The crawl ends as failed and names the feed; stock Scrapy logs it and ends as if nothing was."""


def script(setting: str, value: Any, **arguments: str) -> str:
    """A program that sets this, runs our spider and ends with the error that it gets."""
    return SCRIPT.format(setting=setting, value=value, arguments=arguments or {"query": "planters"})


SCRIPTS = [
    *(
        Case(
            f"script-{setting.lower()}",
            f"`{setting}` set by a program that runs our spider: an error of `tvspiders.errors` is raised",
            script=script(setting, value),
            refused=f"UsageProblem: {setting}",
            exit_code=1,
        )
        for setting, value in (
            ("ITEM_PROCESSOR", "scrapy.pipelines.ItemPipelineManager"),
            ("DOWNLOADER_MIDDLEWARES", {"tvspiders.middlewares.quota.QuotaMiddleware": None}),
            ("SCHEDULER", "scrapy.core.scheduler.Scheduler"),
        )
    ),
    Case(
        "script-argument",
        "a wrong argument in a program: an error of `tvspiders.errors` is raised",
        script=script("LOG_LEVEL", "INFO", qery="planters"),
        refused="UsageProblem: spider things: unknown argument 'qery'; accepted arguments: ",
        exit_code=1,
    ),
    Case(
        "script-setting",
        "a wrong setting of ours in a program: the same",
        script=script("TV_LEASE_BATCH", -3),
        refused="UsageProblem: setting TV_LEASE_BATCH=-3 is not accepted; it takes a whole number from 1",
        exit_code=1,
    ),
    Case(
        "script-addon-misspelt",
        "a misspelt setting of ours that an add-on sets, in a program: the same",
        {},
        "class Addon:\n    def update_settings(self, settings):\n        settings.set('TV_QOUTA', '1/1s')\n",
        script=script("ADDONS", {"user.Addon": 0}),
        refused="UsageProblem: there is no setting TV_QOUTA; did you mean TV_QUOTA?",
        exit_code=1,
    ),
    Case(
        "script-token",
        "no token in a program: the same",
        script=script("LOG_LEVEL", "INFO"),
        environment={"THINGIVERSE_TOKEN": ""},
        refused="ConfigProblem: no token",
        exit_code=1,
    ),
    Case(
        "spider-modules-alone",
        "a project that has our spiders in `SPIDER_MODULES` and nothing else of ours",
        project='SPIDER_MODULES = ["tvspiders.spiders"]\n',
        refused="tvspiders.errors.UsageProblem: SCHEDULER=scrapy.core.scheduler.Scheduler is not accepted",
        exit_code=1,
    ),
    Case(
        "spider-modules-addon",
        "the same with an add-on that is not ours",
        {},
        "class Addon:\n    pass\n",
        project='SPIDER_MODULES = ["tvspiders.spiders"]\nADDONS = {"user.Addon": 0}\n',
        refused="tvspiders.errors.UsageProblem: SCHEDULER=scrapy.core.scheduler.Scheduler is not accepted",
        exit_code=1,
    ),
]
"""Told to programs, and by commands that are not ours, in an error whose name and words are the last line."""


PROGRAM = """
SETTINGS = {{
    "ADDONS": {{"tvspiders.addon.TvSpiders": 0}},
    "FEEDS": {{"feed.jsonl": {{"format": "jsonl"}}}},
    "TV_QUOTA": "100000/1s",
    "TV_QUOTA_SPREAD": False,
}}
{body}
"""
PROCESS = """
from scrapy.crawler import {process}

process = {process}(SETTINGS)
process.crawl("things", query="planters")
process.start()
raise SystemExit(process.bootstrap_failed)
"""
SEVERAL = """
import os
from scrapy.crawler import AsyncCrawlerProcess

process = AsyncCrawlerProcess(SETTINGS | {"FEEDS": {"%(name)s.jsonl": {"format": "jsonl"}}})
process.crawl("things", query="planters")
process.crawl("tags", tag="planter")
process.crawl("users", username="MakerBot")
process.start()
os.rename("things.jsonl", "feed.jsonl")
assert os.path.getsize("tags.jsonl")
assert os.path.getsize("users.jsonl")
raise SystemExit(process.bootstrap_failed)
"""
LOOP = """
import asyncio, os
from twisted.internet import asyncioreactor
from scrapy.crawler import AsyncCrawlerRunner

async def main():
    asyncioreactor.install(asyncio.get_running_loop())
    from twisted.internet import reactor
    reactor.startRunning(installSignalHandlers=False)
    runner = AsyncCrawlerRunner(SETTINGS | {"FEEDS": {"%(name)s.jsonl": {"format": "jsonl"}}})
    await runner.crawl("things", query="planters")
    await runner.crawl("tags", tag="planter")
    os.rename("things.jsonl", "feed.jsonl")
    assert os.path.getsize("tags.jsonl")
    reactor.fireSystemEvent("shutdown")  # ends Twisted's threads

asyncio.run(main())
"""
PROGRAMS = [
    *(
        Case(
            f"program-{process.lower()}",
            f"a program with `{process}` and our add-on",
            script=PROGRAM.format(body=PROCESS.format(process=process)),
        )
        for process in ("CrawlerProcess", "AsyncCrawlerProcess")
    ),
    Case(
        "program-several",
        "several spiders of ours in one process",
        script=PROGRAM.format(body=SEVERAL),
    ),
    Case(
        "program-loop",
        "`AsyncCrawlerRunner` in a loop of asyncio that runs, one spider after another",
        script=PROGRAM.format(body=LOOP),
    ),
]
"""Programs whose feed is that of the same crawl under stock Scrapy."""


def table() -> str:
    """All cases as a Markdown table."""
    lines = ["| what you do | here |", "|---|---|"]
    lines += [f"| {case.what} | works |" for case in (*WORKING, *PROGRAMS)]
    lines += [
        f"| {case.what} | refused before the first request, exit code {case.exit_code} |"
        for case in (*REFUSED, *FAILING, *SCRIPTS)
    ]
    lines += [f"| {case.what} | the crawl ends as *failed: feed ...*, exit code 1 |" for case in BROKEN]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(table(), end="")
