"""The HTML report in a browser: search, cards, colours, no complaint, no request."""

from __future__ import annotations

import time

import numpy as np
import pytest
from sqlalchemy import insert

from tests.support.browser import CHROMIUM, chromium
from tests.support.load import promised
from tvspiders.extras.analytics.data.options import NetworkOptions, Options
from tvspiders.extras.analytics.document import write_report
from tvspiders.storage import tables
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.database.reading import open_for_reading

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

EVIL = "Evil </script><img src=http://127.0.0.1:9/x onerror=window.hit=1> \u202e"


@pytest.fixture
def page(tmp_path):
    with chromium(tmp_path / "profile") as opened:
        yield opened


def report(url, path, **network):
    with open_for_reading(url) as connection:
        write_report(connection, Options(), "html", str(path), NetworkOptions(**network))
    return path


def search(page, words):
    page.run(
        f"(() => {{ const box = document.getElementById('search'); box.value = {words!r};"
        "box.dispatchEvent(new Event('input')); })()"
    )


def test_search_finds_a_thing_and_a_click_opens_its_card(family, tmp_path, page):
    family.things(30, name=EVIL, creator="eve").edges((1, 30)).snapshots(
        1, ("2026-11-01", 1), ("2026-11-08", 5)
    )
    page.open(report(family.url, tmp_path / "report.html"))

    search(page, "thing 5")
    assert page.run("document.getElementById('found').textContent") == "1 found"
    page.run("document.querySelector('#results button').click()")
    assert page.run("document.getElementById('card').hidden") is False
    assert "Thing 5" in page.run("document.getElementById('card').textContent")
    assert "Remixed from (2 shown here)" in page.run("document.getElementById('card').textContent")

    page.run("document.querySelector('#card .close').click()")
    spot = page.run(
        "(() => { const node = tvspiders.cy.getElementById('2').renderedPosition();"
        "const frame = document.getElementById('graph').getBoundingClientRect();"
        "return [frame.left + node.x, frame.top + node.y]; })()"
    )
    page.click(*spot)
    page.wait("!document.getElementById('card').hidden")
    assert page.run("document.querySelector('#card h3').textContent") == "Thing 2"

    for field in ("creator", "license", "generation"):
        page.run(
            f"(() => {{ const box = document.getElementById('colour'); box.value = '{field}';"
            "box.dispatchEvent(new Event('change')); })()"
        )
        assert page.run("document.querySelectorAll('#legend li').length") > 0
    search(page, "evil")
    page.run("document.querySelector('#results button').click()")
    assert "Evil </script>" in page.run("document.querySelector('#card h3').textContent")
    assert page.run("window.hit") is None
    assert page.run("document.images.length") == 0
    page.screenshot(tmp_path / "report.png")
    assert (tmp_path / "report.png").stat().st_size > 20_000
    assert page.problems == []
    assert [url for url in page.requested if not url.startswith(("file:", "data:"))] == []


def test_the_name_of_the_chosen_thing_is_not_cut(family, tmp_path, page):
    page.open(report(family.url, tmp_path / "report.html"))
    page.run("void tvspiders.cy.zoom(0.2)")

    page.run("tvspiders.open(5, true)")

    page.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    room, name = page.run(
        "(() => { const node = tvspiders.cy.getElementById('5');"
        "return [node.boundingBox().w, node._private.rscratch.labelWidth]; })()"
    )
    assert room > name > 30
    middle = page.run("(() => { const at = tvspiders.cy.getElementById('5').renderedPosition();"
        "return [at.x - tvspiders.cy.width() / 2, at.y - tvspiders.cy.height() / 2]; })()")  # fmt: skip
    assert middle == pytest.approx([0, 0], abs=1)


def test_bars_are_told_apart_by_the_ends_of_long_names(book, tmp_path, page):
    words = "Creative Commons - Attribution - Non-Commercial"
    for number, text in enumerate((words, f"{words} - Share Alike", f"{words} - No Derivatives"), 1):
        book.things(number, license=text)
    page.open(report(book.url, tmp_path / "report.html"))

    shown = page.run("Chart.getChart('chart-licences-distribution').scales.y.ticks.map((tick) => tick.label)")

    assert [text[-11:] for text in shown] == ["-Commercial", "Derivatives", "Share Alike"]


def test_five_thousand_things_stay_fluid(book, tmp_path, page):
    rng = np.random.default_rng(1)
    child = np.arange(2, 5001)
    parent = 1 + (rng.random(len(child)) ** 3 * (child - 1)).astype(int)
    engine = open_engine(book.url)
    with writing(engine) as connection:
        scraped = "2026-11-21T12:00:00+00:00"
        rows = [
            {"id": n, "name": f"Thing {n}", "creator": f"user{n % 40}", "last_scraped": scraped}
            for n in range(1, 5001)
        ]
        connection.execute(insert(tables.things), rows)
        pairs = [{"parent_id": int(a), "child_id": int(b)} for a, b in zip(parent, child, strict=True)]
        connection.execute(insert(tables.remix_edges), pairs)
    engine.dispose()
    path = report(book.url, tmp_path / "large.html")

    started = time.monotonic()
    page.open(path)
    page.wait("window.tvspiders && tvspiders.cy.nodes().length === 5000")
    opened = time.monotonic() - started
    frames = page.run(
        "(async () => { const spent = []; let last = performance.now();"
        "for (let n = 0; n < 40; n += 1) {"
        "tvspiders.cy.viewport({zoom: 0.05 + n * 0.004, pan: {x: 40 + n * 6, y: 40}});"
        "await new Promise(requestAnimationFrame);"
        "const now = performance.now(); spent.push(now - last); last = now; }"
        "return spent.sort((a, b) => a - b); })()"
    )
    search(page, "thing 4999")
    page.run("document.querySelector('#results button').click()")

    assert page.run("document.querySelector('#card h3').textContent") == "Thing 4999"
    assert opened < promised(30)
    assert frames[len(frames) // 2] < promised(400), frames
    assert page.problems == []
