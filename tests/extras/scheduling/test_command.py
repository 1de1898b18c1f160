"""``scrapy schedule`` and ``scrapy jobs``: what is wrong is told before Scrapyd is asked.

The port that they know has nobody behind it: asking would be told as such.
"""

import pytest

from tests.support.shell import TOKEN

NOBODY = {"SCRAPYD_URL": "http://127.0.0.1:1", "SCRAPYD_PASSWORD": "word-of-the-daemon"}
THINGS = ("things", "-a", "query=x")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("things", "-a", "qury=x"), 2, "unknown argument 'qury'"),
        (("things", "-a", "query"), 2, "use -a NAME=VALUE"),
        ((*THINGS, "-a", "pages=0"), 2, "pages='0'"),
        ((*THINGS, "-s", "TV_QUOTA=plenty"), 2, "300/5m"),
        ((*THINGS, "-s", "TV_QUOTTA=1/5m"), 2, "did you mean TV_QUOTA?"),
        (("things", "-a", f"token={TOKEN}"), 2, "refusing the argument 'token'"),
        (("things", "-a", f"query={TOKEN}"), 2, "'query' holds a secret"),
        (("things", "-a", "query=word-of-the-daemon"), 2, "'query' holds a secret"),
        ((*THINGS, "-s", f"THINGIVERSE_TOKEN={TOKEN}"), 2, "refusing -s "),
        ((*THINGS, "-s", "DATABASE_URL=postgresql://u:p@h/d"), 2, "refusing -s "),
        ((*THINGS, "-s", "DATABASE_URL=postgresql://u@h/d?password=p"), 2, "refusing -s "),
        (
            (*THINGS, "-s", "DOWNLOAD_VERIFY_CERTIFICATES=0"),
            2,
            "DOWNLOAD_VERIFY_CERTIFICATES=0 is not accepted",
        ),
        (("thing",), 2, "no spider 'thing'"),
        (("things", "users"), 2, "name one spider"),
        ((*THINGS, "--every", "daily"), 2, "12h or 1d"),
        ((*THINGS, "--priority", "high"), 2, "--priority 'high'"),
        ((*THINGS, "--patience", "nan"), 2, "--patience 'nan'"),
        ((*THINGS, "--file", "x.toml"), 2, "not both"),
        ((*THINGS, "--target", "far"), 1, "no section [deploy:far]"),
        (("-a", "query=x"), 2, "belong to a spider"),
        ((), 1, "schedule.toml cannot be read"),
        ((*THINGS, "--patience", "0"), 1, "cannot be reached"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(shell, arguments, code, said):
    ended = shell("schedule", *arguments, **NOBODY)

    assert (ended.code, ended.out, ended.err.count("\n")) == (code, "", 1)
    assert said in ended.err
    assert TOKEN not in ended.err
    assert "word-of-the-daemon" not in ended.err
    assert not shell.database.exists()


def test_a_crawl_that_is_listed_twice_is_told(shell):
    text = """
[[crawl]]
spider = "things"
arguments = { query = "x" }

[[crawl]]
spider = "things"
every = "1d"
arguments = { query = "x", max_requests = 5, sort = "relevant" }
"""
    (shell.folder / "schedule.toml").write_text(text)

    ended = shell("schedule", **NOBODY)

    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "is listed twice, as the same crawl; add crawl=NAME" in ended.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("things",), 2, "takes no arguments"),
        (("--format", "xml"), 2, "--format 'xml'"),
        (("--last", "x"), 2, "--last 'x'"),
        (("--patience", "x"), 2, "--patience 'x'"),
        (("--patience", "0"), 1, "cannot be reached"),
    ],
)
def test_wrong_options_of_jobs_are_told(shell, arguments, code, said):
    ended = shell("jobs", *arguments, **NOBODY)

    assert (ended.code, ended.out, ended.err.count("\n")) == (code, "", 1)
    assert said in ended.err
