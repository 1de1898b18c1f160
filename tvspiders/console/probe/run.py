"""What ``scrapy probe`` does: ask, print, write the file, store the names that this API uses."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from scrapy.settings import Settings
from sqlalchemy import Connection, select

import tvspiders
from tvspiders import printing
from tvspiders.api.lists.names import NAMES
from tvspiders.api.urls import base_url
from tvspiders.checks.database import check_database
from tvspiders.checks.reachability import check_reachable
from tvspiders.checks.secret_values import check_tokens
from tvspiders.checks.writable import check_writable
from tvspiders.console.api.client import ApiClient
from tvspiders.console.probe.probe import LIKELY, MAX_REQUESTS, SEEN, UNKNOWN, Finding, Probe
from tvspiders.console.probe.questions import ask_all
from tvspiders.errors import ConfigProblem
from tvspiders.harmless import visible
from tvspiders.policies.security.redaction import Secrets
from tvspiders.policies.security.tokens import TokenSource
from tvspiders.private_files import make_folder, replacing
from tvspiders.storage.catalogue.answer_fields import note_api_names
from tvspiders.storage.database.engine import open_engine, writing
from tvspiders.storage.tables import tombstones

KEPT = (*NAMES, "detail/categories")
"""Topics that spiders or ``scrapy plan`` use, and that the database keeps."""
STYLES = {SEEN: "green", LIKELY: "yellow", UNKNOWN: "dim"}


def run_probe(settings: Settings, path: Path) -> None:
    """Check, ask, print and keep. Raises a ``TvspidersError`` in one line; then no file is written."""
    check_tokens()
    check_database(settings)
    check_writable("the file", path)
    check_reachable(settings)
    source = TokenSource.from_environment(os.environ)
    origin = base_url(str(settings["THINGIVERSE_API_URL"]))
    console, engine = printing.console(), open_engine(str(settings["DATABASE_URL"]))
    try:
        client = ApiClient(settings, source)
        with writing(engine) as connection:
            probe = Probe(client.get, _missing(connection))
        with console.status(f"asking {origin}, at most {MAX_REQUESTS} requests …"):
            asyncio.run(_ask(probe, client))
        if not probe.things and not probe.rows:
            raise ConfigProblem(f"{origin} brings neither a search nor a thing; scrapy token says more")
        at = datetime.now(UTC).isoformat(timespec="seconds")
        with writing(engine) as connection:
            note_api_names(connection, origin, dialect_of(probe.findings), at)
    finally:
        engine.dispose()
    masks = Secrets()
    masks.add(token.reveal() for token in source.seen())
    write_findings(path, document_of(origin, at, probe), masks)
    print_findings(probe, origin, console, masks)
    console.print(
        f"Written to {path}; nothing in it is secret.", highlight=False, soft_wrap=True, markup=False
    )


async def _ask(probe: Probe, client: ApiClient) -> None:
    try:
        await ask_all(probe)
    finally:
        await client.close()


def _missing(connection: Connection) -> list[int]:
    """Things that are known to be gone and hidden, the newest of each."""
    stone = tombstones.c
    found: list[int] = []
    for reason in ("gone", "hidden"):
        wanted = stone.subject == "thing", stone.reason == reason, stone.reappeared_at.is_(None)
        newest = select(stone.subject_id).where(*wanted).order_by(stone.last_scraped.desc()).limit(2)
        found += [int(number) for number in connection.execute(newest).scalars() if str(number).isdigit()]
    return found


def dialect_of(findings: Sequence[Finding]) -> dict[str, str]:
    """What the database keeps: names that answer, and what saves requests."""
    return {
        finding.topic: str(finding.value)
        for finding in findings
        if finding.topic in KEPT and finding.sure == SEEN and finding.value != "neither"
    }


def document_of(origin: str, at: str, probe: Probe) -> dict[str, Any]:
    """The findings as JSON: no token, and no person's name."""
    return {
        "tvspiders": tvspiders.__version__,
        "origin": origin,
        "asked_at": at,
        "requests": probe.asked,
        "findings": [
            {
                "topic": finding.topic,
                "question": finding.question,
                "answer": finding.answer,
                "sure": finding.sure,
                "why": finding.why,
                "value": finding.value,
            }
            for finding in probe.findings
        ],
    }


def write_findings(path: Path, document: dict[str, Any], masks: Secrets) -> None:
    """Write the file, for its owner alone."""
    text = masks.mask(json.dumps(document, indent=1, ensure_ascii=False)) + "\n"
    try:
        make_folder(path.parent)
        with replacing(path) as file:
            file.write(text.encode())
    except OSError as error:
        raise ConfigProblem(f"the file {path} cannot be written ({error.strerror})") from None


def print_findings(probe: Probe, origin: str, console: Console, masks: Secrets) -> None:
    """Print a table, and how much was asked."""
    table = Table(title=escape(f"What {origin} answers"), title_justify="left")
    table.add_column("question", overflow="fold")
    table.add_column("answer", overflow="fold")
    table.add_column("how sure", no_wrap=True)
    table.add_column("by what", overflow="fold", style="dim")
    for finding in probe.findings:
        answer, why = (escape(visible(masks.mask(text))) for text in (finding.answer, finding.why))
        table.add_row(finding.question, answer, f"[{STYLES[finding.sure]}]{finding.sure}[/]", why)
    console.print(table)
    unknown = sum(finding.sure == UNKNOWN for finding in probe.findings)
    console.print(
        f"{len(probe.findings)} questions, {probe.asked} requests"
        + (f"; {unknown} not known" if unknown else ""),
        highlight=False,
    )
