"""The pages and tables of the documents that are made from the code.

``python -m tests.docs.generated`` writes all of them; ``test_generated.py`` fails where one is out of date.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from sqlalchemy import Column, Table

from tests.conformance import table as conformance
from tests.support.command_lines import command
from tests.support.command_names import OFFERED
from tests.support.reading import ROOT
from tests.support.shell_completion import SHELLS
from tvspiders.checks import own_settings, scrapy_settings
from tvspiders.close_reasons import CLOSE_REASONS, EXIT_CODES
from tvspiders.spiders.arguments import arguments_table
from tvspiders.storage.person_marks import KEY
from tvspiders.storage.tables import metadata

MADE = "<!-- made by: python -m tests.docs.generated -->\n"
GLOBAL = "Global Options"
"""Scrapy's own, the same for every command."""

VERDICTS = {
    "complete": "everything that the crawl owes is answered",
    "paused": "your own `max_requests` is spent; the same command goes on",
    "failed": "something outside must be mended first; the last line says what",
    "partial": "requests were given up for now, or answers lost a field that a column needs; "
    "`scrapy audit` says more",
    "interrupted": "stopped by a signal, or closed early; the same command goes on",
}
PYTHON = {
    "tvspiders.addon": ["TvSpiders"],
    "tvspiders.errors": None,
    "tvspiders.items": None,
    "tvspiders.storage.database.reading": ["open_for_reading"],
    "tvspiders.sandbox.running": ["running", "RunningSandbox"],
    "tvspiders.sandbox.config": ["SandboxConfig"],
}
"""Modules for programs and notebooks, and which of their names; ``None`` for all public ones."""


def cell(text: str) -> str:
    """A text that cannot end the cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


# -- commands


def commands_page() -> str:
    """Every command: syntax, options, examples."""
    parts = [
        "# Commands\n",
        MADE,
        "What `scrapy COMMAND --help` says; [Scrapy's own](../scrapy.md#commands) are beside them.\n",
        "Every command takes these as well:\n",
        _options(_groups("audit")[GLOBAL]),
    ]
    for name in sorted(OFFERED):
        one = command(name)
        parts.append(f"## {name}\n\n    scrapy {name} {one.syntax()}\n\n{cell(one.long_desc())}.\n")
        actions = [
            each
            for title, group in _groups(name).items()
            if title != GLOBAL
            for each in group
            if each.dest != "help"
        ]
        if actions:
            parts.append(_options(actions))
        parts.append("```sh\n" + "\n".join(one.examples) + "\n```\n")
    return "\n".join(parts)


def _groups(name: str) -> dict[str, list[argparse.Action]]:
    parser = argparse.ArgumentParser(conflict_handler="resolve", add_help=False)
    command(name).add_options(parser)
    return {str(group.title): list(group._group_actions) for group in parser._action_groups}


def _options(actions: list[argparse.Action]) -> str:
    lines = ["| option | meaning |", "|---|---|"]
    for action in actions:
        value = "" if action.nargs == 0 else f" {action.metavar or action.dest.upper()}"
        names = ", ".join(f"`{name}{value}`" for name in action.option_strings)
        lines.append(f"| {names} | {cell((action.help or '').replace('%%', '%'))} |")
    return "\n".join(lines) + "\n"


# -- arguments, exit codes, tables


def arguments_page() -> str:
    """Every argument of every spider."""
    return (
        f"# Arguments of the spiders\n\n{MADE}\n"
        "`scrapy crawl SPIDER -a NAME=VALUE` gives one; `-a help=1` explains those of a spider. "
        "[Spiders](../spiders.md) says what each spider does with them.\n\n"
        f"## All arguments\n\n{arguments_table()}"
    )


def exit_codes_page() -> str:
    """Exit codes, verdicts, and what ends a crawl early."""
    lines = ["| exit code | verdict | meaning |", "|---|---|---|"]
    lines += [f"| {code} | {verdict} | {VERDICTS[verdict]} |" for verdict, code in EXIT_CODES.items()]
    lines += ["| 2 | | the command line was wrong; nothing was asked |", ""]
    reasons = ["| reason | the last line says |", "|---|---|"]
    reasons += [f"| `{name}` | {cell(text)} |" for name, text in CLOSE_REASONS.items()]
    return (
        f"# Exit codes\n\n{MADE}\nOf a crawl, and other commands use those that fit "
        "([more](../settings.md#exit-codes)).\n\n"
        + "\n".join(lines)
        + "\n## Why a crawl fails\n\nThe queue is kept: mend the cause, and the same command goes on.\n\n"
        + "\n".join(reasons)
        + "\n"
    )


def tables_page() -> str:
    """Every column of every table."""
    parts = [
        "# Tables and columns\n",
        MADE,
        "[The database](../database.md) says what a row is, and how the tables belong together. "
        "*Person* marks columns that say something about a person ([people](../people.md)).\n",
    ]
    for each in metadata.sorted_tables:
        parts.append(f"## {each.name}\n\n| column | type | | person |\n|---|---|---|---|")
        parts[-1] += "".join(f"\n{_column(each, column)}" for column in each.c) + "\n"
    return "\n".join(parts)


def _column(of: Table, column: Column[object]) -> str:
    notes = ["key"] if column.primary_key else [] if column.nullable else ["never `NULL`"]
    if any(column.name in index.columns and len(index.columns) == 1 for index in of.indexes):
        notes.append("indexed")
    mark = str(column.info[KEY]).partition(":")[0].replace("none", "")
    kind = {
        "BIGINT": "number",
        "INTEGER": "number",
        "TEXT": "text",
        "BOOLEAN": "true or false",
        "FLOAT": "number with a fraction",
    }
    name = str(column.type)
    return f"| `{column.name}` | {kind.get(name, 'bytes')} | {', '.join(notes)} | {mark} |"


def people_table() -> str:
    """The columns that say something about a person, by table."""
    lines = ["| table | what tells of a person |", "|---|---|"]
    for each in metadata.sorted_tables:
        marked = [
            f"`{column.name}` ({column.info[KEY].partition(':')[0]})"
            for column in each.c
            if column.info[KEY] != "none"
        ]
        if marked:
            lines.append(f"| `{each.name}` | {', '.join(marked)} |")
    return "\n".join(lines) + "\n"


# -- Python


def python_page() -> str:
    """What programs and notebooks import."""
    parts = [
        "# Python API\n",
        MADE,
        "What programs and notebooks may import; everything else changes without notice. [In a program]"
        "(../scrapy.md#in-a-program) says how a program crawls, "
        "[in a notebook](../howto/notebook.md) how one reads.\n",
    ]
    for name, wanted in PYTHON.items():
        module = import_module(name)
        parts.append(f"## {name}\n\n{_doc(module)}\n")
        members = _members(module) if wanted is None else [getattr(module, each) for each in wanted]
        parts += [_member(each) for each in members]
    return "\n".join(parts)


def _members(module: ModuleType) -> list[type]:
    return [
        each
        for name, each in vars(module).items()
        if inspect.isclass(each) and each.__module__ == module.__name__ and not name.startswith("_")
    ]


def _member(member: Callable[..., object]) -> str:
    title = f"### {member.__name__}"
    if not inspect.isclass(member):
        return f"{title}\n\n    {_call(member)}\n\n{_doc(member)}\n"
    lines = [f"{title}\n\n{_doc(member)}\n"]
    documented = list(_documented(member))
    if documented:
        lines.append("| name | type | meaning |\n|---|---|---|")
        lines[-1] += (
            "".join(f"\n| `{name}` | {kind} | {cell(_plain(said))} |" for name, kind, said in documented)
            + "\n"
        )
    return "\n".join(lines)


def _documented(member: type) -> Iterator[tuple[str, str, str]]:
    """Fields with the text below them; else methods with their first line."""
    (node,) = [each for each in ast.parse(inspect.getsource(member)).body if isinstance(each, ast.ClassDef)]
    for each, after in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                yield each.target.id, f"`{cell(ast.unparse(each.annotation))}`", str(after.value.value)
        elif isinstance(each, ast.FunctionDef) and not each.name.startswith("_") and not is_dataclass(member):
            yield f"{each.name}()", "", (ast.get_docstring(each) or "").partition("\n\n")[0]


def _call(function: Callable[..., object]) -> str:
    return f"{function.__name__}({', '.join(inspect.signature(function).parameters)})"


def _doc(thing: object) -> str:
    """The docstring, its literal blocks as Markdown's."""
    return _plain(inspect.getdoc(thing) or "").replace("::\n", ":\n")


