"""schedule.toml is read as a whole or refused as a whole."""

import pytest

from tvspiders.errors import ConfigProblem, UsageProblem
from tvspiders.extras.scheduling.entries import read_entries


def write(folder, text):
    path = folder / "schedule.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_values_become_what_one_would_type(tmp_path):
    text = """
[[crawl]]
spider = "remixes"
every = "1w"
priority = 2
arguments = { thing = [763622, 2], depth = 2, files = true }
settings = { TV_QUOTA = "300/1h" }

[[crawl]]
spider = "things"
arguments = { query = "planters" }
"""
    remixes, things = read_entries(write(tmp_path, text))

    assert remixes.arguments == {"thing": "763622,2", "depth": "2", "files": "true"}
    assert (remixes.settings, remixes.every, remixes.priority) == ({"TV_QUOTA": "300/1h"}, "1w", 2)
    assert (things.period, things.title) == (None, "things query=planters")


def test_settings_above_the_crawls_are_for_all_of_them(tmp_path):
    text = """
[settings]
TV_QUOTA = "300/1h"
TV_QUOTA_SPREAD = false
[[crawl]]
spider = "things"
[[crawl]]
spider = "users"
settings = { TV_QUOTA = "10/1h" }
"""
    things, users = read_entries(write(tmp_path, text))

    assert things.settings == {"TV_QUOTA": "300/1h", "TV_QUOTA_SPREAD": "false"}
    assert users.settings == {"TV_QUOTA": "10/1h", "TV_QUOTA_SPREAD": "false"}


def test_a_file_of_names_is_looked_for_beside_the_schedule(tmp_path):
    (entry,) = read_entries(write(tmp_path, '[[crawl]]\nspider="users"\narguments={file="users.txt"}\n'))

    assert entry.arguments["file"] == str(tmp_path / "users.txt")


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ('"watch.txt"', "{folder}/watch.txt"),
        ('"/srv/watch.txt"', "/srv/watch.txt"),
        ("[763622, 2]", "763622,2"),
        ('"https://www.thingiverse.com/thing:763622"', "https://www.thingiverse.com/thing:763622"),
        ('" "', " "),
    ],
)
def test_a_watch_list_is_a_file_beside_the_schedule_or_things_themselves(tmp_path, given, sent):
    (entry,) = read_entries(write(tmp_path, f'[[crawl]]\nspider="refresh"\narguments={{watch={given}}}\n'))

    assert entry.arguments["watch"] == sent.format(folder=tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("crawl", "is no TOML"),
        ("", "crawl: field required"),
        ("crawl = []", "crawl: list should have at least 1 item"),
        ('[[crawl]]\nevery="1d"', "crawl.1.spider: field required"),
        ('[[crawl]]\nspider="things"\n[[crawl]]\nspider="x"\nevry="1d"', "crawl.2.evry: extra inputs"),
        ('[[crawl]]\nspider="things"\nevery="daily"', "crawl.1.every: 'daily' is not accepted; a number"),
        ('[[crawl]]\nspider="things"\narguments={query={a=1}}', "crawl.1.arguments.query: input should be"),
        ('[[crawls]]\nspider="things"', "extra inputs"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, text, said):
    with pytest.raises(UsageProblem) as problem:
        read_entries(write(tmp_path, text))

    assert said in str(problem.value) or "field required" in str(problem.value)
    assert "\n" not in str(problem.value)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ConfigProblem, match=r"schedule\.toml cannot be read"):
        read_entries(tmp_path / "schedule.toml")
