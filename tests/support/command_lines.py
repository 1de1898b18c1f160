"""The command lines that a document or ``--help`` gives, and whether they would be taken."""

from __future__ import annotations

import argparse
import re
import shlex
import textwrap
from importlib import import_module
from typing import Any, NoReturn

from scrapy.settings import BaseSettings, Settings
from scrapy.utils.conf import arglist_to_dict

from tests.support.command_names import OFFERED
from tests.support.reading import document
from tvspiders.checks.own_settings import OwnSettings, check_names
from tvspiders.commands.report import FORMATS
from tvspiders.extras.analytics.command_line import options_from
from tvspiders.spiders.arguments import MODELS

VARIABLE = re.compile(r"([A-Z_]+)=")
FENCE = re.compile(r"(?ms)^( *)```sh\n(.*?)^ *```$")


class StrictParser(argparse.ArgumentParser):
    """Takes options in full only, and raises where argparse ends the process."""

    def __init__(self, **given: Any) -> None:
        super().__init__(conflict_handler="resolve", allow_abbrev=False, **given)

    def error(self, message: str) -> NoReturn:
        raise AssertionError(message)


def command(name: str) -> Any:
    """The command of this name, as Scrapy sets it up."""
    found = import_module(f"tvspiders.commands.{name}").Command()
    found.settings = Settings()
    return found


def check(line: str) -> None:
    """Raises ``AssertionError`` or ``ValueError`` for a line that a command refuses by its words alone."""
    words = shlex.split(line)
    while variable := VARIABLE.match(words[0]):
        assert f"`{variable[1]}" in document("docs/settings.md"), (
            f"{variable[1]} is not on the page of settings"
        )
        words.pop(0)
    assert words[0] == "scrapy", line
    name = words[1]
    assert name in OFFERED, f"there is no command {name}"
    one, parser = command(name), StrictParser()
    one.add_options(parser)
    opts, given = parser.parse_known_args(words[2:])
    assert [word for word in given if word.startswith("-")] == [], line
    assert not (given and one.no_arguments), line
    settings = arglist_to_dict(opts.set)
    check_names(settings)
    OwnSettings.check(BaseSettings(settings))
    if name == "report":
        options_from(given, opts)
        assert opts.format in FORMATS, line
    elif name != "runspider" and given and hasattr(opts, "spargs"):
        (spider,) = given
        check_arguments(spider, arglist_to_dict(opts.spargs))


def check_arguments(spider: str, arguments: dict[str, Any]) -> None:
    """The same for the arguments of a spider; files are not read."""
    assert spider in MODELS, f"there is no spider {spider}"
    fields = MODELS[spider].model_fields
    assert arguments.keys() <= {*fields, "help"}, f"{spider} takes {', '.join(fields)}"
    if "file" not in arguments and "help" not in arguments:
        MODELS[spider](**arguments)


def lines(page: str) -> list[str]:
    """The lines of the page's shell blocks, also within lists; what is fed to a program is left out."""
    found = [textwrap.dedent(block) for _, block in FENCE.findall(document(page))]
    text = re.sub(r"(?ms)<<'(\w+)'\n.*?^\1$", "", "\n".join(found))
    return [line.partition(" >")[0].partition(" #")[0] for line in text.splitlines() if line.strip()]
