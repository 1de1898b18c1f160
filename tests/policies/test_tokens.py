import copy
import os
import pickle

import pytest

from tvspiders.errors import ConfigProblem
from tvspiders.policies.security.redaction import masked
from tvspiders.policies.security.tokens import Token, TokenSource, check_private

ONE, TWO, THREE = "aaaaaaaa1111", "bbbbbbbb2222", "cccccccc3333"


def secrets(source):
    return [token.reveal() for token in source.tokens()]


@pytest.mark.parametrize("given", [f"{ONE},{TWO}", f"{ONE} {TWO}", f" {ONE}\n,\t{TWO},, {ONE} "])
def test_several_tokens_are_read_in_order_each_once(given):
    assert secrets(TokenSource(given)) == [ONE, TWO]


@pytest.mark.parametrize(
    "given", [f"Bearer {ONE}, bearer {TWO}", f"Authorization: Bearer {ONE},{TWO}", f"BEARER\t{ONE}\n{TWO}"]
)
def test_what_was_copied_along_from_the_header_is_no_token(given, tmp_path):
    file = tmp_path / "tokens"
    file.write_text(f"Bearer {THREE}  # lab\n")

    assert secrets(TokenSource(given, file)) == [ONE, TWO, THREE]


def test_the_file_holds_one_token_a_line_and_comments(tmp_path):
    file = tmp_path / "tokens"
    file.write_text(f"# lab\n{ONE}\n\n{TWO}  # second\n")

    source = TokenSource.from_environment({"THINGIVERSE_TOKEN": THREE, "THINGIVERSE_TOKEN_FILE": str(file)})

    assert secrets(source) == [THREE, ONE, TWO]


def test_the_file_is_read_again_when_it_changes(tmp_path):
    file = tmp_path / "tokens"
    file.write_text(ONE)
    source = TokenSource(file=file)
    first = source.tokens()[0]
    assert not source.refresh()

    file.write_text(f"{TWO}\n{ONE}")

    assert source.refresh()
    assert secrets(source) == [TWO, ONE]
    assert source.tokens()[1].label == first.label == "token-1"
    assert len(source.seen()) == 2


def test_each_token_is_masked_from_then_on(tmp_path):
    file = tmp_path / "tokens"
    file.write_text(ONE)
    source = TokenSource(TWO, file)
    before = masked(f"{ONE} {TWO} {THREE}")

    file.write_text(f"{ONE}\n{THREE}")
    source.refresh()

    assert before == f"[secret] [secret] {THREE}"
    assert masked(f"{ONE} {TWO} {THREE}") == "[secret] [secret] [secret]"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o601])
def test_a_file_that_others_can_read_or_write_is_refused_and_one_that_becomes_so_changes_nothing(
    tmp_path, mode
):
    file = tmp_path / "tokens"
    file.write_text(ONE)
    source = TokenSource(file=file)

    file.write_text(TWO)
    file.chmod(mode)

    assert not source.refresh()
    with pytest.raises(ConfigProblem, match=r"others can read or write .*tokens; chmod 600 it"):
        TokenSource(file=file)


def test_a_credential_of_systemds_may_have_the_bit_that_its_access_list_shows(tmp_path, monkeypatch):
    file = tmp_path / "tokens"
    file.write_text(ONE)
    file.chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    check_private(file, "THINGIVERSE_TOKEN_FILE")

    file.chmod(0o444)
    with pytest.raises(ConfigProblem, match="others can read or write"):
        check_private(file, "THINGIVERSE_TOKEN_FILE")
    file.chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path.parent))
    with pytest.raises(ConfigProblem, match="others can read or write"):
        check_private(file, "THINGIVERSE_TOKEN_FILE")


def test_a_pipe_may_be_open_to_others(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "pipe").chmod(0o644)

    check_private(tmp_path / "pipe", "THINGIVERSE_TOKEN_FILE")


def test_a_file_that_disappears_changes_nothing(tmp_path):
    file = tmp_path / "tokens"
    file.write_text(ONE)
    source = TokenSource(file=file)

    file.unlink()

    assert not source.refresh()
    assert secrets(source) == [ONE]


@pytest.mark.parametrize("environ", [{}, {"THINGIVERSE_TOKEN": " , "}])
def test_no_token_is_said_with_what_to_do(environ):
    with pytest.raises(ConfigProblem, match="THINGIVERSE_TOKEN"):
        TokenSource.from_environment(environ)


@pytest.mark.parametrize("wrong", ["x" * 600, "abc", "7", "tökentöken", "abcdefgh\x7f"])
def test_a_wrong_token_is_refused_without_being_shown(wrong):
    with pytest.raises(ConfigProblem) as caught:
        TokenSource(wrong)

    assert f" {wrong}" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [("none", None, "No such file"), (".", None, "directory"), ("odd", b"\xff\xfe", "not UTF-8 text")],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path, name, content, why):
    file = tmp_path / name
    if content:
        file.write_bytes(content)

    with pytest.raises(ConfigProblem, match="THINGIVERSE_TOKEN_FILE cannot be read") as caught:
        TokenSource(file=file)

    assert str(file) in str(caught.value)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("shown", [repr, str, lambda token: f"{token}", "{}".format])
def test_a_token_never_shows_itself(shown):
    assert shown(Token(ONE, "token-1")) == "Token(token-1)"


@pytest.mark.parametrize("write", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_token_cannot_be_written_down(write):
    with pytest.raises(TypeError):
        write(Token(ONE, "token-1"))


def test_the_fingerprint_is_stable_and_hides_the_token():
    token = Token(ONE, "token-1")

    assert token.fingerprint == Token(ONE, "token-7").fingerprint
    assert token.fingerprint != Token(TWO, "token-1").fingerprint
    assert ONE not in token.fingerprint
    assert len(token.fingerprint) == 32
