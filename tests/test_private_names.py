"""Names that Scrapy, Twisted and others keep private are used where docs/architecture.md says so."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/architecture.md"
HEADING = "## Private names of others"
SOURCES = [
    path
    for path in sorted((ROOT / "tvspiders").rglob("*.py"))
    if not {"sandbox", "migrations", "settings.py"} & set(path.parts)
]
"""Not the sandbox, which is a server of its own, nor what reads its surroundings when it is imported."""
OTHERS = ("argparse", "rotating_proxies", "scrapy", "scrapy_splash", "twisted")


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def made_in(tree: ast.AST) -> Iterator[str]:
    """Names that a module or a class defines or assigns."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr if isinstance(node, ast.Attribute) else node.id


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def our_classes() -> dict[str, ast.ClassDef]:
    nodes = (node for path in SOURCES for node in ast.walk(tree_of(path)))
    return {node.name: node for node in nodes if isinstance(node, ast.ClassDef)}


@cache
def made_by(cls: ast.ClassDef) -> frozenset[str]:
    """Names that a class or those of its bases that are ours define or assign."""
    bases = (our_classes().get(getattr(base, "id", getattr(base, "attr", ""))) for base in cls.bases)
    return frozenset(made_in(cls)).union(*(made_by(base) for base in bases if base not in (None, cls)))


def used_in(path: Path) -> Iterator[str]:
    """Private names that a module uses and that neither it nor a class of ours has made."""
    of_module = frozenset(made_in(tree_of(path)))
    of_self = {
        id(node): made_by(cls)
        for cls in ast.walk(tree_of(path))
        if isinstance(cls, ast.ClassDef)
        for node in ast.walk(cls)
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in ("self", "cls")
    }
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("tvspiders"):
            hidden = any(is_private(part) for part in (node.module or "").split("."))
            yield from (alias.name for alias in node.names if hidden or is_private(alias.name))
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Load)
            and is_private(node.attr)
            and node.attr not in of_self.get(id(node), of_module)
        ):
            yield node.attr


def overridden_in(path: Path) -> Iterator[str]:
    """Private names of other packages' classes that a module defines again in a class of ours."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    if len(parts) > 4 and parts[1] == "extras" and parts[3] in ("commands", "spiders"):
        parts = ("tvspiders", *parts[3:])  # where Scrapy finds it
    module = import_module(".".join(parts))
    for cls in vars(module).values():
        if isinstance(cls, type) and cls.__module__ == module.__name__:
            foreign = [base for base in cls.__mro__ if base.__module__.partition(".")[0] in OTHERS]
            yield from (
                name for name in vars(cls) if is_private(name) and any(name in vars(base) for base in foreign)
            )


def test_each_has_a_row_with_the_file_that_uses_it_and_no_row_is_left_over() -> None:
    section = PAGE.read_text("utf-8").partition(f"{HEADING}\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("| `")]
    listed = {
        (name, path)
        for files, names, *_ in rows
        for name in re.findall(r"`(\w+)`", names)
        for path in re.findall(r"`([\w/]+\.py)`", files)
    }

    used = {
        (name, str(path.relative_to(ROOT / "tvspiders")))
        for path in SOURCES
        for name in (*used_in(path), *overridden_in(path))
        if name != "_abc_impl"  # of every abstract class
    }

    assert used
    assert {name for name, _ in used} == {name for name, _ in listed}
    assert used <= listed
