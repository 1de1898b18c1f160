"""Which package may import which: the table of the design, read from every module."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import tvspiders
from tvspiders.extras import EXTRAS

ROOT = Path(tvspiders.__file__).parent
OPEN = {"", "errors", "harmless", "periods", "printing", "private_files", "steady_clock"}
"""What everybody may import: version, errors, harmless text, periods, printed text, files, the clock."""
ALL = None

STORED = {"items", "storage"}
_ANALYTICS = {f"extras.analytics.{room}" for room in ("data", "measures", "render", "export")}
ABOVE = {"ledger", "middlewares"}
"""What the context of a crawl holds: it names their types, and imports them for nothing else."""
MAY_IMPORT: dict[str, set[str] | None] = {
    "": set(),
    "errors": set(),
    "harmless": set(),
    "periods": set(),
    "private_files": set(),
    "printing": {"policies.security"},  # what is masked
    "steady_clock": set(),
    "items": set(),
    "settings": {"extras"},
    "addon": {"settings"},
    "api": {"items"},
    "meta": {"api"},
    "params": {"api"},  # what an address of the site looks like, and which categories there are
    "policies": set(),
    "policies.outcome": {"api", "policies"},  # what answers are, and how long to wait
    "policies.security": set(),
    "policies.quota": {"policies.security"},
    # -- storage: the tables, what opens them, what writes them, what asks them
    "storage": {"items"},
    "storage.migrations": {"storage"},
    "storage.database": {"storage"},
    "storage.catalogue": STORED | {"storage.database"},
    "storage.people": STORED | {"storage.database", "storage.catalogue"},
    "storage.queue": STORED | {"storage.database", "storage.people"},
    "storage.forgetting": STORED | {"storage.people", "storage.queue"},
    "storage.commit": STORED | {"storage.database", "storage.catalogue", "storage.people", "storage.queue"},
    "storage.queries": STORED | {"storage.database", "storage.catalogue", "storage.people", "storage.queue"},
    # -- the crawl
    "close_reasons": {"storage.queue"},  # the verdicts
    "crawl": {"close_reasons", "policies", "policies.outcome"} | ABOVE,
    "spiders": {"api", "extras", "items", "meta", "params"},
    "middlewares": {
        "api",
        "crawl",
        "extras",
        "meta",
        "policies",
        "policies.outcome",
        "policies.quota",
        "policies.security",
        "storage.database.engine",
        "storage.queue.quota",  # all that a middleware may know of the storage
    },
    "ledger.answers": STORED | {"api", "meta", "policies", "storage.catalogue", "storage.queue"},
    "ledger.writing": STORED | {"ledger.answers", "storage.commit", "storage.database", "storage.queue"},
    "ledger": STORED
    | {
        "api",
        "close_reasons",
        "extras",
        "ledger.answers",
        "ledger.writing",
        "crawl",
        "meta",
        "policies.outcome",
        "policies",  # the policy chooses which stored things to ask
        "policies.security",
        "storage.catalogue",
        "storage.database",
        "storage.forgetting",
        "storage.queries",
        "storage.queue",
        "storage.commit",
    },
    "pipelines": STORED
    | {"crawl", "ledger", "ledger.answers"},  # what stores behind the last pipeline is the ledger
    "extensions": {"checks", "crawl", "ledger", "middlewares", "policies.security"},
    "extensions.progress": {"crawl", "ledger", "middlewares"},
    "extensions.feeds": STORED
    | {
        "crawl",
        "ledger",
        "ledger.answers",
        "ledger.writing",
        "policies.security",  # passwords in addresses of feeds
        "storage.database",
        "storage.queue",
    },
    "extensions.closing": STORED
    | {
        "close_reasons",
        "crawl",
        "ledger",
        "storage.catalogue",
        "storage.database",
        "storage.queries",
        "storage.queue",
    },
    # -- before a crawl
    "checks": {
        "extensions.feeds",
        "extras",
        "ledger.components",
        "middlewares.proxies",
        "params",
        "policies.quota",
        "policies.security",
        "settings",
        "storage.database",
        "storage.queue",
    },
    # -- extras
    "extras": {"errors"},
    "extras.account": ALL,
    "extras.analytics": STORED
    | {"console", "extras", "storage.database", "storage.people", "storage.queries", *_ANALYTICS},
    "extras.analytics.data": STORED | {"storage.catalogue", "storage.people", "storage.queries"},
    "extras.analytics.measures": STORED | {"extras.analytics.data", "storage.queries"},
    "extras.analytics.render": {"extras.analytics.data"},
    "extras.analytics.export": {*_ANALYTICS, "storage.queries"},
    "extras.pages": ALL,
    "extras.proxies": ALL,
    "extras.scheduling": ALL,
    "extras.webhooks": STORED | {"api", "console", "storage.database"},
    "sandbox": set(),
    # -- commands
    "commands": ALL,
    "entry_points": {"addon", "commands", "console.command"},
    "console": STORED  # no command and no extra
    | {
        "addon",
        "api",
        "checks",
        "extensions.progress",
        "ledger",
        "middlewares",
        "middlewares.proxies",
        "params",
        "policies.proxies",
        "policies.quota",
        "policies.security",
        "spiders",
        "storage.catalogue",
        "storage.database",
        "storage.forgetting",
        "storage.people",
        "storage.queries",
        "storage.queue",
    },
}
"""Rooms by name, each with what it may import; a module is in the room of the longest name that fits.

