import io
import json
import logging
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.secret_forms import leaks, spellings
from tvspiders.policies.security.redaction import (
    LARGE,
    MANY,
    RedactingFilter,
    Secrets,
    install_redaction,
    mask_answer,
    masked,
)

SECRET = "s3cr3t/token+value==%"
TOKEN = "3f7a9c0e1b2d4f6a8c0e2b4d6f8a0c1e"
KINDS = [SECRET, TOKEN, "sandbox-token-1", "first-token-1111", 'ab cd\\efgh%1"&z+']


def known(*texts, **how):
    secrets = Secrets()
    secrets.add(texts, **how)
    return secrets


@pytest.fixture
def log():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter(known(SECRET)))
    logger = logging.Logger("test", logging.DEBUG)
    logger.addHandler(handler)
    logger.text = stream.getvalue
    return logger


@pytest.mark.parametrize("secret", KINDS)
@pytest.mark.parametrize("name", spellings("x" * 12))
def test_a_secret_is_masked_in_every_spelling_wherever_it_stands(secret, name):
    secrets, spelling = known(secret), spellings(secret)[name]

    for before in range(9):  # it is looked for in words of eight bytes
        text = "x" * before + f' "{spelling}" and so on'
        for data in (text.encode(), text.encode("utf-16-le"), text.encode("utf-32-be")):
            assert leaks(secret, secrets.mask_bytes(data).replace(b"\0", b"")) == []
        assert leaks(secret, secrets.mask(text).encode()) == []
        assert secrets.mask(text).endswith('" and so on')


@pytest.mark.parametrize("secret", KINDS)
def test_escapes_within_escapes_are_seen_through(secret):
    percent = "".join(f"\\u0025{ord(char):02x}" for char in secret)
    entities = "".join(f"&amp;amp;#x{ord(char):x};" for char in secret)
    mixed = "".join(
        f"%25{ord(char):02x}" if n % 2 else f"&#37;{ord(char):02X}" for n, char in enumerate(secret)
    )

    for text in (percent, entities, mixed):
        assert known(secret).mask(f"a {text} b") == "a [secret] b"


NAMES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
ESCAPES = (
    lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    lambda text: "".join(f"&#{ord(char)};" for char in text),
    lambda text: "".join(f"&#x{ord(char):x}" for char in text),
    lambda text: "".join(f"&amp;amp;#{ord(char)};" for char in text),
    lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
    lambda text: "".join(f"\\x{ord(char):02x}" for char in text),
    lambda text: "".join(NAMES.get(char, char) for char in text),
    lambda text: text.replace("/", "\\/"),
)


@settings(max_examples=400)
@given(
    secret=st.sampled_from([*KINDS, "o'hara & sons", "<angle>-bracket-1"]),
    escapes=st.lists(
        st.tuples(st.sampled_from(ESCAPES), st.sampled_from([0, 0, 3]), st.sampled_from([1, 3, 99])),
        max_size=3,
    ),
    around=st.lists(st.sampled_from(["&amp;", "&lt;", "%20", "é", "#x41;", "\\", '"', "a"]), max_size=4),
    there=st.booleans(),
)
@example(secret="o'hara & sons", escapes=[(ESCAPES[6], 0, 99)], around=[], there=True)
@example(secret="letters-only", escapes=[(ESCAPES[0], 3, 1)], around=[], there=True)
@example(secret="gate/word-7", escapes=[(ESCAPES[7], 0, 99), (ESCAPES[7], 0, 99)], around=[], there=True)
def test_the_quick_search_finds_what_the_patterns_find(secret, escapes, around, there):
    secrets, text = known(secret), secret if there else secret[4:]
    for escape, start, number in escapes:
        text = text[:start] + escape(text[start : start + number]) + text[start + number :]
    text = "".join([*around, text, *around])

    masked_quickly = secrets.mask(text)

    assert masked_quickly == secrets._masked(text, set(secrets._known.values()))


def test_an_answer_without_a_secret_is_the_very_same():
    body = json.dumps({"name": "é 100% &amp; \\ more", "url": "https://h/%C3%A9?a=1&b=2"}).encode()
    secrets = known(*KINDS)

    assert secrets.mask_bytes(body) is body
    assert Secrets().mask_bytes(body) is body


def test_of_many_secrets_each_is_found_and_the_search_stays_as_quick():
    secrets = known(*(f"{number:06d}{TOKEN}" for number in range(10 * MANY)))

    for number in (0, MANY - 1, MANY, 10 * MANY - 1):
        assert secrets.mask(f"a {number:06d}{TOKEN} b") == "a [secret] b"
    assert len(secrets._look(b"nothing to see here" * 1000)) == 0
    assert secrets._short == {}, "what is searched for one by one"


