"""As much of a crawler as the middlewares need."""

from __future__ import annotations

from typing import Any

from scrapy import Request
from scrapy.http import TextResponse
from scrapy.settings import Settings
from scrapy.signalmanager import SignalManager

LIMITER = b"You can only send 300 requests per 5 minutes. Please check https://www.thingiverse.com/developers"
CHALLENGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"
THING = b'{"id": 763622, "name": "3DBenchy"}'
API = "https://api.thingiverse.com"


class Stats(dict[str, Any]):
    def get_value(self, key: str, default: Any = None) -> Any:
        return self.get(key, default)

    def set_value(self, key: str, value: Any) -> None:
        self[key] = value

    def inc_value(self, key: str, count: int = 1) -> None:
        self[key] = self.get(key, 0) + count


class Downloader:
    def __init__(self) -> None:
        self.active: set[Request] = set()


class Engine:
    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.downloader = Downloader()

    async def close_spider_async(self, *, reason: str) -> None:
        self.reasons.append(reason)


class FakeCrawler:
    def __init__(self, **settings: Any) -> None:
        self.settings = Settings()
        self.settings.setmodule("tvspiders.settings")
        ours = {"THINGIVERSE_API_URL": API, "TV_QUOTA_SHARED": False, "TV_QUOTA_SPREAD": False}
        self.settings.setdict(ours | settings, priority="cmdline")
        self.stats = Stats()
        self.engine = Engine()
        self.signals = SignalManager(self)


def make_request(**meta: Any) -> Request:
    return Request(f"{API}/things/763622", meta=meta)


def make_response(status: int = 200, body: bytes = THING, headers: Any = None) -> TextResponse:
    return TextResponse(f"{API}/things/763622", status=status, body=body, headers=headers)