``ALL`` leaves out the extras: what one of them needs of another belongs into the core.
"""


def room_of(module: str, rooms: Iterable[str] = MAY_IMPORT) -> str:
    """``tvspiders.storage.queue.leases`` -> ``storage.queue``; outside of the table: the first name."""
    inside = module.removeprefix("tvspiders").removeprefix(".")
    fitting = [room for room in rooms if room and f"{inside}.".startswith(f"{room}.")]
    return max(fitting, key=len) if fitting else inside.split(".")[0]


def module_of(path: Path, root: Path) -> str:
    parts = path.relative_to(root.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path, root: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of every import of ours, also those inside functions."""
    module = module_of(path, root)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            # ``from tvspiders import items`` imports a module, ``from tvspiders.items import Thing`` a name.
            names = [f"{base}.{alias.name}" for alias in node.names] if base == root.name else [base]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            first = node.args[0] if node.args else None
            if called in ("import_module", "__import__") and isinstance(first, ast.Constant):
                names = [str(first.value)]
        yield from ((node.lineno, name) for name in names if name.split(".")[0] == root.name)


def offenders(root: Path) -> list[str]:
    """Imports that the table does not allow, by file and line."""
    found: list[str] = []
    for path in sorted(root.rglob("*.py")):
        room = room_of(module_of(path, root))
        where = path.relative_to(root.parent).as_posix()
        if room not in MAY_IMPORT:
            found.append(f"{where}: the package {room!r} is not in the table")
            continue
        allowed = MAY_IMPORT[room]
        for line, name in imports_of(path, root):
            target = "" if name == "tvspiders.__version__" else room_of(name)
            named = name.removeprefix("tvspiders.")
            everything = allowed is ALL and not target.startswith("extras.")
            fine = everything or target == room or target in OPEN or target in (allowed or ())
            if not fine and not any(
                f"{named}.".startswith(f"{each}.") for each in allowed or () if "." in each
            ):
                found.append(f"{where}:{line}: {room or 'the package'} may not import {name}")
    return found


def test_no_package_imports_what_it_must_not():
    assert offenders(ROOT) == []


def test_the_context_of_a_crawl_imports_for_types_only_what_it_holds():
    code = ast.parse((ROOT / "crawl.py").read_text("utf-8"))

    at_run_time = [node.module or "" for node in code.body if isinstance(node, ast.ImportFrom)]

    assert [name for name in at_run_time if room_of(name) in ABOVE] == []
    assert [name for name in at_run_time if room_of(name) == "close_reasons"] != []


def test_the_table_names_what_there_is():
    there = {room_of(module_of(path, ROOT)) for path in ROOT.rglob("*.py")}

    named = {room for room in MAY_IMPORT if not room.startswith("extras.") or room.split(".")[1] in EXTRAS}
    assert named == there


