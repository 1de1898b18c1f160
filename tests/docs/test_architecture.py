"""What the pages on architecture and decisions name is there, and records have numbers."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.reading import ROOT, blocks, document, names, rows, section
from tvspiders.ledger.in_flight import Options
from tvspiders.settings import CONCURRENT_REQUESTS
from tvspiders.storage.database.schema import HEAD

PAGES = ["docs/architecture.md", "docs/decisions.md"]
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*\.(?:py|md|toml|txt|service)|(?:[\w.-]+/)+")
RECORD = re.compile(r"(?m)^\*\*D-(\d+) \(20\d\d-(?:0[1-9]|1[0-2])\)\. ")
PRODUCT = ROOT / "tvspiders"


def found(path: str) -> Path | None:
    """The file or folder, from the root or from the package; ``None`` without one."""
    return next((place / path for place in (ROOT, PRODUCT) if (place / path).exists()), None)


def defined(path: Path) -> set[str]:
    """Names of functions, classes and methods, as ``Class.method``."""
    outer = [node for node in ast.parse(path.read_text("utf-8")).body if hasattr(node, "name")]
    inner = {
        f"{node.name}.{each.name}"
        for node in outer
        if isinstance(node, ast.ClassDef)
        for each in node.body
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    return {node.name for node in outer} | inner


def missing(text: str) -> list[str]:
    """What a text names between backticks, as path or ``path:function``, and what is not there."""
    gone = []
    for name in names(text):
        path, _, function = name.partition(":")
        if PATH.fullmatch(path) and not name.startswith("~"):
            place = found(path)
            if place is None or (function and function not in defined(place)):
                gone.append(name)
    return gone


def records() -> dict[int, str]:
    """Number and text of each record."""
    parts = RECORD.split(document("docs/decisions.md"))
    return {int(number): text for number, text in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.mark.parametrize("page", PAGES)
def test_paths_and_functions_that_a_page_names_exist(page):
    assert missing(document(page)) == []


@pytest.mark.parametrize(
    "name", ["ledger/no_such.py", "no_such/", "ledger/ledger.py:Ledger.no_such", "meta.py:no_such"]
)
def test_what_does_not_exist_is_found(name):
    assert missing(f"see `{name}` and `meta.py:answer`") == [name]


def test_records_are_numbered_without_gap_and_none_is_without_a_number():
    page = document("docs/decisions.md")
    numbers = [int(number) for number in RECORD.findall(page)]

    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert len(re.findall(r"(?m)^\*\*", page)) == len(numbers)


def test_each_record_says_where_the_code_is():
    assert [number for number, text in records().items() if not re.search(r"(?m)^See: `", text)] == []


def test_numbers_that_code_and_documents_name_are_there():
    files = [*PRODUCT.rglob("*.py"), *(ROOT / "docs").glob("*.md"), ROOT / "CONTRIBUTING.md"]
    named = {int(number) for path in files for number in re.findall(r"\bD-(\d+)\b", path.read_text("utf-8"))}

    assert named - records().keys() == set()


def test_the_contents_list_has_each_heading_of_the_decisions():
    page = document("docs/decisions.md")
    listed = [re.sub(r"\[(.*)\].*", r"\1", row[0]) for row in rows(page.partition("\n## ")[0])]

    assert listed == re.findall(r"(?m)^## (.*)$", page)


def test_the_cost_of_a_kill_is_the_number_of_the_code():
    said = section(document("docs/architecture.md"), "What a kill costs")

    assert f"At most {Options(in_flight=CONCURRENT_REQUESTS).most_lost_by_a_kill} requests" in said


@pytest.mark.parametrize("way", ["its row", "its table"])
def test_counted_ways_have_as_many_files_as_they_say(way):
    said = section(document("docs/architecture.md"), "Two ways, counted")
    heading, _, rest = re.split(r"(?m)^### ", said)[1 if way == "its row" else 2].partition("\n")
    files = [name for row in rows(rest) for name in names(row[1])]

    assert heading.endswith(f"{way}: {len(set(files))} files")
    assert len(files) == len(set(files))


def test_the_command_for_a_migration_writes_one_with_the_next_number(tmp_path):
    (command,) = blocks(section(document("CONTRIBUTING.md"), "Add a column"), "sh")
    migrations = tmp_path / "tvspiders/storage/migrations"
    shutil.copytree(PRODUCT / "storage/migrations", migrations)

    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
    written = ["bash", "-euc", command]
    subprocess.run(written, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=120)

    number = f"{int(HEAD) + 1:04}"
    (new,) = (migrations / "versions").glob(f"{number}_*.py")
    assert new.name == f"{number}_keep_is_ai_of_things.py"
    assert f'down_revision = "{HEAD}"' in new.read_text("utf-8").replace("'", '"')
