from types import SimpleNamespace

from tests.support.crawler import make_request
from tvspiders.middlewares.in_flight import requests_in_flight


def test_nothing_is_under_way_before_there_is_an_engine():
    assert list(requests_in_flight(SimpleNamespace(engine=None))) == []


def test_what_the_downloader_works_on_is_under_way():
    here, gone = make_request(), make_request()
    engine = SimpleNamespace(downloader=SimpleNamespace(active={here, gone}))
    under_way = requests_in_flight(SimpleNamespace(engine=engine))

    engine.downloader.active.discard(gone)

    assert list(under_way) == [here]