@pytest.mark.parametrize(
    ("path", "code", "said"),
    [
        ("api/x.py", "from tvspiders.storage import tables", "1: api may not import tvspiders.storage"),
        ("api/x.py", "from tvspiders import storage", "1: api may not import tvspiders.storage"),
        ("api/x.py", "\nimport tvspiders.ledger.ledger", "2: api may not import tvspiders.ledger.ledger"),
        ("api/x.py", "from ..policies import pool", "1: api may not import tvspiders.policies"),
        ("api/deep/x.py", "from ...policies import pool", "1: api may not import tvspiders.policies"),
        ("api/__init__.py", "from ..policies import pool", "1: api may not import tvspiders.policies"),
        (
            "api/x.py",
            "def f():\n    from tvspiders.ledger import x",
            "2: api may not import tvspiders.ledger",
        ),
        ("api/x.py", "import_module('tvspiders.ledger')", "1: api may not import tvspiders.ledger"),
        ("sandbox/x.py", "from tvspiders.api import urls", "1: sandbox may not import tvspiders.api"),
        ("middlewares/x.py", "from tvspiders.storage.units import Unit", "1: middlewares may not import"),
        ("errors.py", "from tvspiders.items import Item", "1: errors may not import tvspiders.items"),
        (
            "commands/x.py",
            "from tvspiders.extras.pages import parsing",
            "1: commands may not import tvspiders.extras.pages",
        ),
        (
            "extras/scheduling/x.py",
            "from tvspiders.extras.analytics import options",
            "1: extras.scheduling may not import tvspiders.extras.analytics",
        ),
        ("novel/x.py", "", "the package 'novel' is not in the table"),
    ],
)
def test_an_offender_is_named_by_file_and_line(tmp_path, path, code, said):
    file = tmp_path / "tvspiders" / path
    file.parent.mkdir(parents=True)
    file.write_text(code)

    (found,) = offenders(tmp_path / "tvspiders")

    assert found.startswith(f"tvspiders/{path}:")
    assert said in found


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("api/x.py", "from tvspiders.items import Thing\nfrom tvspiders.errors import AnswerRefused"),
        ("api/x.py", "from . import urls\nfrom .values import number"),
        ("middlewares/x.py", "from tvspiders.storage.queue.quota import change_row"),
        ("commands/x.py", "from tvspiders.ledger import ledger"),
        ("commands/x.py", "from tvspiders.extras import folders"),
        ("extras/pages/x.py", "from tvspiders.ledger import ledger\nfrom tvspiders.extras.pages import pace"),
        ("settings.py", "import tvspiders"),
        ("storage/x.py", "import sqlalchemy\nfrom tvspiders_other import x"),
    ],
)
def test_what_the_table_allows_is_no_offence(tmp_path, path, code):
    file = tmp_path / "tvspiders" / path
    file.parent.mkdir(parents=True)
    file.write_text(code)

    assert offenders(tmp_path / "tvspiders") == []


def tangled(tests: Path) -> list[str]:
    """Tests that others import from, and shared helpers that know one folder, by file and line."""
    found: list[str] = []
    for path in sorted(tests.rglob("*.py")):
        for line, name in imports_of(path, tests):
            parts = name.split(".")
            shared = path.parent == tests / "support" and parts[1] != "support"
            if shared or parts[-1].startswith("test_") or parts[-1] == "conftest":
                found.append(f"{path.relative_to(tests.parent).as_posix()}:{line}: imports {name}")
    return found


def test_helpers_of_tests_stand_apart():
    assert tangled(Path(__file__).parent) == []


def test_a_tangle_is_named_by_file_and_line(tmp_path):
    (tmp_path / "tests" / "support").mkdir(parents=True)
    (tmp_path / "tests" / "test_x.py").write_text("from tests.docs.test_y import z")
    (tmp_path / "tests" / "support" / "x.py").write_text("\nfrom tests.docs.reading import z")

    assert tangled(tmp_path / "tests") == [
        "tests/support/x.py:2: imports tests.docs.reading",
        "tests/test_x.py:1: imports tests.docs.test_y",
    ]
