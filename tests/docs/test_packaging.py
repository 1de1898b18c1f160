"""What is built holds all that the program reads, with the setuptools that is there."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
import tomllib

import pytest

from tests.support.reading import ROOT
from tvspiders.commands import entry_points

pytestmark = pytest.mark.xfail(
    "optional-dependencies.dev" in (ROOT / "pyproject.toml").read_text(),
    reason="the dev extra names a file with -r in it, which setuptools does not read",
    strict=True,
)
SOURCES = ("setup.py", "pyproject.toml", "README.md", "LICENSE", "requirements.txt", "requirements-dev.txt")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Files of the build, by their names as in the wheel."""
    pytest.importorskip("setuptools", reason="nothing to build with")
    folder = tmp_path_factory.mktemp("build")
    copy = folder / "source"
    copy.mkdir()
    for name in SOURCES:
        shutil.copy(ROOT / name, copy)
    shutil.copytree(ROOT / "tvspiders", copy / "tvspiders", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "setup.py", "-q", "build", "--build-lib", str(folder / "lib")]
    command += ["egg_info", "--egg-base", str(folder)]
    made = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, timeout=120)
    assert made.returncode == 0, made.stderr
    return {str(path.relative_to(folder / "lib")) for path in (folder / "lib").rglob("*") if path.is_file()}


def test_every_file_of_the_package_is_built(built):
    files = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tvspiders").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert files - built == set()


def test_nothing_else_is_built(built):
    assert {name.split("/")[0] for name in built} == {"tvspiders"}


def test_migrations_and_the_type_marker_are_built(built):
    assert "tvspiders/py.typed" in built
    assert "tvspiders/storage/migrations/env.py" in built
    assert "tvspiders/storage/migrations/versions/0001_create_the_tables.py" in built


def test_what_is_installed_names_each_command_that_there_is(tmp_path):
    pytest.importorskip("setuptools", reason="nothing to build with")
    command = [sys.executable, "setup.py", "-q", "egg_info", "--egg-base", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    (file,) = tmp_path.glob("*.egg-info/entry_points.txt")

    written = configparser.ConfigParser()
    written.read_string(file.read_text())

    assert dict(written["scrapy.commands"]) == entry_points()
    assert dict(written["scrapy"]) == {"settings": "tvspiders.settings"}


def test_the_requirements_are_those_of_the_core_and_of_all_extras():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = {
        *project["dependencies"],
        *(line for name in extras if name != "metrics" for line in extras[name]),
    }

    assert set((ROOT / "requirements.txt").read_text("utf-8").split("\n")) - {""} == wanted
