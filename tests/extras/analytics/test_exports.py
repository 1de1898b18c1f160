"""Exports are read back by the programs they are made for."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import igraph
import networkx as nx
import pyarrow.parquet as pq
import pytest

from tvspiders.errors import UsageProblem
from tvspiders.extras.analytics.data.options import Options
from tvspiders.extras.analytics.export.write import write_graph
from tvspiders.storage import tables
from tvspiders.storage.database.reading import open_for_reading

FAMILY = {(1, 2), (1, 3), (1, 4), (2, 5), (3, 5), (5, 6), (6, 7), (7, 6), (4, 4), (90, 1)}
EVIL = 'Gear "9\\" <b>&\x00\x1b[2J\u202e;=1'


@pytest.fixture
def export(family, tmp_path):
    family.rows(tables.things, {"id": 20, "name": EVIL.replace("\x00", "")}).edges(
        (2, 20), (20, 21), (21, 22)
    )

    def exported(form, root=1, **more):
        path = tmp_path / f"graph.{form}"
        with open_for_reading(family.url) as connection:
            write_graph(connection, Options(), form, root=root, output=str(path), **more)
        return path

    return exported


WHOLE = FAMILY | {(2, 20), (20, 21), (21, 22)}


def test_the_largest_count_fits_into_a_column(family, tmp_path):
    family.things(50, like_count=2**63 - 1).edges((50, 51))
    path = tmp_path / "nodes.parquet"

    with open_for_reading(family.url) as connection:
        edges = str(tmp_path / "edges.parquet")
        write_graph(connection, Options(), "parquet", root=50, output=edges, nodes=str(path))

    assert pq.read_table(path)["like_count"].to_pylist() == [2**63 - 1, None]


def test_a_time_is_a_timestamp_in_utc(family, tmp_path):
    family.things(50, added="2016-08-10T19:40:14+00:00").edges((50, 51))
    path = tmp_path / "nodes.parquet"

    with open_for_reading(family.url) as connection:
        edges = str(tmp_path / "edges.parquet")
        write_graph(connection, Options(), "parquet", root=50, output=edges, nodes=str(path))

    assert pq.read_table(path)["added"].to_pylist() == [datetime(2016, 8, 10, 19, 40, 14, tzinfo=UTC), None]


def test_networkx_reads_graphml(export):
    graph = nx.read_graphml(export("graphml"), node_type=int)

    assert set(graph.edges) == WHOLE
    assert graph.nodes[1]["label"] == "Thing 1"
    assert graph.nodes[1]["remix_count"] == 5
    assert graph.nodes[90]["state"] == "unknown"
    assert graph.edges[1, 2]["same_creator"] is True
    assert "\\x1b[2J" in graph.nodes[20]["label"]


def test_igraph_reads_graphml(export):
    graph = igraph.Graph.Read_GraphML(str(export("graphml")))

    names = graph.vs["id"]
    assert {(int(names[a]), int(names[b])) for a, b in graph.get_edgelist()} == WHOLE
    assert graph.is_directed()
    assert graph.vs.find(id="1")["remix_count"] == 5


def test_networkx_reads_gexf(export):
    graph = nx.read_gexf(export("gexf"), node_type=int)

    assert set(graph.edges) == WHOLE
    assert graph.nodes[1]["label"] == "Thing 1"
    assert graph.nodes[1]["children"] == 3


def test_networkx_reads_node_link_json(export):
    document = json.loads(export("json").read_text())

    graph = nx.node_link_graph(document, edges="links")
    assert set(graph.edges) == WHOLE
    assert {node["id"] for node in document["nodes"]} == {1, 2, 3, 4, 5, 6, 7, 20, 21, 22, 90}


def test_measures_of_an_export_agree_with_networkx(export):
    graph = nx.node_link_graph(json.loads(export("json").read_text()), edges="links")
    plain = nx.DiGraph(graph)
    plain.remove_edges_from(list(nx.selfloop_edges(plain)))
    rank = nx.pagerank(plain.reverse(), tol=1e-12, max_iter=1000)

    for node, told in graph.nodes(data=True):
        assert told["pagerank"] == pytest.approx(rank[node], abs=1e-8)
        assert told["children"] == plain.out_degree(node)
        assert told["parents"] == plain.in_degree(node)
        assert told["component"] == 1


def test_csv_begins_with_source_and_target(export, tmp_path):
    path = export("csv", nodes=str(tmp_path / "nodes.csv"))

    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert list(rows[0])[:2] == ["source", "target"]
    assert {(int(row["source"]), int(row["target"])) for row in rows} == WHOLE
    nodes = list(csv.DictReader(io.StringIO((tmp_path / "nodes.csv").read_text())))
    assert {int(row["id"]) for row in nodes} == {node for edge in WHOLE for node in edge}


def test_parquet_is_read_back(export, tmp_path):
    path = export("parquet", nodes=str(tmp_path / "nodes.parquet"))

    rows = pq.read_table(path).to_pylist()
    assert {(row["source"], row["target"]) for row in rows} == WHOLE
    assert pq.read_table(tmp_path / "nodes.parquet").num_rows == 11


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_dot_quotes_what_names_hold(export):
    pydot = pytest.importorskip("pydot")

    (graph,) = pydot.graph_from_dot_file(str(export("dot")))

    edges = {(int(edge.get_source()), int(edge.get_destination())) for edge in graph.get_edges()}
    assert edges == WHOLE


def test_a_tree_opens_each_thing_once(export):
    root = json.loads(export("tree").read_text())

    seen = []

    def walk(node):
        seen.append((node["id"], bool(node.get("repeated"))))
        for child in node.get("children", ()):
            walk(child)

    walk(root)
    assert seen == [
        (1, False), (2, False), (5, False), (6, False), (7, False), (6, True), (20, False), (21, False),
        (22, False), (3, False), (5, True), (4, False), (4, True),
    ]  # fmt: skip


def test_a_deep_tree_is_written_without_recursion(book, tmp_path):
    book.things(1).edges(*((n, n + 1) for n in range(1, 3000)))
    path = tmp_path / "deep.json"

    with open_for_reading(book.url) as connection:
        write_graph(connection, Options(), "tree", root=1, output=str(path))

    text = path.read_text()
    assert text.count('"children"') == 3000
    assert text.count("[") == text.count("]")


def test_a_component_is_chosen_by_rank(family, tmp_path):
    path = tmp_path / "second.csv"
    with open_for_reading(family.url) as connection:
        write_graph(connection, Options(), "csv", component=2, output=str(path))

    assert [row["target"] for row in csv.DictReader(io.StringIO(path.read_text()))] == ["91"]


def test_a_root_that_is_not_stored_is_told_so(export):
    with pytest.raises(UsageProblem, match="thing 12345 is not stored"):
        export("json", root=12345)


def test_a_file_that_exists_stays_when_the_export_fails(export, tmp_path):
    path = tmp_path / "graph.json"
    path.write_text("old")

    with pytest.raises(UsageProblem):
        export("json", root=12345)

    assert path.read_text() == "old"
    assert sorted(found.name for found in tmp_path.iterdir() if found.name.startswith(".graph")) == []


@pytest.mark.parametrize("form", ["graphml", "gexf", "dot", "json", "tree"])
def test_a_parent_that_only_its_remix_names_has_its_name(family, export, form):
    told = {"id": 90, "name": "Grandmother gear", "creator": "dee", "like_count": 4711}
    family.rows(tables.things, told | {"added": "2019-01-01T00:00:00+00:00"})

    written = export(form, root=90).read_text()

    assert "Grandmother gear" in written
    assert "2019-01-01" in written
    if form != "tree":
        assert "4711" in written
        assert "365" in written  # days to the child
    if form != "tree":
        assert "unknown" in written
