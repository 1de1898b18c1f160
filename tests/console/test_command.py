"""What the base class of all commands promises."""

from __future__ import annotations

import argparse
import errno
import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
import scrapy.commands
from scrapy.commands import BaseRunSpiderCommand
from scrapy.settings import Settings
from sqlalchemy.exc import OperationalError

from tests.support.command_names import NAMES
from tvspiders.console.command import TvCommand
from tvspiders.console.refused_command import RefusedCommand
from tvspiders.errors import ConfigProblem, UsageProblem

FILES = ("pid", "profile")


class Work(TvCommand):
    """Does what a test says."""

    summary = "a command for tests"

    def __init__(self, work=lambda: 0):
        super().__init__()
        self.work = work

    def execute(self, settings, args, opts):
        """The work of the test."""
        return self.work()


def parsed(command: TvCommand, argv: list[str]) -> tuple[list[str], argparse.Namespace]:
    """As Scrapy's own command line does."""
    command.settings = Settings()
    command.settings.setmodule("tvspiders.settings")
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    command.add_options(parser)
    opts, args = parser.parse_known_args(argv)
    return args, opts


def failing(error: BaseException):
    def work():
        raise error

    return work


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """An empty one, which is the working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_files_that_scrapy_writes_are_private_whatever_the_umask(name, folder, open_umask, capsys):
    command = import_module(f"tvspiders.commands.{name}").Command()
    log = ["--logfile", "log"] if command.requires_crawler_process else []
    args, opts = parsed(command, ["--pidfile", "pid", "--profile", "profile", *log])

    if isinstance(command, RefusedCommand | BaseRunSpiderCommand):  # or without a spider
        with pytest.raises(SystemExit):
            command.process_options(args, opts)
    else:
        command.process_options(args, opts)

    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()}
    assert set(modes.values()) <= {"0o600"}
    if not isinstance(command, RefusedCommand):
        assert set(FILES) <= set(modes)


SCRAPYS = sorted({module.name for module in iter_modules(scrapy.commands.__path__)} - set(NAMES))


@pytest.mark.parametrize("addon", [False, True])
@pytest.mark.parametrize("name", SCRAPYS)
def test_so_are_those_of_scrapys_own_commands(name, addon, folder, open_umask):
    command = import_module(f"scrapy.commands.{name}").Command()
    files = ["--pidfile", "pid", "--profile", "profile", "--logfile", "log"]
    args, opts = parsed(command, files)
    if addon:
        command.settings = Settings({"ADDONS": {"tvspiders.addon.TvSpiders": 0}})

    command.process_options(args, opts)

    expected = {*FILES, "log"} if command.requires_crawler_process else set(FILES)
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()}
    assert modes == dict.fromkeys(expected, "0o600")


def test_scrapys_own_command_writes_through_no_link(folder, capsys):
    (folder / "victim").write_text("precious\n")
    (folder / "out").symlink_to("victim")
    command = import_module("scrapy.commands.list").Command()
    args, opts = parsed(command, ["--pidfile", "out"])

    with pytest.raises(SystemExit, match="1"):
        command.process_options(args, opts)

    assert capsys.readouterr().err.startswith("tvspiders: out cannot be written (it is a link;")
    assert (folder / "victim").read_text() == "precious\n"


@pytest.mark.parametrize("name", ["DATABASE_URL", "SPLASH_URL"])
def test_scrapys_settings_command_prints_no_password(name, capsys):
    command = import_module("scrapy.commands.settings").Command()
    args, opts = parsed(command, ["--get", name])
    command.settings.set(name, "scheme://somebody:printed-pass-w0rd@host.invalid/x")

    command.process_options(args, opts)
    command.run(args, opts)

    said = capsys.readouterr().out
    assert said.startswith("scheme://somebody:")
    assert "printed-pass-w0rd" not in said


def test_in_the_project_of_others_scrapys_own_command_does_as_ever(folder, open_umask):
    command = import_module("scrapy.commands.list").Command()
    args, opts = parsed(command, ["--pidfile", "pid", "--profile", "profile"])
    command.settings = Settings()

    command.process_options(args, opts)

    assert {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == {"pid": "0o666"}


@pytest.mark.parametrize("option", ["--pidfile", "--profile"])
def test_nothing_is_written_through_a_link(option, folder, capsys):
    (folder / "victim").write_text("precious\n")
    (folder / "out").symlink_to("victim")
    command = Work()
    args, opts = parsed(command, [option, "out"])

    with pytest.raises(SystemExit, match="1"):
        command.process_options(args, opts)

    said = "out cannot be written (it is a link; name the file that it leads to); name another file"
    assert capsys.readouterr().err == f"tvspiders: {said}\n"
    assert (folder / "victim").read_text() == "precious\n"


@pytest.mark.parametrize("where", ["--logfile=log", "--set=LOG_FILE=log"])
def test_the_log_of_a_crawler_process_is_private(where, folder, open_umask):
    command = Work()
    command.requires_crawler_process = True
    args, opts = parsed(command, [where])

    command.process_options(args, opts)

    assert (folder / "log").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--nope=5"], "there is no option --nope; -h shows them"),
        (["-s", "LOG_LEVEL"], "Invalid -s value, use -s NAME=VALUE"),
        (["-7f0a9c"], "there is no option of this kind; -h shows them"),  # it might be a token
        (["7f0a9c"], "this takes no arguments"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_exit_code_2(argv, said, capsys):
    command = Work()
    command.no_arguments = "this takes no arguments"
    args, opts = parsed(command, argv)

    with pytest.raises(SystemExit, match="2"):
        command.process_options(args, opts)

    assert capsys.readouterr() == ("", f"tvspiders: {said}\n")


def test_a_failed_check_ends_the_command_and_is_passed_on(capsys):
    heard = []

    class Checked(Work):
        def check(self, settings, args, opts):
            raise ConfigProblem("no such thing")

        def not_started(self, args, opts, code, reason):
            heard.append((code, reason))

    command = Checked()
    with pytest.raises(SystemExit, match="1"):
        command.process_options(*parsed(command, []))

    assert heard == [(1, "no such thing")]
    assert capsys.readouterr().err == "tvspiders: no such thing\n"


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageProblem("no such thing"), 2, "no such thing"),
        (ConfigProblem("no such thing"), 1, "no such thing"),
        (OperationalError("SELECT 1", {}, OSError("gone")), 1, "database cannot be used: gone"),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(error, code, said, capsys):
    command = Work(failing(error))
    args, opts = parsed(command, [])

    command.run(args, opts)

    assert command.exitcode == code
    assert capsys.readouterr() == ("", f"tvspiders: {said}\n")


@pytest.mark.parametrize("stage", ["check", "execute"])
def test_an_interrupt_is_one_line_and_exit_code_4(stage, capsys, monkeypatch):
    command = Work()
    command.interrupted = "interrupted; nothing was copied"
    args, opts = parsed(command, [])
    monkeypatch.setattr(command, stage, lambda *_: failing(KeyboardInterrupt())())

    with pytest.raises(SystemExit, match="4"):
        (command.process_options if stage == "check" else command.run)(args, opts)

    assert capsys.readouterr().err == "tvspiders: interrupted; nothing was copied\n"


def test_a_reader_that_goes_while_a_check_prints_ends_the_command(monkeypatch):
    command = Work()
    monkeypatch.setattr(command, "check", lambda *_: failing(BrokenPipeError(errno.EPIPE, "gone"))())
    monkeypatch.setattr("tvspiders.console.ending.drop_output", lambda: None)

    with pytest.raises(SystemExit, match="0"):
        command.process_options(*parsed(command, []))


def test_the_result_of_the_work_is_the_exit_code():
    command = Work(lambda: 3)

    command.run(*parsed(command, []))

    assert command.exitcode == 3
