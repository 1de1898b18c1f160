"""The tables of the demo fit the terminal, and obey nothing that the site wrote."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console
from sqlalchemy import insert

from tvspiders.console.demo.tables import plain, print_database
from tvspiders.storage.tables import remix_edges, things


def shown(url, width, terminal=False):
    console = Console(file=io.StringIO(), width=width, force_terminal=terminal, color_system=None)
    print_database(url, console)
    return console.file.getvalue()


@pytest.fixture(params=[15, 40])
def filled(engine, request):
    creator = request.param
    with engine.begin() as connection:
        rows = [
            {
                "id": n,
                "name": f"A planter with a name that goes on and on, number {n}",
                "creator": "n" * creator,
            }
            for n in range(1, 10)
        ]
        connection.execute(insert(things), [row | {"download_count": 10**6 * row["id"]} for row in rows])
        connection.execute(insert(things), [{"id": 10, "name": "日本" * 20, "download_count": 10**8}])
        connection.execute(insert(remix_edges), [{"parent_id": 1, "child_id": n} for n in range(2, 5)])
        connection.execute(insert(remix_edges), [{"parent_id": 99, "child_id": n} for n in range(2, 4)])
    return engine.url.render_as_string(hide_password=False)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", [80, 100, 160])
def test_tables_fit_the_terminal(filled, width):
    lines = shown(filled, width).splitlines()

    assert max(cell_len(line.rstrip()) for line in lines if not line.startswith("In the")) <= width
    assert [line for line in lines if line.startswith(("│ A", "│ 日"))]
    assert all(line.rstrip().endswith("│") for line in lines if line.startswith("│"))


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_sums_are_broken_between_words_in_a_terminal_and_not_in_a_pipe(filled):
    terminal, pipe = (shown(filled, 60, terminal=terminal).splitlines() for terminal in (True, False))

    assert max(map(cell_len, terminal[:4])) <= 60
    assert " ".join(line.strip() for line in terminal).startswith(pipe[1], len(pipe[0].strip()) + 1)
    assert cell_len(pipe[1]) > 60


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_is_not_known_is_not_zero(filled):
    out = shown(filled, 100)

    assert "100,000,000 │     - │     - │       - │" in out
    assert "thing 99, not crawled itself" in out


def test_nothing_from_the_site_is_obeyed():
    assert plain("\x1b[31m[red]gear[/red]\n") == " [31m\\[red]gear\\[/red] "
    assert plain(None) == "-"
