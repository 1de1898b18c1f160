"""Hostile texts in every field of every document: its own reader reads it, nothing in it runs."""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import shutil
from html.parser import HTMLParser

import networkx as nx
import pyarrow.parquet as pq
import pytest
from markdown_it import MarkdownIt
from scrapy.settings import Settings

from tests.extras.analytics.book import Book
from tests.extras.analytics.hostile import HOSTILE, MARKDOWN
from tests.extras.analytics.running import here
from tests.support.browser import CHROMIUM, chromium
from tvspiders.commands.export import Command as Export
from tvspiders.extensions.feeds.json_lines import SafeJsonExporter, SafeJsonLinesExporter
from tvspiders.extensions.feeds.safe_tables import SafeCsvExporter, SafeXmlExporter

THINGS = range(1, len(HOSTILE) + 1)
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
NUMBER = re.compile(r"[+-]?[\d.,:e+-]+( \w+)?")
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ufeff]")


@pytest.fixture(scope="module")
def hostile(sqlite_template, tmp_path_factory):
    """Each text as name, creator, licence, tag, category, address and description of a thing of its own."""
    path = tmp_path_factory.mktemp("hostile") / "book.db"
    shutil.copy(sqlite_template, path)
    book = Book(f"sqlite:///{path}")
    for number, text in zip(THINGS, HOSTILE, strict=True):
        book.things(
            number,
            name=text,
            creator=f"{text}{number}",
            creator_id=1000 + number,
            creator_url=text,
            license=text,
            url=text,
            tags=json.dumps([text], ensure_ascii=False),
            categories=json.dumps([text], ensure_ascii=False),
            added="2020-01-01T00:00:00+00:00",
            download_count=number,
            remix_count=1,
        )
        book.snapshots(number, ("2026-11-01", number), ("2026-11-08", 5 * number))
    return book.edges(*((number, number + 1) for number in THINGS[:-1]))


def test_there_are_enough_of_them():
    assert len(set(HOSTILE)) >= 44


@pytest.fixture
def written(hostile, tmp_path):
    """The document that a command writes."""

    def write(*line):
        path = tmp_path / "document"
        assert here(hostile.url, *line, "-o", str(path)) == 0
        return path

    return write


class Elements(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_the_html_report_has_no_element_of_theirs(written):
    elements = Elements()
    elements.feed(written("report", "--format", "html").read_text())

    tags = [tag for tag, _ in elements.found]
    assert tags.count("script") == 4
    assert not {"img", "svg", "iframe", "base", "object", "embed", "form"} & set(tags)
    attributes = [(name, value) for _, attrs in elements.found for name, value in attrs.items()]
    assert [
        name for name, _ in attributes if name.startswith("on") or name in ("src", "srcdoc", "style")
    ] == []
    links = [attrs["href"] for tag, attrs in elements.found if "href" in attrs]
    ours = re.compile(r"#[\w-]+|data:,|https://www\.thingiverse\.com/thing:\d+")
    assert [link for link in links if not ours.fullmatch(link)] == []


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_nothing_of_theirs_runs_in_a_browser(written, tmp_path):
    path = written("report", "--format", "html").rename(tmp_path / "report.html")

    with chromium(tmp_path / "profile") as page:
        page.open(path)
        page.wait("window.tvspiders && tvspiders.cy.nodes().length > 0")
        for number in THINGS:
            page.run(f"tvspiders.open({number}, true)")
            shown = page.run("document.querySelector('#card h3').textContent")
            assert len(shown) > 0
        for field in ("creator", "license", "generation"):
            page.run(
                f"(() => {{ const box = document.getElementById('colour'); box.value = '{field}';"
                "box.dispatchEvent(new Event('change')); })()"
            )

        assert page.run("window.hit") is None
        assert page.run("document.images.length + document.querySelectorAll('iframe,svg,base').length") == 0
        assert page.problems == []
        assert [url for url in page.requested if not url.startswith(("file:", "data:"))] == []


@pytest.fixture
def documents(hostile, written, tmp_path):
    """Every kind of document that is written, and the page that comes of the Markdown, by name."""
    folder = tmp_path / "documents"
    folder.mkdir()
    for form in ("html", "md", "csv", "json"):
        written("report", "--format", form).rename(folder / f"report.{form}")
    for form in ("graphml", "gexf", "dot", "json", "csv", "parquet"):
        nodes = ("--nodes", str(folder / f"nodes.{form}")) if form in ("csv", "parquet") else ()
        written("graph", "--format", form, *nodes).rename(folder / f"graph.{form}")
    written("graph", "--format", "tree", "--root", "1").rename(folder / "tree.json")
    exported(hostile, folder / "export.jsonl")
    feeds = (
        ("feed.xml", SafeXmlExporter),
        ("feed.csv", SafeCsvExporter),
        ("feed.json", SafeJsonExporter),
        ("feed.jsonl", SafeJsonLinesExporter),
    )
    for name, exporter_class in feeds:
        with (folder / name).open("wb") as file:
            exporter = exporter_class(file, encoding="utf-8")
            exporter.start_exporting()
            for text in HOSTILE:
                exporter.export_item({"name": text, "tags": [text], "more": {text: text}})
            exporter.finish_exporting()
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render((folder / "report.md").read_text())
    (folder / "markdown.html").write_text(f"<!doctype html><meta charset=utf-8>{page}")
    for path in list(folder.iterdir()):
        shutil.copy(path, folder / path.name.replace(".", "-"))  # the browser looks at it to guess its kind
    return sorted(folder.iterdir())


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_no_kind_of_document_runs_or_breaks_in_a_browser(documents, tmp_path):
    shown = []
    with chromium(tmp_path / "profile") as page:
        for path in documents:
            page.open(path)
            if page.run("decodeURI(location.pathname)") == str(path):  # others are offered to be saved
                shown.append(path.suffix)
            assert page.run("window.hit") is None, path.name
            assert page.run("document.querySelectorAll('parsererror').length") == 0, path.name

        assert {".html", ".json", ".jsonl", ".xml", ".md", ""} - set(shown) == set()
        assert page.problems == []
        assert [url for url in page.requested if not url.startswith(("file:", "data:"))] == []


def test_the_markdown_report_has_no_markup_of_theirs(written):
    text = written("report", "--format", "md").read_text()

    assert re.findall(r"<[A-Za-z/!?]", text) == []
    assert re.findall(r"(?<!\\)://|(?i:www)\.", text) == []
    assert re.findall(r"(?<!\\)(?:\\\\)*[\[\]`]", text) == []
    assert not CONTROLS.search(text)
    table = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            table.append(len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)))
        elif table:
            assert len(set(table)) == 1
            table = []
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert "# x" not in headings


