"""What is written is its owner's alone, and goes nowhere that somebody else has chosen."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import tvspiders
from tvspiders.checks.writable import check_writable
from tvspiders.console.probe.run import write_findings
from tvspiders.errors import ConfigProblem
from tvspiders.extensions.closing.health import append_line
from tvspiders.extensions.feeds.file import ResumableFile
from tvspiders.extras import EXTRAS
from tvspiders.policies.security.redaction import Secrets
from tvspiders.private_files import open_private, replacing

NOBODY = 65534
"""A second user of the machine."""
second_user = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")


def append(path: Path) -> None:
    append_line(path, "new")


def feed(path: Path) -> None:
    with ResumableFile(str(path), feed_options={"overwrite": True}).open(None) as file:
        file.write(b"new\n")


def resumed_feed(path: Path) -> None:
    storage = ResumableFile(str(path))
    storage.keep = 0
    with storage.open(None) as file:
        file.write(b"new\n")


def whole(path: Path) -> None:
    with replacing(path) as file:
        file.write(b"new\n")


def report(path: Path) -> None:
    from tvspiders.extras.analytics.render.output import document

    with document(str(path)) as file:
        file.write(b"new\n")


def findings(path: Path) -> None:
    write_findings(path, {}, Secrets())


IN_PLACE = (append, feed, resumed_feed)
WRITERS = (*IN_PLACE, whole, findings, *([report] if "analytics" in EXTRAS else []))


def said(write: object) -> bytes:
    return b"{}\n" if write is findings else b"new\n"


@pytest.fixture(params=[0, 0o022])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("write", WRITERS)
def test_a_new_file_is_its_owners_alone(tmp_path, write):
    path = tmp_path / "x"

    write(path)

    assert (path.read_bytes(), mode(path)) == (said(write), 0o600)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("write", IN_PLACE)
def test_folders_that_are_made_cannot_be_written_by_others(tmp_path, write):
    write(tmp_path / "a" / "b" / "x")

    assert mode(tmp_path / "a") & mode(tmp_path / "a" / "b") & 0o022 == 0


@pytest.mark.parametrize("write", IN_PLACE)
def test_an_older_file_stays_readable_and_is_not_writable_by_others(tmp_path, write):
    path = tmp_path / "x"
    path.touch()
    path.chmod(0o666)

    write(path)

    assert mode(path) == 0o644


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("write", WRITERS)
def test_a_planted_link_changes_nothing_elsewhere(tmp_path, write, there):
    shared, victim = tmp_path / "shared", tmp_path / "victim"
    shared.mkdir()
    shared.chmod(0o777)
    if there:
        victim.write_text("precious\n")
    for name in ("x", "x.part", ".x.part"):
        (shared / name).symlink_to(victim)

    if write in IN_PLACE:
        with pytest.raises(OSError, match="it is a link; name the file that it leads to"):
            write(shared / "x")
    else:
        write(shared / "x")
        assert not (shared / "x").is_symlink()

    assert victim.exists() is there
    assert not there or victim.read_text() == "precious\n"


@pytest.mark.parametrize("write", WRITERS)
def test_a_second_name_of_a_file_changes_nothing_elsewhere(tmp_path, write):
    victim = tmp_path / "victim"
    victim.write_text("precious\n")
    (tmp_path / "x").hardlink_to(victim)

    if write in IN_PLACE:
        with pytest.raises(OSError, match="hard link"):
            write(tmp_path / "x")
    else:
        write(tmp_path / "x")

    assert victim.read_text() == "precious\n"


@second_user
@pytest.mark.parametrize("write", WRITERS)
def test_a_file_that_another_user_has_put_there_does_not_get_what_is_written(tmp_path, write):
    path = tmp_path / "x"
    path.touch()
    path.chmod(0o666)
    os.chown(path, NOBODY, NOBODY)

    if write in IN_PLACE:
        with pytest.raises(OSError, match="belongs to another user"):
            write(path)
        assert path.read_bytes() == b""
    else:
        write(path)
        assert (path.stat().st_uid, mode(path)) == (0, 0o600)


@second_user
@pytest.mark.usefixtures("umask")
def test_a_second_user_reads_and_changes_nothing(tmp_path):
    written = [tmp_path / write.__name__ for write in WRITERS]
    for write, path in zip(WRITERS, written, strict=True):
        write(path)
    tmp_path.chmod(0o755)
    for folder in tmp_path.parents[:2]:
        folder.chmod(0o711)
    code = 'for file; do cat "$file"; echo changed >> "$file"; done'

    found = subprocess.run(
        ["/bin/sh", "-c", code, "sh", *map(str, written)],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        capture_output=True,
        text=True,
        cwd="/",
    )

    assert found.stdout == ""
    assert found.stderr.count("Permission denied") == 2 * len(WRITERS)
    assert [path.read_bytes() for path in written] == list(map(said, WRITERS))


def test_a_link_of_the_systems_is_followed():
    os.close(open_private(Path("/dev/stdout"), os.O_WRONLY))


def test_a_link_is_told_before_the_crawl(tmp_path):
    (tmp_path / "x").symlink_to(tmp_path / "victim")

    with pytest.raises(ConfigProblem, match=r"feed .*x cannot be written \(it is a link"):
        check_writable("feed", tmp_path / "x")

    assert not (tmp_path / "victim").exists()


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    def half() -> None:
        with replacing(tmp_path / "x") as file:
            file.write(b"new")
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        half()

    assert list(tmp_path.iterdir()) == []


OPENERS = {
    "extras/account/token_file.py": "a private file beside, and a rename",
    "extras/analytics/render/output.py": "a pipe or a device that the user names",
    "commands/export.py": "the same",
    "console/ending.py": "/dev/null",
    "extensions/feeds/strict.py": "/dev/null",
    "private_files.py": "this is the place",
    "storage/database/engine.py": "a database, private and through no link",
    "storage/people/pseudonyms.py": "a key, private and through no link",
    "storage/database/schema.py": "migrations, in a folder of its own",
    "extras/webhooks/secret_path.py": "a secret, private and never over another",
}
"""Modules that open files for writing by themselves, and what for."""


def test_files_are_opened_for_writing_in_one_place():
    writing = re.compile(
        r"write_text\(|write_bytes\(|os\.open\(|\.open\(\"[wax]|mkstemp\(|NamedTemporaryFile\("
    )
    package = Path(tvspiders.__file__).parent

    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if writing.search(path.read_text("utf-8"))
    }

    named = {name for name in OPENERS if name.split("/")[0] != "extras" or name.split("/")[1] in EXTRAS}
    assert found == named
