"""The secret is made once and stays private."""

from __future__ import annotations

import os

import pytest

from tvspiders.errors import ConfigProblem
from tvspiders.extras.webhooks.secret_path import secret_path


def test_it_is_made_once_and_private_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        first = secret_path(tmp_path / "s")
    finally:
        os.umask(before)

    assert secret_path(tmp_path / "s") == first
    assert first != secret_path(tmp_path / "other")
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "s"]


@pytest.mark.parametrize("held", ["", "short", "x" * 43 + "/..", "x" * 300, "ä" * 40])
def test_a_file_without_a_usable_secret_is_refused(tmp_path, held):
    file = tmp_path / "s"
    file.write_text(held)
    file.chmod(0o600)

    with pytest.raises(ConfigProblem, match="must hold"):
        secret_path(file)


def test_a_file_that_others_can_read_is_refused(tmp_path):
    secret_path(tmp_path / "s")
    (tmp_path / "s").chmod(0o644)

    with pytest.raises(ConfigProblem, match="can be read by others"):
        secret_path(tmp_path / "s")


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigProblem, match="cannot be used"):
        secret_path(tmp_path / "nowhere" / "s")
