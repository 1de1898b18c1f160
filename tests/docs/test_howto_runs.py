"""What how-to pages say is done beside a crawl's database, where it costs little."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from tests.support.command_lines import lines
from tests.support.fixtures import crawled, finished, sandbox, serving, shell
from tests.support.reading import blocks, document

__all__ = ["crawled", "finished", "sandbox", "serving", "shell"]


def follow(crawled, page):
    """Run the lines of a page in order; what they print."""
    printed = []
    for line in lines(page):
        words = shlex.split(line)
        if words[0] == "sqlite3":
            ended = subprocess.run(
                words, cwd=crawled.folder, capture_output=True, text=True, timeout=60, check=True
            )
            printed.append(ended.stdout)
            continue
        variables = dict(word.split("=", 1) for word in words[: words.index("scrapy")])
        ended = crawled(*words[len(variables) + 1 :], **variables)
        assert ended.code == 0, (line, ended.err)
        printed.append(ended.out)
    return printed


@pytest.mark.of_extra("analytics")
def test_the_blocks_of_the_page_about_notebooks_run(crawled):
    page = document("docs/howto/notebook.md")
    rows, network = blocks(page, "python")
    follow(crawled, "docs/howto/notebook.md")

    program = f"{rows}\nimport json\nprint(json.dumps([list(row) for row in rows]))\n{network}"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=crawled.folder,
        env=crawled.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )

    top, said = ended.stdout.splitlines()
    ((most,),) = crawled.rows("SELECT max(download_count) FROM things WHERE last_scraped IS NOT NULL")
    ((edges,),) = crawled.rows("SELECT count(*) FROM remix_edges")
    assert json.loads(top)[0][2] == most
    assert said.endswith(f"things {edges} remixes")


@pytest.mark.of_extra("analytics")
def test_what_is_published_names_no_one(crawled):
    people = {name for (name,) in crawled.rows("SELECT username FROM creators") if len(name) > 5}

    follow(crawled, "docs/howto/publish.md")

    for name in ("shared.jsonl", "shared.graphml", "shared.html"):
        text = (crawled.folder / name).read_text("utf-8")
        assert len(text) > 1000
        assert {person for person in people if re.search(rf"\b{re.escape(person)}\b", text)} == set()


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="no sqlite3 here")
def test_a_backup_is_whole_and_can_be_audited(crawled):
    written, again, checked, audit = follow(crawled, "docs/howto/backup.md")

    assert (written, again, checked) == ("", "", "ok\n")
    assert "closes: every request is accounted for" in audit


def test_a_person_is_forgotten_as_the_page_says(crawled):
    ((name,),) = crawled.rows("SELECT creator FROM things WHERE creator IS NOT NULL ORDER BY id LIMIT 1")
    counted, *_ = [line for line in lines("docs/howto/forget.md") if "--dry-run" in line]

    for line in (counted, "scrapy forget MakerBot"):
        assert crawled(*line.replace("MakerBot", name).split()[1:]).code == 0

    assert crawled.rows("SELECT id FROM things WHERE creator = ?", name) == []
