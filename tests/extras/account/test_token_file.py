"""The token file: lines of sign-ins come and go, lines of the user stay."""

from __future__ import annotations

import os
import stat

import pytest

from tvspiders.errors import ConfigProblem
from tvspiders.extras.account import token_file as module
from tvspiders.extras.account.token_file import Account, TokenFile
from tvspiders.policies.security.tokens import TokenSource

AMBER, BERT = Account("amber", 7), Account("bert", 8)
NOTE = "app 4322, 2026-11-21"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tokens"


def tokens(path):
    return [token.reveal() for token in TokenSource("", path).tokens()]


def test_a_new_file_belongs_to_its_user_alone(path):
    before = os.umask(0)
    try:
        replaced = TokenFile(path).add("tok-abc", AMBER, NOTE)
    finally:
        os.umask(before)

    assert not replaced
    assert tokens(path) == ["tok-abc"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_other_lines_stay_and_a_readable_file_becomes_private(path):
    path.write_text("# mine\nfirst  # with a note\n\nlast")
    path.chmod(0o644)

    TokenFile(path).add("tok-abc", AMBER, NOTE)

    assert path.read_text().startswith(
        "# mine\nfirst  # with a note\n\nlast\ntok-abc  # by scrapy login: amber (user 7)"
    )
    assert tokens(path) == ["first", "last", "tok-abc"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_sign_in_takes_the_place_of_the_first_one_of_that_account(path):
    file = TokenFile(path)
    file.add("tok-old", AMBER, NOTE)
    file.add("tok-other", BERT, NOTE)

    assert file.add("tok-new", AMBER, NOTE)
    assert tokens(path) == ["tok-new", "tok-other"]


def test_the_same_token_given_out_again_gets_the_new_remark(path):
    file = TokenFile(path)
    file.add("tok-abc", Account("unknown account", None), NOTE)

    assert file.add("tok-abc", AMBER, NOTE)
    assert path.read_text() == f"tok-abc  # by scrapy login: amber (user 7), {NOTE}\n"


def test_an_account_whose_number_begins_alike_is_another(path):
    file = TokenFile(path)
    file.add("tok-one", Account("amber", 7), NOTE)
    file.add("tok-two", Account("amber", 77), NOTE)

    assert tokens(path) == ["tok-one", "tok-two"]


def test_unknown_accounts_do_not_replace_each_other(path):
    file = TokenFile(path)
    for token in ("tok-one", "tok-two", "tok-two"):
        file.add(token, Account("unknown account", None), NOTE)

    assert tokens(path) == ["tok-one", "tok-two"]


def test_a_token_that_the_user_wrote_down_stays_the_users(path):
    path.write_text("tok-abc # mine\n")
    file = TokenFile(path)

    file.add("tok-abc", AMBER, NOTE)

    assert path.read_text() == "tok-abc # mine\n"
    assert file.remove() == []
    assert path.read_text() == "tok-abc # mine\n"


def test_removing_takes_out_the_lines_of_sign_ins_only(path):
    path.write_text("# by scrapy login: a remark\nmine\n")
    file = TokenFile(path)
    file.add("tok-abc", AMBER, NOTE)
    file.add("tok-def", BERT, NOTE)

    assert file.remove() == [f"amber (user 7), {NOTE}", f"bert (user 8), {NOTE}"]
    assert path.read_text() == "# by scrapy login: a remark\nmine\n"
    assert file.remove() == []


def test_a_running_crawl_notices_that_its_token_was_removed(path):
    file = TokenFile(path)
    file.add("tok-abc", AMBER, NOTE)
    source = TokenSource("", path)

    file.remove()

    assert source.refresh()
    assert source.tokens() == []


def test_removing_from_a_file_that_is_not_there_makes_none(path):
    assert TokenFile(path).remove() == []
    assert not path.exists()


def test_a_link_stays_a_link(path, tmp_path):
    (tmp_path / "real").write_text("mine\n")
    path.symlink_to(tmp_path / "real")

    TokenFile(path).add("tok-abc", AMBER, NOTE)

    assert path.is_symlink()
    assert (tmp_path / "real").read_text().startswith("mine\ntok-abc")


def test_a_change_by_somebody_else_in_between_is_not_lost(path, monkeypatch):
    path.write_text("mine\n")
    fsync, changed = os.fsync, []

    def change_meanwhile(descriptor):
        fsync(descriptor)
        if not changed:
            changed.append(path.write_text("mine\nanother\n"))

    monkeypatch.setattr(module.os, "fsync", change_meanwhile)

    TokenFile(path).add("tok-abc", AMBER, NOTE)

    assert tokens(path) == ["mine", "another", "tok-abc"]
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_file_as_it_was(path, monkeypatch):
    path.write_text("mine\n")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)

    with pytest.raises(ConfigProblem, match=r"cannot be written \(No space left on device\)"):
        TokenFile(path).add("tok-abc", AMBER, NOTE)

    assert path.read_text() == "mine\n"
    assert list(path.parent.iterdir()) == [path]


def test_a_place_that_cannot_be_used_is_told_before_anything_begins(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xff")

    for name, said in (
        (".", "is a folder"),
        ("missing/tokens", "folder that does not exist"),
        ("binary", "cannot be read"),
    ):
        with pytest.raises(ConfigProblem, match=said):
            TokenFile(tmp_path / name).check()
    TokenFile(tmp_path / "fine").check()
    assert not (tmp_path / "fine").exists()
