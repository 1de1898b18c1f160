"""One schedule at a time."""

import tempfile
import threading

import pytest

from tvspiders.errors import ConfigProblem
from tvspiders.extras.scheduling.lock import alone


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_second_one_waits_and_then_gives_up():
    said = []

    def second() -> None:
        try:
            with alone("x", patience=0):
                said.append("in")
        except ConfigProblem as problem:
            said.append(str(problem))

    with alone("x"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        with alone("y", patience=0):
            pass
    second()

    assert said == ["another scrapy schedule has been running for long; end it first", "in"]


def test_only_the_user_can_look_into_the_folder(folder):
    with alone("x"):
        (made,) = folder.iterdir()

    assert made.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_can_write_to_is_not_used(folder):
    with alone("x"):
        (made,) = folder.iterdir()
    made.chmod(0o777)

    with pytest.raises(ConfigProblem, match="belongs to another user"), alone("x"):
        pass


def test_a_link_to_somewhere_else_is_not_followed(folder, tmp_path):
    with alone("x"):
        (made,) = folder.iterdir()
    made.rename(tmp_path / "elsewhere")
    made.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ConfigProblem, match="belongs to another user"), alone("x"):
        pass
