"""No setting of Scrapy is ignored in silence."""

from __future__ import annotations

import pytest
import scrapy
from scrapy.settings import BaseSettings, Settings, default_settings

from tests.support.reading import document
from tvspiders.checks.scrapy_settings import (
    COMPONENTS,
    NO_EFFECT,
    OBEYED,
    REFUSED,
    check_scrapy_settings,
    table,
    without_effect,
)
from tvspiders.errors import UsageProblem


def project(**changes):
    settings = Settings()
    settings.setmodule("tvspiders.settings")
    settings.setdict(changes, priority="cmdline")
    return settings


def another(name):
    """A value that is not the project's."""
    value = project()[name]
    if isinstance(value, bool) or name == "TELNETCONSOLE_ENABLED":
        return str(not value)
    return '{"a": "b"}' if name == "REFERRER_POLICIES" else "17"


def test_each_setting_of_the_installed_scrapy_is_in_one_list():
    there = {name for name in vars(default_settings) if name.isupper()} | set(default_settings.__all__)
    listed = [*REFUSED, *COMPONENTS, *NO_EFFECT, *OBEYED]

    assert sorted(listed) == sorted(there)


def test_the_page_names_the_scrapy_that_is_tested_and_other_projects_are_not_held_back():
    assert f"Tested: {scrapy.__version__}." in document("docs/scrapy.md")
    assert "scrapy>=2.19\n" in document("requirements.txt")
    assert '"scrapy>=2.19",\n' in document("pyproject.toml")


def test_the_page_holds_the_table():
    page = document("docs/scrapy.md")

    said = page.partition("<!-- settings -->\n")[2].partition("<!-- end of settings -->")[0]
    assert said == f"\n{table()}\n"


def test_the_project_itself_is_accepted_without_a_warning():
    settings = project()

    check_scrapy_settings(settings)

    assert list(without_effect(settings)) == []


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_another_value_of_what_must_stay_is_refused_by_name_and_reason(name):
    settings = project(**{name: another(name)})

    with pytest.raises(UsageProblem, match=f"^{name}=.* is not accepted: ") as refused:
        check_scrapy_settings(settings)

    assert str(refused.value).endswith(REFUSED[name])


@pytest.mark.parametrize("name", sorted(NO_EFFECT))
def test_what_has_no_effect_is_told_in_one_line_without_its_value(name):
    settings = project(**{name: another(name)})

    check_scrapy_settings(settings)

    assert list(without_effect(settings)) == [f"{name} has no effect: {NO_EFFECT[name]}"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COOKIES_ENABLED", "False"),
        ("COOKIES_ENABLED", 0),
        ("DOWNLOAD_VERIFY_CERTIFICATES", "1"),
        ("URLLENGTH_LIMIT", "0"),
        ("JOBDIR", ""),
        ("RETRY_TIMES", "2"),
    ],
)
def test_the_same_value_in_another_form_is_the_same(name, value):
    settings = project(**{name: value})

    check_scrapy_settings(settings)

    assert list(without_effect(settings)) == []


def test_a_value_that_cannot_be_read_is_another():
    settings: BaseSettings = project(COOKIES_ENABLED="perhaps")

    with pytest.raises(UsageProblem, match=r"^COOKIES_ENABLED=perhaps is not accepted"):
        check_scrapy_settings(settings)


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("CONCURRENT_REQUESTS", "abc", "a number"),
        ("DOWNLOAD_DELAY", "fast", "a number"),
        ("LOG_ENABLED", "perhaps", "True or False"),
    ],
)
def test_a_value_that_scrapy_cannot_read_is_refused_with_its_name(name, value, accepted):
    with pytest.raises(UsageProblem, match=f"^{name}={value} is not accepted; it takes {accepted}$"):
        check_scrapy_settings(project(**{name: value}))


def test_none_and_numbers_in_text_are_read_as_scrapy_reads_them():
    check_scrapy_settings(project(CONCURRENT_REQUESTS="8", DOWNLOAD_DELAY="0.5", CLOSESPIDER_TIMEOUT=None))
