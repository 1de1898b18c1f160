"""The blocks of the page about notebooks run in order, beside a crawl's database."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support.fixtures import crawled, finished, sandbox, serving, shell
from tests.support.reading import blocks, document

__all__ = ["crawled", "finished", "sandbox", "serving", "shell"]
PAGE = document("docs/howto/notebook.md")


@pytest.mark.of_extra("analytics")
def test_the_blocks_run(crawled):
    rows, network = blocks(PAGE, "python")
    for line in "".join(blocks(PAGE, "sh")).splitlines():
        ended = crawled(*line.split()[1:])
        assert ended.code == 0, ended.err

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
