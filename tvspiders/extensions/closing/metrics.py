"""The end of a run as a file for Prometheus (node exporter's textfile collector)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from tvspiders.close_reasons import EXIT_CODES
from tvspiders.private_files import replacing

LABELS = ("spider", "crawl")
READABLE = 0o644
"""Whatever the umask says: node exporter is another user, and nothing in the file is a secret."""


def write_metrics(folder: Path, facts: Mapping[str, Any]) -> Path:
    """Replace the crawl's file in one step; returns its path.

    Each crawl has a file of its own, so crawls that end at the same moment do not overwrite each other.
    """
    identity = facts["identity"] or "unopened"
    registry = CollectorRegistry()
    where = {"spider": facts["spider"], "crawl": identity}

    def gauge(name: str, text: str, value: float) -> None:
        Gauge(f"tvspiders_crawl_{name}", text, LABELS, registry=registry).labels(**where).set(value)

    def gauges(name: str, text: str, label: str, values: Mapping[str, float]) -> None:
        family = Gauge(f"tvspiders_crawl_{name}", text, (*LABELS, label), registry=registry)
        for key, value in values.items():
            family.labels(**where, **{label: key}).set(value)

    gauge("ended_timestamp_seconds", "When the last run ended", facts["ended_at"].timestamp())
    gauge("duration_seconds", "How long the last run took", facts["seconds"])
    gauge("exit_code", "Exit code of the last run", facts["exit_code"])
    gauge("round", "Round of the crawl", facts["round"] or 0)
    gauge("requests", "Requests sent in the last run", facts["requests"])
    gauge("limited", "Refusals for quota (429) in the last run", facts["limited"])
    verdicts = {verdict: float(verdict == facts["verdict"]) for verdict in EXIT_CODES}
    gauges("verdict", "1 for how the last run ended", "verdict", verdicts)
    if facts["counts"] is not None:
        gauges("ledger_requests", "Requests of the round in each state", "state", facts["counts"])
    gauges("stored_items", "Items new to the round in the last run", "kind", facts["stored"])
    path = folder / f"tvspiders-{facts['spider']}-{identity}.prom"
    with replacing(path, READABLE) as file:
        file.write(generate_latest(registry))
    return path
