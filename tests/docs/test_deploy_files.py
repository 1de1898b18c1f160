"""What is shipped for servers: nothing open to the network, no secret, every file that is named exists."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import subprocess
import time
from configparser import ConfigParser

import pytest

from tests.support.reading import ROOT, document
from tvspiders.extras.scheduling.entries import read_entries

needs_setsid = pytest.mark.skipif(shutil.which("setsid") is None, reason="no setsid here, as on macOS")
UNITS = sorted(path.name for path in (ROOT / "deploy").glob("*.service"))


def config(*names):
    """Scrapyd's configuration from these files, as Scrapyd reads it."""
    found = ConfigParser()
    found.read([ROOT / name for name in names])
    return found


def unit(name):
    """Directives of a unit; repeated ones as a list."""
    directives = {}
    for line in document(f"deploy/{name}").splitlines():
        key, mark, value = line.partition("=")
        if mark and not line.startswith("#"):
            directives.setdefault(key, []).append(value)
    return directives


@pytest.mark.parametrize("names", [["scrapyd.conf"], ["scrapyd.conf", "deploy/container.conf"]])
def test_scrapyd_listens_on_this_computer_and_has_no_password_in_the_open(names):
    settings = config(*names)

    assert settings.get("scrapyd", "bind_address") == "127.0.0.1"
    assert settings.get("scrapyd", "debug") == "off"
    assert settings.get("scrapyd", "jobs_dir") == ""
    assert "Sqlite" in settings.get("scrapyd", "jobstorage")
    assert int(settings.get("scrapyd", "max_proc")) > 0
    assert settings.get("services", "delproject.json") == ""
    # A line here, even an empty one, would win over the file with the password.
    assert not settings.has_option("scrapyd", "username")
    assert not settings.has_option("scrapyd", "password")


def test_nothing_can_be_uploaded_into_the_container():
    settings = config("scrapyd.conf", "deploy/container.conf")

    assert settings.get("services", "addversion.json") == ""
    assert settings.get("scrapyd", "eggs_dir") == "/opt/eggs"


def test_the_deploy_target_has_the_project_and_no_version_or_secret():
    text = document("scrapy.cfg")
    section = config("scrapy.cfg")["deploy:local"]

    assert section["project"] == "tvspiders"
    assert section["url"] == "http://127.0.0.1:6800/"
    assert (section["username"], section["password"]) == ("$SCRAPYD_USERNAME", "$SCRAPYD_PASSWORD")
    assert not re.search(r"(?m)^version", text)


@pytest.mark.parametrize("name", UNITS)
def test_units_are_hardened_and_get_secrets_from_a_file(name):
    directives = unit(name)

    assert directives["User"] == ["tvspiders"]
    assert directives["EnvironmentFile"] == ["/etc/tvspiders/environment"]
    assert "Environment" not in directives
    assert directives["UMask"] == ["0077"]
    for switch in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictSUIDSGID"):
        assert directives[switch] == ["yes"]
    assert directives["ProtectSystem"] == ["strict"]
    assert directives["CapabilityBoundingSet"] == [""]
    assert (directives["ProtectProc"], directives["ProcSubset"]) == (["invisible"], ["pid"])
    assert (
        "MemoryDenyWriteExecute" not in directives
    )  # pyOpenSSL could make no callback, and no https request


def test_tokens_can_come_as_a_credential_that_no_environment_holds():
    directives = unit("tokens.conf")

    assert directives["LoadCredential"] == ["tokens:/etc/tvspiders/tokens"]
    assert directives["Environment"] == ["THINGIVERSE_TOKEN_FILE=%d/tokens"]
    assert "/etc/tvspiders/tokens" in document("docs/deploy.md")


def test_the_container_gets_no_rights():
    (line,) = re.findall(r"docker run -d (?:.*\\\n)*.*", document("docs/deploy.md"))

    for flag in ("--read-only", "--cap-drop ALL", "--security-opt no-new-privileges", "--pids-limit 256"):
        assert flag in line


def test_stopping_the_daemon_stops_its_jobs_cleanly_and_no_password_means_no_daemon():
    directives = unit("tvspiders-scrapyd.service")

    assert directives["KillMode"] == ["control-group"]
    assert directives["KillSignal"] == ["SIGTERM"]
    assert int(directives["TimeoutStopSec"][0]) > 5
    assert directives["ExecStart"] == ["/opt/tvspiders/venv/bin/scrapyd --pidfile="]
    assert all(
        f'-n "${name}"' in directives["ExecStartPre"][0] for name in ("SCRAPYD_USERNAME", "SCRAPYD_PASSWORD")
    )


