"""docs/settings.md and the code name the same settings, variables and stats."""

from __future__ import annotations

import re

from scrapy.settings import BaseSettings

from tests.support.reading import document, names, rows, section, source
from tvspiders import settings
from tvspiders.checks.own_settings import OwnSettings

PAGE = document("docs/settings.md")
OURS = {name: value for name, value in vars(settings).items() if name.startswith("TV_")}
OUTSIDE = {"NO_COLOR"}
"""Variables that are looked at without a meaning of their own."""
PLACES = ("REASON", "LABEL", "STATE", "KIND", "OUTCOME")


def test_the_model_names_the_settings_that_there_are_and_accepts_their_values():
    assert set(OwnSettings.model_fields) == set(OURS)
    OwnSettings.check(BaseSettings(OURS))


def test_each_setting_of_the_model_has_a_meaning():
    assert [name for name, field in OwnSettings.model_fields.items() if not field.description] == []


def test_every_setting_is_read_somewhere():
    code = source()

    assert [name for name in OURS if not re.search(rf'(settings\[|get\w*\()"{name}"', code)] == []


def test_every_variable_is_described_and_every_one_described_is_read():
    read = set(re.findall(r'environ(?:\.get)?[\[(]"([A-Z_]+)"', source()))
    read |= set(re.findall(r'"(THINGIVERSE_[A-Z_]+|SPLASH_URL)"', source())) - OUTSIDE
    said = {name for row in rows(section(PAGE, "Environment")) for name in names(row[0])}
    mentioned = set(names(section(PAGE, "Environment")))

    assert read - OUTSIDE <= mentioned
    assert said <= read


def test_the_example_environment_holds_documented_names():
    named = set(re.findall(r"^#?([A-Z_]+)=", document(".env.example"), re.MULTILINE))

    assert named <= {name for row in rows(section(PAGE, "Environment")) for name in names(row[0])}


def pattern(name):
    """A stat's name with a place for what is only known at run time."""
    return re.sub(rf"\{{[^}}]*\}}|<[^>]*>|\b(?:{'|'.join(PLACES)})\b", "*", name)


def stats_in_code():
    found = set(re.findall(r'f?"(tv/[\w/{}.\[\]-]+)"', source()))
    prefixes = {name for name in found if name.endswith("/")}
    return {pattern(name) for name in found - prefixes}


def stats_in_page():
    cells = [row[0] for row in rows(section(PAGE, "Stats"))]
    return {pattern(name) for cell in cells for name in names(cell)}


def test_every_stat_is_described_and_every_one_described_is_counted():
    assert stats_in_code() == stats_in_page()
