"""Reports in every format, with names that try to command whoever reads them."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import re
from importlib.resources import files

import pytest

from tvspiders.extras.analytics.data.dataset import Dataset
from tvspiders.extras.analytics.data.options import NetworkOptions, Options
from tvspiders.extras.analytics.measures.report import build_from
from tvspiders.extras.analytics.render import as_csv, as_html, as_markdown, as_terminal
from tvspiders.extras.analytics.render.network import network
from tvspiders.storage.database.reading import open_for_reading

EVIL = "=1+1</script><img src=x onerror=alert(1)>\x1b[2J\r\n\u202e|*x*\x9b"


@pytest.fixture
def render(book):
    book.things(1, 2, name=EVIL, creator="@ann\x07", license="-BSD\x1b]0;x\x07", download_count=5)
    book.edges((1, 2)).snapshots(1, ("2026-11-01", 10), ("2026-11-08", 30))

    def rendered(form):
        with open_for_reading(book.url) as connection:
            data = Dataset(connection, Options())
            report = build_from(data)
            return {
                "html": lambda: as_html.render(report, data, NetworkOptions()),
                "csv": lambda: as_csv.render(report),
                "md": lambda: as_markdown.render(report),
                "terminal": lambda: as_terminal.render(report, colour=False, width=200),
            }[form]()

    return rendered


def test_the_terminal_shows_control_characters_as_escapes(render):
    text = render("terminal")

    assert not [char for char in text if not char.isprintable() and char != "\n"]
    assert "\\x1b" in text


def test_tables_have_units_and_coverage(render):
    text = render("terminal")

    assert "[downloads]" in text
    assert "coverage: " in text


def test_csv_cells_that_start_a_formula_are_quoted(render):
    rows = list(csv.DictReader(io.StringIO(render("csv"))))

    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "@", "\t", "\r") or cell[:2] == "-B"]
    assert any(cell.startswith("'=1+1") for cell in cells)
    rising = [row for row in rows if row["table"] == "rising"]
    assert [(row["thing_id"], row["gain"]) for row in rising] == [("1", "20")]


def test_markdown_shows_names_as_they_are(render):
    text = render("md")

    assert "<img" not in text
    assert "\\|\\*x\\*" in text
    assert "\x1b" not in text


def test_a_creator_cannot_command_the_headings(book):
    book.things(1, creator="ann\n# Paid\x1b[2J")

    with open_for_reading(book.url) as connection:
        report = build_from(Dataset(connection, Options(creator="ann\n# Paid\x1b[2J")))
        text = as_markdown.render(report)

    assert "\n# Paid" not in text
    assert "\x1b" not in text


def test_html_holds_no_markup_out_of_names(render):
    text = render("html")

    assert "<img" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.count("</script>") == 4


def test_html_names_no_place_that_would_be_fetched(render):
    text = render("html")

    page = text.split("<footer>")[0]
    for mark in ("<script src", '<link rel="stylesheet', "<img", "@import", "url("):
        assert mark not in page
    assert "default-src 'none'" in page


def test_html_runs_its_own_scripts_and_no_other(render):
    text = render("html")
    policy = html.unescape(re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[0])
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)

    hashes = {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts}
    (allowed,) = re.findall(r"script-src ([^;]*);", policy)
    assert {mark.removeprefix("'sha256-").rstrip("'") for mark in allowed.split()} == hashes
    assert len(hashes) == 3


def test_vendored_scripts_are_those_of_the_notice():
    assets = files("tvspiders.extras.analytics.assets")
    noted = dict(
        re.findall(r"package/dist/(\S+)\)\n    SHA-256 ([0-9a-f]{64})\n", (assets / "NOTICE.txt").read_text())
    )

    vendored = [entry for entry in assets.iterdir() if entry.name.endswith(".min.js")]
    assert noted == {script.name: hashlib.sha256(script.read_bytes()).hexdigest() for script in vendored}
    assert len(noted) == 2


def test_bare_addresses_are_no_links_in_markdown(book):
    book.things(1, name="see http://evil.example, HTTPS://evil.example and WWW.evil.example", creator="ann")
    book.snapshots(1, ("2026-11-01", 10), ("2026-11-08", 30))

    with open_for_reading(book.url) as connection:
        text = as_markdown.render(build_from(Dataset(connection, Options())))

    assert "see http\\://evil.example, HTTPS\\://evil.example and WWW\\.evil.example" in text


@pytest.mark.parametrize("prepare", ["one thing", "only a self-edge", "only ghosts", "no dates"])
def test_a_database_with_next_to_nothing_gives_a_report(book, prepare):
    book.things(1)
    if prepare == "only a self-edge":
        book.edges((1, 1))
    if prepare == "only ghosts":
        book.edges((7, 8), (8, 7))
    if prepare == "no dates":
        book.things(2, last_scraped=None, first_seen=None, detail_scraped=None, added="soon")
        book.edges((1, 2), first_seen=None, last_scraped=None, seen_from_child=None)

    with open_for_reading(book.url) as connection:
        data = Dataset(connection, Options())
        report = build_from(data)
        made = [as_csv.render(report), as_markdown.render(report), as_terminal.render(report, colour=True)]
        made.append(as_html.render(report, data, NetworkOptions()))

    assert all(made)


def test_the_network_shows_the_largest_families_first_or_one(book):
    book.things(*range(1, 12)).edges((1, 2), (1, 3), (1, 4), (5, 6), (7, 8), (8, 9))

    with open_for_reading(book.url) as connection:
        data = Dataset(connection, Options())
        few = network(data, NetworkOptions(most=8))
        one = network(data, NetworkOptions(root=8))
        part = network(data, NetworkOptions(root=1, most=2))

    assert [node[0] for node in few["nodes"]] == [1, 2, 3, 4, 7, 8, 9]
    assert [node[0] for node in one["nodes"]] == [7, 8, 9]
    assert [node[0] for node in part["nodes"]] == [1, 2]
    assert one["note"].startswith("the family of thing 8: 3 of 9 things")
