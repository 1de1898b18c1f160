"""docs/deploy.md and the code name the same options, fields and metrics."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime

from scrapy.settings import Settings

from tests.support.reading import ROOT, document, names, rows, section
from tvspiders.commands.jobs import Command as Jobs
from tvspiders.commands.schedule import Command as Schedule
from tvspiders.extensions.closing.metrics import write_metrics

PAGE = document("docs/deploy.md")


def options(command):
    """What the command takes beside Scrapy's own options."""
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    command.settings = Settings()
    command.add_options(parser)
    (group,) = [group for group in parser._action_groups if group.title in ("Schedule", "Jobs")]
    return {action.option_strings[0] for action in group._group_actions}


def test_every_option_of_schedule_is_told():
    told = {names(row[0])[0].split()[0] for row in rows(section(PAGE, "Schedule"))}

    assert told == options(Schedule()) | {"-s"}


def test_options_of_jobs_are_told():
    told = set(re.findall(r"`(--\w+)", section(PAGE, "Look"))) | {"--target", "--patience"}

    assert told == options(Jobs())


def test_every_field_of_the_line_is_told():
    code = (
        document("tvspiders/extensions/closing/health.py")
        .partition("def facts")[2]
        .partition("def _closed")[0]
    )
    fields = re.findall(r'(?m)^ {12}"(\w+)":', code)
    told = [name for row in rows(section(PAGE, "Health")) for name in names(row[0])]

    assert len(fields) > 10
    assert told == fields


def test_every_metric_is_told(tmp_path):
    facts = {
        "spider": "things",
        "identity": "x",
        "verdict": "complete",
        "exit_code": 0,
        "round": 1,
        "requests": 1,
        "limited": 0,
        "seconds": 1.0,
        "counts": {"done": 1},
        "stored": {"thing": 1},
        "ended_at": datetime(2026, 11, 21, tzinfo=UTC),
    }
    written = set(re.findall(r"(?m)^# TYPE (\w+)", write_metrics(tmp_path, facts).read_text()))
    told = set(re.findall(r"`(?:tvspiders_crawl)?(_[a-z_]+)(?:\{\w+\})?`", section(PAGE, "Health")))

    assert {name.removeprefix("tvspiders_crawl") for name in written} == told


def test_files_that_are_named_are_shipped():
    for path in re.findall(r"\bdeploy/[\w.-]*\w(?![\w*-])", PAGE):
        assert document(path)


def test_every_backup_waits_for_a_crawl_that_writes():
    lines = [line for page in sorted((ROOT / "docs").rglob("*.md")) for line in page.read_text().splitlines()]
    told = [line for line in lines if re.search(r"sqlite3 .*(\.backup|VACUUM INTO) ", line)]

    assert len(told) >= 3
    assert [line for line in told if '-cmd ".timeout ' not in line] == []
