"""Prometheus reads what is written."""

import os
from datetime import UTC, datetime

from prometheus_client.parser import text_string_to_metric_families

from tvspiders.extensions.closing.metrics import write_metrics

FACTS = {
    "verdict": "interrupted",
    "exit_code": 4,
    "spider": "things",
    "identity": "0123456789abcdef0123",
    "round": 2,
    "counts": {"done": 8, "queued": 3},
    "stored": {"thing": 5},
    "requests": 10,
    "limited": 1,
    "ended_at": datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
    "seconds": 12.5,
}


def read(path):
    """Value of each sample, by its name and its last label."""
    samples = [s for family in text_string_to_metric_families(path.read_text()) for s in family.samples]
    assert all(s.labels["spider"] == "things" for s in samples)
    found = {}
    for sample in samples:
        own = [value for name, value in sample.labels.items() if name not in ("spider", "crawl")]
        found[(sample.name.removeprefix("tvspiders_crawl_"), *own)] = sample.value
    return found


def test_every_figure_is_there(tmp_path):
    found = read(write_metrics(tmp_path, FACTS))

    assert found["ended_timestamp_seconds",] == 1795253400
    assert (found["exit_code",], found["round",], found["duration_seconds",]) == (4, 2, 12.5)
    assert (found["requests",], found["limited",]) == (10, 1)
    assert (found["ledger_requests", "done"], found["ledger_requests", "queued"]) == (8, 3)
    assert found["stored_items", "thing"] == 5
    assert {key[1]: value for key, value in found.items() if key[0] == "verdict"} == {
        "complete": 0,
        "paused": 0,
        "failed": 0,
        "partial": 0,
        "interrupted": 1,
    }


def test_a_crawl_that_could_not_be_opened_has_a_file_too(tmp_path):
    path = write_metrics(tmp_path, FACTS | {"identity": None, "round": None})

    assert path.name == "tvspiders-things-unopened.prom"


def test_the_file_is_replaced_in_one_step(tmp_path):
    write_metrics(tmp_path, FACTS)
    path = write_metrics(tmp_path, FACTS | {"verdict": "complete", "exit_code": 0})

    assert read(path)["exit_code",] == 0
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def test_node_exporter_may_read_it_though_nobody_else_may_read_what_a_daemon_writes(tmp_path):
    before = os.umask(0o077)
    try:
        path = write_metrics(tmp_path, FACTS)
    finally:
        os.umask(before)

    assert path.stat().st_mode & 0o777 == 0o644
