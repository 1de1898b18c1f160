"""Where Scrapyd is: the environment first, then scrapy.cfg; never a password in the clear."""

import pytest

from tvspiders.errors import ConfigProblem
from tvspiders.extras.scheduling.target import Target, find_target

SHIPPED = """
[deploy:local]
url = http://127.0.0.1:6800/
project = tvspiders
username = $SCRAPYD_USERNAME
password = $SCRAPYD_PASSWORD
"""


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A scrapy.cfg as shipped; no variable is set."""
    for name in ("SCRAPYD_URL", "SCRAPYD_USERNAME", "SCRAPYD_PASSWORD"):
        monkeypatch.delenv(name, raising=False)

    def make(text=SHIPPED):
        (tmp_path / "scrapy.cfg").write_text(text)
        return [str(tmp_path / "scrapy.cfg")]

    return make


def test_the_deploy_target_is_the_default(files):
    assert find_target("local", files(), {}) == Target("http://127.0.0.1:6800/", "tvspiders")


def test_the_environment_comes_first(files):
    environ = {"SCRAPYD_URL": "https://d.example", "SCRAPYD_USERNAME": "op", "SCRAPYD_PASSWORD": "pw"}

    target = find_target("local", files(), environ)

    assert (target.base, target.username, target.password) == ("https://d.example/", "op", "pw")


def test_variables_in_the_file_are_read_as_scrapyd_deploy_reads_them(files, monkeypatch):
    monkeypatch.setenv("SOMEONES_PASSWORD", "pw")
    text = "[deploy]\nusername = op\npassword = $SOMEONES_PASSWORD\n[deploy:far]\nurl = https://d.example/x\n"

    target = find_target("far", files(text), {})

    assert (target.base, target.username, target.password) == ("https://d.example/x/", "op", "pw")


def test_a_unix_socket_is_an_address(files):
    target = find_target("local", files(), {"SCRAPYD_URL": "http+unix://%2Frun%2Fscrapyd.sock"})

    assert (target.socket, target.base) == ("/run/scrapyd.sock", "http://scrapyd/")


def test_the_password_is_not_in_the_repr():
    assert "pw" not in repr(Target("https://d.example", "tvspiders", "op", "pw"))


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"SCRAPYD_URL": "ftp://d.example"}, "is not accepted"),
        ({"SCRAPYD_URL": "https://"}, "is not accepted"),
        ({"SCRAPYD_URL": "https://d.example/?x=1"}, "is not accepted"),
        ({"SCRAPYD_URL": "http://d.example:x"}, "not a web address"),
        ({"SCRAPYD_URL": "https://op:pw@d.example"}, "must not hold a user name"),
        ({"SCRAPYD_URL": "http://d.example", "SCRAPYD_PASSWORD": "pw"}, "in the clear"),
    ],
)
def test_an_address_that_is_not_accepted_is_told(files, environ, said):
    with pytest.raises(ConfigProblem, match=said) as problem:
        find_target("local", files(), environ)

    assert "pw" not in str(problem.value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("far", SHIPPED, r"no section \[deploy:far\]"),
        ("local", "", "no Scrapyd is known"),
        ("local", "x", "read"),
    ],
)
def test_a_file_without_the_target_is_told(files, name, text, said):
    with pytest.raises(ConfigProblem, match=said):
        find_target(name, files(text), {})