def _plain(text: str) -> str:
    return re.sub(r":\w+:`~?\.?([\w.]+)`", r"`\1`", text).replace("``", "`")


# -- where they go

PAGES: dict[str, Callable[[], str]] = {
    "docs/reference/commands.md": commands_page,
    "docs/reference/arguments.md": arguments_page,
    "docs/reference/exit-codes.md": exit_codes_page,
    "docs/reference/tables.md": tables_page,
    "docs/reference/python.md": python_page,
    **{f"deploy/completion/scrapy.{shell}": make for shell, make in SHELLS.items()},
}
"""Whole files."""
TABLES: dict[tuple[str, str, str], Callable[[], str]] = {
    ("docs/settings.md", "settings", "end of settings"): own_settings.table,
    ("docs/people.md", "columns", "end of columns"): people_table,
    ("docs/scrapy.md", "settings", "end of settings"): scrapy_settings.table,
    ("docs/scrapy.md", "table", "end"): conformance.table,
}
"""Tables within pages, each between two comments."""


def with_table(text: str, begin: str, end: str, table: str) -> str:
    """A page with the table between two comments.

    >>> with_table("<!-- a -->\\nold\\n<!-- b -->", "a", "b", "new\\n")
    '<!-- a -->\\n\\nnew\\n\\n<!-- b -->'
    """
    before, found, rest = text.partition(f"<!-- {begin} -->\n")
    _, ended, after = rest.partition(f"<!-- {end} -->")
    assert found, f"the page has no comment {begin!r}"
    assert ended, f"the page has no comment {end!r}"
    return f"{before}{found}\n{table}\n{ended}{after}"


def files() -> Iterator[tuple[Path, str]]:
    """Every file that is made, wholly or in part, and what it must hold."""
    for name, make in PAGES.items():
        yield ROOT / name, make()
    for (name, begin, end), make in TABLES.items():
        yield ROOT / name, with_table((ROOT / name).read_text("utf-8"), begin, end, make())


if __name__ == "__main__":
    for path, text in files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