@pytest.mark.parametrize("line", [("report", "--format", "csv"), ("graph", "--format", "csv")])
def test_no_csv_has_a_formula_or_a_broken_row(written, tmp_path, line):
    nodes = ("--nodes", str(tmp_path / "nodes")) if line[0] == "graph" else ()
    texts = [written(*line, *nodes).read_text()] + ([(tmp_path / "nodes").read_text()] if nodes else [])

    for text in texts:
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert len({len(row) for row in rows}) == 1
        cells = [cell for row in rows for cell in row]
        begun = [cell for cell in cells if cell.lstrip().startswith(FORMULA)]
        assert [cell for cell in begun if not NUMBER.fullmatch(cell)] == []
        assert [cell for cell in cells if CONTROLS.search(cell)] == []


def test_json_holds_the_very_texts(written):
    report = json.loads(written("report", "--format", "json").read_text())
    graph = json.loads(written("graph", "--format", "json").read_text())

    names = {row["name"] for row in report["trends"]["rising"]}
    assert names <= set(HOSTILE)
    assert names
    assert len(nx.node_link_graph(graph, edges="links")) == len(HOSTILE)


@pytest.mark.parametrize(("form", "read"), [("graphml", nx.read_graphml), ("gexf", nx.read_gexf)])
def test_xml_graphs_are_read_whole(written, form, read):
    graph = read(written("graph", "--format", form), node_type=int)

    assert set(graph.edges) == {(number, number + 1) for number in THINGS[:-1]}
    labels = [graph.nodes[number]["label"] for number in THINGS]
    assert labels[0] == HOSTILE[0]
    assert [label for label in labels if CONTROLS.search(label)] == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_dot_has_the_nodes_and_edges_that_there_are(written):
    pydot = pytest.importorskip("pydot")

    (graph,) = pydot.graph_from_dot_file(str(written("graph", "--format", "dot")))

    edges = {(int(edge.get_source()), int(edge.get_destination())) for edge in graph.get_edges()}
    assert edges == {(number, number + 1) for number in THINGS[:-1]}
    numbers = {node.get_name() for node in graph.get_nodes()} - {"node", "edge", "graph", '"\\n"'}
    assert numbers == {str(number) for number in THINGS}
    assert {name for node in graph.get_nodes() for name in node.get_attributes()} & {
        "x",
        "URL",
        "href",
    } == set()


def test_parquet_and_tree_hold_them(written, tmp_path):
    written("graph", "--format", "parquet", "--nodes", str(tmp_path / "nodes"))

    assert {row["label"] for row in pq.read_table(tmp_path / "nodes").to_pylist()} >= set(MARKDOWN[:5])
    tree = json.loads(written("graph", "--format", "tree", "--root", "1").read_text())
    assert tree["id"] == 1


def exported(book, path):
    command, parser = Export(), argparse.ArgumentParser()
    command.settings = Settings({"DATABASE_URL": book.url})
    command.add_options(parser)
    command.run(["things"], parser.parse_args(["--output", str(path)]))
    assert not command.exitcode


def test_an_export_is_one_line_for_each_row(hostile, tmp_path):
    exported(hostile, tmp_path / "out.jsonl")

    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["name"] for row in rows] == list(HOSTILE)
