"""What is printed holds no secret and commands no terminal; nothing is printed by another way."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.markup import escape
from rich.table import Table
from rich.text import Text

import tvspiders
from tests.support.secret_forms import leaks, spellings
from tvspiders import printing
from tvspiders.policies.security.redaction import install_redaction

ROOT = Path(tvspiders.__file__).parent
OURS = "printing.py"
DOCUMENTS = {"extras/analytics/render/output.py", "commands/export.py", "console/ending.py"}
"""What writes documents to standard output, or closes it: they have rules of their own."""
SECRET = "3f7a9c0e/1b2d4f6a+8c0e2b4d6f8a0c1e"
COMMANDS = "a\x1b[2Jb\x9b31mc\rd\u202ee\x07f\u2066g\x1b]8;;http://x\x1b\\h\u200fi\x00j\x85k"


def ways_out(path: Path) -> Iterator[str]:
    """Calls that print, by line."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in ("print", "rich.print") or called.split(".")[-1] == "Console":
                yield f"{node.lineno}: {called}"
        named = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        if "std" in named.rpartition(".")[0] and named.endswith((".write", ".writelines", ".buffer")):
            yield f"{node.lineno}: {named}"


def test_nothing_is_printed_but_through_the_one_way():
    found = {
        f"{path.relative_to(ROOT).as_posix()}:{way}"
        for path in sorted(ROOT.rglob("*.py"))
        if path.relative_to(ROOT).as_posix() not in {OURS, *DOCUMENTS}
        for way in ways_out(path)
    }

    assert found == set()


@pytest.mark.parametrize(
    "code",
    [
        "print(1)",
        "Console()",
        "rich.console.Console(stderr=True)",
        "sys.stderr.write('x')",
        "sys.stdout.buffer",
    ],
)
def test_another_way_would_be_noticed(tmp_path, code):
    file = tmp_path / "x.py"
    file.write_text(f"def f():\n    {code}")

    assert len(list(ways_out(file))) == 1


def commands_in(text: str) -> str:
    return "".join(char for char in text if char != "\n" and not char.isprintable())


@pytest.mark.parametrize("name", spellings(SECRET))
def test_a_line_is_masked_and_printable(capsys, name):
    install_redaction([SECRET])

    printing.say(f"{COMMANDS} {spellings(SECRET)[name]}", "two")
    printing.say_wrong(f"{COMMANDS}\nforged: {spellings(SECRET)[name]}")

    out, err = capsys.readouterr()
    for shown in (out, err):
        assert leaks(SECRET, shown.encode()) == []
        assert "[secret]" in shown
        assert commands_in(shown) == ""
    assert out.count("\n") == 2
    assert err.startswith("tvspiders: a\\x1b[2Jb\\x9b31mc\\rd\\u202ee")
    assert err.count("\n") == 1


def tables() -> Iterator[object]:
    table = Table(title=escape(f"{COMMANDS} {SECRET}"), caption=SECRET)
    table.add_column(f"{COMMANDS} {SECRET}")
    table.add_column("text")
    table.add_row(escape(f"{COMMANDS} {SECRET}"), Text(f"{COMMANDS} {SECRET}"))
    yield table
    yield f"{COMMANDS} [bold]{SECRET}[/bold]"
    yield Text.assemble((COMMANDS, "bold"), SECRET)


@pytest.mark.parametrize("what", [*tables()], ids=["table", "text", "styled"])
def test_what_a_console_shows_is_masked_and_printable(what):
    install_redaction([SECRET])
    out = io.StringIO()

    console = printing.console(file=out, width=200, force_terminal=False)
    console.print(what)
    console.print(what, markup=False, soft_wrap=True, highlight=False)
    console.log(COMMANDS, SECRET)
    console.rule(SECRET)

    assert leaks(SECRET, out.getvalue().encode()) == []
    assert commands_in(out.getvalue()) == ""
    assert "[secret]" in out.getvalue()


def test_a_console_still_shows_styles_and_links_of_ours_on_a_terminal():
    out = io.StringIO()

    console = printing.console(file=out, width=40, force_terminal=True, color_system="standard", _environ={})
    console.print("[bold]yes[/bold] é 🦀")

    assert out.getvalue() == "\x1b[1myes\x1b[0m é 🦀\n"
