"""The tree of errors: drawn as it is, and all that is caught in another package is in it."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import tvspiders
from tvspiders import errors

ROOT = Path(tvspiders.__file__).parent
NOT_OURS = {"sandbox"}
"""Imports nothing of ours, errors neither."""


def test_the_tree_is_drawn_as_it_is():
    drawn: dict[str, str] = {}
    branch: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"    ((?:[│ ]   )*)(?:[├└]── )?([A-Z]\w+)", line)
        if found:
            depth = 0 if found[2] == "TvspidersError" else len(found[1]) // 4 + 1
            branch[depth:] = [found[2]]
            drawn[found[2]] = branch[depth - 1] if depth else "Exception"

    there = {name: cls.__bases__[0].__name__ for name, cls in vars(errors).items() if inspect.isclass(cls)}
    assert drawn == there


def caught_elsewhere(root: Path) -> Iterator[str]:
    """Errors of one package that another one catches, by file and line."""
    for path in sorted(root.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        sources = {
            alias.asname or alias.name: str(node.module)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("tvspiders.")
            for alias in node.names
        }
        package = ".".join(path.relative_to(root.parent).parts[:-1])
        for node in ast.walk(tree):
            caught = [node.type] if isinstance(node, ast.ExceptHandler) and node.type else []
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "suppress":
                caught = node.args
            for name in (part.id for each in caught for part in ast.walk(each) if isinstance(part, ast.Name)):
                source = sources.get(name, "tvspiders.errors")
                near = source.rpartition(".")[0] == package or source.split(".")[1] in NOT_OURS
                if source != "tvspiders.errors" and not near:
                    yield f"{path.relative_to(root.parent)}:{node.lineno}: {name} of {source}"


def test_an_error_that_another_package_catches_is_in_the_tree():
    assert list(caught_elsewhere(ROOT)) == []


def test_one_that_is_not_would_be_found(tmp_path):
    file = tmp_path / "tvspiders" / "ledger" / "x.py"
    file.parent.mkdir(parents=True)
    file.write_text(
        "from tvspiders.storage.units import Broken\ntry:\n    pass\nexcept (ValueError, Broken):\n    pass\n"
    )

    assert list(caught_elsewhere(tmp_path / "tvspiders")) == [
        "tvspiders/ledger/x.py:4: Broken of tvspiders.storage.units"
    ]