def test_the_folder_of_the_socket_is_made_by_the_unit():
    (socket,) = re.findall(r"(?m)^#\s+unix_socket_path = (\S+)", document("scrapyd.conf"))
    directives = unit("tvspiders-scrapyd.service")

    assert [f"/run/{name}" for name in directives["RuntimeDirectory"]] == [socket.rpartition("/")[0]]
    assert directives["RuntimeDirectoryMode"] == ["0700"]
    assert socket in document("docs/deploy.md")


@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_little_to_attack(name):
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("no systemd-analyze here")
    path = str(ROOT / "deploy" / name)
    done = subprocess.run(
        [tool, "security", "--offline=yes", "--no-pager", path], capture_output=True, text=True, check=False
    )
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    if found is None:
        pytest.skip(f"systemd-analyze cannot judge files here: {done.stderr[:100]}")

    assert float(found[1]) < 2.5


def test_the_environment_holds_no_value_that_is_a_secret():
    lines = [line for line in document("deploy/environment").splitlines() if line and line[0] != "#"]

    assert {line.partition("=")[0] for line in lines} == {
        "SCRAPYD_USERNAME",
        "SCRAPYD_PASSWORD",
        "THINGIVERSE_TOKEN",
        "DATABASE_URL",
    }
    assert [line for line in lines if not line.endswith("=")] == [
        "DATABASE_URL=sqlite:////var/lib/tvspiders/thingiverse.db"
    ]


def test_the_container_copies_what_exists_and_runs_as_nobody_special():
    text = document("deploy/Dockerfile").replace("\\\n", " ")
    copied = [line.split()[1:-1] for line in text.splitlines() if line.startswith("COPY ")]

    assert [name for names in copied for name in names if not (ROOT / name).exists()] == []
    assert {"tvspiders", "setup.py", "pyproject.toml", "scrapyd.conf", "requirements.txt"} <= {
        name for names in copied for name in names
    }
    assert text.index("USER tvspiders") < text.index("ENTRYPOINT") < text.index("CMD [")
    assert "EXPOSE" not in text
    assert not re.search(r"(TOKEN|PASSWORD|SECRET)=", text)


JOB = "trap 'sleep 0.5; echo ended >> job; exit' TERM; echo runs >> job; while :; do sleep 0.05; done"
SCRAPYD = f"""#!/bin/sh
sh -c {shlex.quote(JOB)} &
trap 'exit 3' TERM
while [ ! -e crash ]; do sleep 0.05; done
exit 4
"""


@pytest.fixture
def container(tmp_path):
    """What the container runs, with a daemon that ends at once and a job that needs a moment."""
    daemon = tmp_path / "bin" / "scrapyd"
    daemon.parent.mkdir()
    daemon.write_text(SCRAPYD)
    daemon.chmod(0o755)
    process = subprocess.Popen(
        ["/bin/sh", ROOT / "deploy" / "container.sh"],
        cwd=tmp_path,
        env={"PATH": f"{daemon.parent}:/usr/bin:/bin", "SCRAPYD_USERNAME": "me", "SCRAPYD_PASSWORD": "x"},
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while not (tmp_path / "job").exists() and time.monotonic() < end:
        time.sleep(0.02)
    yield process
    (tmp_path / "crash").touch()
    process.wait(60)


@needs_setsid
def test_a_container_that_is_stopped_waits_for_its_jobs(container, tmp_path):
    container.send_signal(signal.SIGTERM)

    assert container.wait(60) == 3
    assert (tmp_path / "job").read_text().split() == ["runs", "ended"]


@needs_setsid
def test_a_container_whose_daemon_crashed_stops_its_jobs_and_says_so(container, tmp_path):
    (tmp_path / "crash").touch()

    assert container.wait(60) == 4
    assert (tmp_path / "job").read_text().split() == ["runs", "ended"]


@pytest.mark.parametrize("given", [{}, {"SCRAPYD_USERNAME": "me"}, {"SCRAPYD_PASSWORD": "x"}])
def test_a_container_without_a_password_does_not_start(given, tmp_path):
    done = subprocess.run(
        ["/bin/sh", ROOT / "deploy" / "container.sh"],
        cwd=tmp_path,
        env={"PATH": str(tmp_path)} | given,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "is not set" in done.stderr


def test_the_example_of_a_schedule_can_be_read():
    entries = read_entries(ROOT / "deploy" / "schedule.toml")

    assert {entry.spider for entry in entries} == {"things", "remixes"}
    assert all(entry.period for entry in entries)


def test_the_host_gets_what_the_tests_ran_with():
    wanted = {
        line for line in document("deploy/requirements.txt").splitlines() if line and line[0] not in "#-"
    }

    assert wanted <= set(document("requirements-dev.txt").splitlines())