@pytest.mark.parametrize("sign", ["\\", "%25", "&amp;", "%", "\\u0025", "&#", "\0"])
def test_a_long_row_of_escapes_takes_no_long_time(sign):
    secrets, row = known(TOKEN), sign * (100_000 // len(sign))
    began = time.process_time()

    secrets.mask(f"{TOKEN} {row}")
    secrets.mask(f"%33{TOKEN[1:]} {row}")

    assert time.process_time() - began < 20


def test_a_long_text_with_an_escaped_secret_is_dropped_and_one_with_a_plain_secret_is_not():
    secrets, filling = known(TOKEN), "x" * LARGE

    assert secrets.mask(f"{filling} {TOKEN}") == f"{filling} [secret]"
    assert secrets.mask(filling + "".join(f"%{ord(char):02x}" for char in TOKEN)) == "[secret]"


@pytest.mark.parametrize(
    "write", [lambda log, form: log.info("got %s here", form), lambda log, form: log.info(form)]
)
def test_a_secret_is_masked_in_a_log_record(log, write):
    for spelling in spellings(SECRET).values():
        write(log, spelling)

    assert leaks(SECRET, log.text().encode()) == []
    assert log.text().count("[secret]") == len(spellings(SECRET))


def test_a_secret_inside_an_object_is_masked(log):
    log.info("%r %s", {"header": SECRET}, [SECRET])

    assert SECRET not in log.text()


def test_a_secret_in_an_exception_and_its_cause_is_masked(log):
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise RuntimeError("second") from error
    except RuntimeError:
        log.exception("failed")

    assert SECRET not in log.text()
    assert "RuntimeError: second" in log.text()


def test_what_a_terminal_would_obey_is_shown_as_an_escape_in_a_log_record(log):
    log.info("%s\n\tsecond line", "a\x1b[2J\x9b31m\r\u202e")

    assert log.text() == "a\\x1b[2J\\x9b31m\\r\\u202e\n\tsecond line\n"


def test_other_records_stay_as_they_are(log):
    log.info("%d of %s", 3, "four")

    assert log.text() == "3 of four\n"


def test_a_shorter_secret_inside_a_longer_one_leaves_nothing_behind():
    assert known("secret", "secret-and-more").mask("x secret-and-more y") == "x [secret] y"


def test_installed_once_it_masks_on_handlers_added_later_too():
    factory = logging.getLogRecordFactory()
    stream = io.StringIO()
    logger = logging.getLogger("test.redaction")
    logger.propagate = False
    try:
        install_redaction([SECRET])
        install_redaction(["another-secret"])
        handler = logging.StreamHandler(stream)
        logger.addHandler(handler)
        logger.warning("%s and another-secret", SECRET)
    finally:
        logger.removeHandler(handler)
        logging.setLogRecordFactory(factory)

    assert stream.getvalue() == "[secret] and [secret]\n"


def test_a_name_is_masked_as_a_whole_word_only():
    names = known("user", names=True)

    assert names.mask("user:x user@h superuser users") == "[secret]:x [secret]@h superuser users"


def test_a_name_is_masked_in_base64_wherever_it_stands():
    secrets = known("al:secret-of-it")
    secrets.add(["alice-1"], names=True)
    encoded = "YWxpY2UtMTp4"  # alice-1:x

    assert encoded[:8] not in secrets.mask(encoded)


def test_a_word_that_the_api_is_not_told_changes_none_of_its_answers():
    install_redaction(["the-token"])
    install_redaction(["raspberry", "gate-word-7"], names=["maker-of-things"], told_api=False)

    given = [("X-Error", "the-token raspberry"), ("ETag", "gate-word-7")]
    headers, body = mask_answer(given, b"the-token gate-word-7 raspberry maker-of-things")
    shown = masked("the-token gate-word-7 raspberry maker-of-things")

    assert body == b"[secret] [secret] raspberry maker-of-things"
    assert headers == [("X-Error", "[secret] raspberry"), ("ETag", "[secret]")]
    assert shown == "[secret] [secret] [secret] [secret]"


def test_a_word_that_the_api_is_told_after_all_is_masked_in_its_answers_from_then_on():
    secrets = known("raspberry-pi-", in_answers=False)

    secrets.add(["raspberry-pi-"])

    assert secrets.mask_bytes(b"a raspberry-pi-") == b"a [secret]"


def test_a_short_secret_is_masked_in_logs_and_changes_no_body():
    secrets = known("test")

    assert secrets.mask("Bearer test") == "Bearer [secret]"
    assert secrets.mask_bytes(b'{"name": "test cube"}') == b'{"name": "test cube"}'
