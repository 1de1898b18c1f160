"""The registry of the extras: what is registered is there, and what is missing is said in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from tests.support.reading import document
from tvspiders import extras
from tvspiders.errors import ConfigProblem
from tvspiders.extras import EXTRAS, needs, offered
from tvspiders.middlewares.proxies import configured_proxies

FOLDER = Path(extras.__file__).parent


def test_every_folder_is_registered_and_every_registered_one_is_there():
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != "__pycache__"}

    assert sorted(folders) == list(EXTRAS)


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_page_of_an_extra_says_first_how_to_remove_it(extra):
    page = document(f"docs/{'deploy' if extra == 'scheduling' else extra}.md")
    _, first, _ = page.split("\n\n", 2)

    assert "An extra" in first
    assert f"delete `tvspiders/extras/{extra}`" in first.replace("\n", " ")
    assert f"[{extra}]" in first or "no further package" in first


def test_what_the_extras_offer_can_be_loaded():
    paths = list(offered("SETTINGS_MODEL"))
    paths += [path for middlewares in offered("DOWNLOADER_MIDDLEWARES") for path in middlewares]

    assert all(isinstance(load_object(path), type) for path in paths)


def test_a_missing_package_is_told_in_one_line_with_what_installs_it():
    with pytest.raises(ConfigProblem) as told, needs("analytics"):
        import no_such_package.inner  # noqa: F401

    assert str(told.value) == (
        "the package no_such_package is not installed; it comes with: pip install 'tvspiders[analytics]'"
    )


def test_a_missing_module_of_our_own_is_no_missing_package():
    with pytest.raises(ModuleNotFoundError), needs("analytics"):
        import tvspiders.no_such_module  # noqa: F401


def test_proxies_that_are_named_and_cannot_be_used_end_the_command(monkeypatch):
    monkeypatch.setattr("tvspiders.middlewares.proxies.EXTRAS", ())
    monkeypatch.setattr("tvspiders.middlewares.proxies.install_redaction", lambda *secrets, **how: None)
    monkeypatch.setenv("THINGIVERSE_PROXY", "http://alice:s3cret@h.example:1")

    with pytest.raises(ConfigProblem, match="THINGIVERSE_PROXY is set, and this copy has no extra 'proxies'"):
        configured_proxies(BaseSettings({"THINGIVERSE_API_URL": "https://api.example"}))
