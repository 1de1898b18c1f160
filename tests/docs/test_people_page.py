"""docs/people.md explains each mark of the schema and each option of ``scrapy forget``."""

from __future__ import annotations

from tests.support.reading import document, names, rows, section
from tvspiders.storage.person_marks import MARKS

PAGE = document("docs/people.md")


def test_the_page_explains_each_mark():
    explained = [names(row[0])[0] for row in rows(section(PAGE, "What is stored")) if len(row) == 5]

    assert set(explained) == MARKS


def test_every_option_of_the_command_is_on_the_page_of_its_task():
    from argparse import ArgumentParser

    from scrapy.settings import Settings

    from tvspiders.commands.forget import Command

    command, parser = Command(), ArgumentParser(add_help=False)
    command.settings = Settings()
    command.add_options(parser)
    ours = {option for option in parser._option_string_actions if option in ("--dry-run", "--things")}

    assert ours == {"--dry-run", "--things"}
    steps = document("docs/howto/forget.md")
    assert [option for option in ours if option not in steps] == []
