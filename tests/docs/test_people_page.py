"""docs/people.md says of each table and column what the schema's marks say."""

from __future__ import annotations

from tests.support.reading import document, names, rows, section
from tvspiders.storage.person_marks import KEY, MARKS
from tvspiders.storage.tables import metadata

PAGE = document("docs/people.md")


def table() -> str:
    """The rows that the page must hold; ``python -c`` prints them for whoever adds a column."""
    lines = []
    for each in metadata.sorted_tables:
        marked = [
            f"`{column.name}` ({column.info[KEY].partition(':')[0]})"
            for column in each.c
            if column.info[KEY] != "none"
        ]
        if marked:
            lines.append(f"| `{each.name}` | {', '.join(marked)} |")
    return "\n".join(lines)


def test_the_page_names_each_column_that_tells_of_a_person():
    assert f"\n{table()}\n" in section(PAGE, "What is stored")


def test_the_page_explains_each_mark():
    explained = [names(row[0])[0] for row in rows(section(PAGE, "What is stored")) if len(row) == 5]

    assert set(explained) == MARKS


def test_every_option_of_the_command_is_on_the_page():
    from argparse import ArgumentParser

    from scrapy.settings import Settings

    from tvspiders.commands.forget import Command

    command, parser = Command(), ArgumentParser(add_help=False)
    command.settings = Settings()
    command.add_options(parser)
    ours = {option for option in parser._option_string_actions if option in ("--dry-run", "--things")}

    assert ours == {"--dry-run", "--things"}
    assert [option for option in ours if option not in PAGE] == []
