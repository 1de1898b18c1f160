"""The script for bash completes what there is, as a person at a terminal gets it."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.support.command_names import OFFERED
from tests.support.reading import ROOT
from tvspiders.spiders.arguments import MODELS

SCRIPT = ROOT / "deploy/completion/scrapy.bash"
AT_EQUALS = re.compile(r"(=)")


def completed(line: str, shell: str = "bash") -> list[str]:
    """What a tab at the end of a line offers; bash also ends a word at ``=``."""
    words = [
        part for word in line.split(" ") for part in (AT_EQUALS.split(word) if shell == "bash" else [word])
    ]
    words = [word for number, word in enumerate(words) if word or number == len(words) - 1]
    if shell == "bash" and words[-1] == "" and len(words) > 1 and words[-2] == "=" and line.endswith("="):
        words.pop()
    script = (
        '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _scrapy; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    ended = subprocess.run(
        ["bash", "-c", script, "bash", str(SCRIPT), *words],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [word for word in ended.stdout.splitlines() if word]


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
class TestBash:
    def test_every_command_is_offered(self):
        assert set(completed("scrapy ")) >= OFFERED

    def test_a_beginning_narrows_it(self):
        assert completed("scrapy au") == ["audit"]

    @pytest.mark.parametrize("command", ["crawl", "plan", "schedule"])
    def test_spiders_follow_commands_that_take_one(self, command):
        assert set(completed(f"scrapy {command} ")) == set(MODELS)

    @pytest.mark.parametrize("spider", MODELS)
    def test_arguments_are_those_of_the_spider(self, spider):
        offered = completed(f"scrapy crawl {spider} -a ")

        assert offered == [f"{name}=" for name in MODELS[spider].model_fields]

    def test_options_are_those_of_the_command(self):
        assert completed("scrapy demo --f") == ["--folder"]
        assert completed("scrapy audit --f") == []

    @pytest.mark.parametrize(
        ("line", "offered"),
        [
            ("scrapy crawl things -a query=x -a so", ["sort="]),
            ("scrapy crawl things -a sort=p", ["popular"]),
            ("scrapy crawl things -a details=", ["true", "false", "changed"]),
            ("scrapy crawl things -a query=", []),
            ("scrapy crawl remixes -a direction=ch", ["children"]),
            ("scrapy export ", []),
        ],
    )
    def test_values_are_those_that_an_argument_accepts(self, line, offered):
        assert sorted(completed(line)) == sorted(offered)

    def test_where_a_word_is_not_ended_at_the_sign_it_is_completed_whole(self):
        assert completed("scrapy crawl things -a sort=p", "zsh") == ["sort=popular"]

    def test_it_is_registered_for_the_command(self):
        said = subprocess.run(
            ["bash", "-c", f". {SCRIPT}; complete -p scrapy"], capture_output=True, text=True, check=True
        )

        assert said.stdout == "complete -o default -F _scrapy scrapy\n"
