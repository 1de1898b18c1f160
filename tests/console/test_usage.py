"""What all commands do alike."""

import pytest
from scrapy.commands import ScrapyCommand
from scrapy.settings import Settings

from tvspiders.console.usage import complain, settings_of
from tvspiders.errors import AccountProblem, ConfigProblem, StorageProblem, UsageProblem


class Command(ScrapyCommand):
    def run(self, args, opts): ...

    def short_desc(self):
        return ""


@pytest.mark.parametrize(
    ("error", "code"), [(UsageProblem, 2), (ConfigProblem, 1), (StorageProblem, 1), (AccountProblem, 1)]
)
def test_what_is_wrong_is_told_in_one_line_and_by_the_exit_code(capsys, error, code):
    assert complain(error("no such thing")) == code

    assert capsys.readouterr() == ("", "tvspiders: no such thing\n")


def test_a_command_has_the_settings_that_scrapy_gave_it():
    command = Command()
    with pytest.raises(RuntimeError, match="did not set up"):
        settings_of(command)

    command.settings = Settings()

    assert settings_of(command) is command.settings
