"""Which package may import which: the table of the design, read from every module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tvspiders

ROOT = Path(tvspiders.__file__).parent
OPEN = {"", "errors", "harmless", "printing", "private_files", "steady_clock"}
"""What everybody may import: version, errors, harmless text, how text is printed, files, the clock."""
ALL = None

MAY_IMPORT: dict[str, set[str] | None] = {
    "": set(),
    "errors": set(),
    "harmless": set(),
    "private_files": set(),
    "printing": {"policies"},  # what is masked
    "steady_clock": set(),
    "items": set(),
    "params": {"api"},  # what an address of the site looks like, and which categories there are
    "listing_params": {"api", "params"},
    "settings": set(),
    "addon": {"settings"},
    "checks": {"policies", "settings", "storage"},  # storage: what an address of a database holds
    "api": {"items"},
    "policies": set(),
    "spiders": {"api", "items", "params", "listing_params"},
    "middlewares": {"policies", "api", "storage"},
    "ledger": {"storage", "items", "api", "policies"},  # the policy chooses which stored things to ask
    "pipelines": {"ledger", "storage", "items"},  # what stores behind the last pipeline is the ledger
    "storage": {"items"},
    "extensions": {"ledger", "storage", "items", "middlewares", "policies", "checks"},  # feeds: passwords
    "analytics": {"storage"},
    "account": {"api", "storage"},
    "sandbox": set(),
    "webhooks": {"api", "storage"},
    "scheduling": {"storage", "ledger", "params", "policies"},  # params: which arguments name files
    "commands": ALL,
    "console": ALL,
}
"""Layers by name; a package that is not named here is not allowed."""
SHARED_QUOTA_ROWS = {"tvspiders.storage.queue.quota", "tvspiders.storage.database.engine"}
"""All that the middlewares may know of the storage."""


def layer_of(module: str) -> str:
    """``tvspiders.api.things`` -> ``api``."""
    return [*module.split("."), ""][1]


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
        layer = layer_of(module_of(path, root))
        where = path.relative_to(root.parent).as_posix()
        if layer not in MAY_IMPORT:
            found.append(f"{where}: the package {layer!r} is not in the table")
            continue
        allowed = MAY_IMPORT[layer]
        for line, name in imports_of(path, root):
            target = layer_of(name)
            if target == "__version__":
                target = ""
            fine = allowed is ALL or target == layer or target in OPEN or target in allowed
            if layer == "middlewares" and target == "storage":
                fine = any(name == wanted or name.startswith(f"{wanted}.") for wanted in SHARED_QUOTA_ROWS)
            if not fine:
                found.append(f"{where}:{line}: {layer or 'the package'} may not import {name}")
    return found


def test_no_package_imports_what_it_must_not():
    assert offenders(ROOT) == []


def test_the_table_names_what_there_is():
    there = {layer_of(module_of(path, ROOT)) for path in ROOT.rglob("*.py")}

    assert set(MAY_IMPORT) - there <= {"console"}


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
        ("settings.py", "import tvspiders"),
        ("storage/x.py", "import sqlalchemy\nfrom tvspiders_other import x"),
    ],
)
def test_what_the_table_allows_is_no_offence(tmp_path, path, code):
    file = tmp_path / "tvspiders" / path
    file.parent.mkdir(parents=True)
    file.write_text(code)

    assert offenders(tmp_path / "tvspiders") == []
