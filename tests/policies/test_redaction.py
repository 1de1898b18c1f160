import base64
import io
import logging
from urllib.parse import quote

import pytest

from tvspiders.policies import redaction
from tvspiders.policies.redaction import RedactingFilter, install_redaction

SECRET = "s3cr3t/token+value==%"


@pytest.fixture
def log():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter([SECRET]))
    logger = logging.Logger("test", logging.DEBUG)
    logger.addHandler(handler)
    logger.text = stream.getvalue
    return logger


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode().rstrip("=")[:-1],
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("=")[:-1],
    ],
)
@pytest.mark.parametrize(
    "write", [lambda log, form: log.info("got %s here", form), lambda log, form: log.info(form)]
)
def test_a_secret_is_masked_in_every_form(log, form, write):
    write(log, form)

    assert form not in log.text()
    assert "[secret]" in log.text()


@pytest.mark.parametrize("user", ["u", "us", "use", "user"])
def test_a_secret_inside_a_basic_authorization_is_masked(log, user):
    encoded = base64.b64encode(f"{user}:{SECRET}".encode()).decode()

    log.info("Proxy-Authorization: Basic %s", encoded)

    assert encoded not in log.text()


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


def test_other_records_stay_as_they_are(log):
    log.info("%d of %s", 3, "four")

    assert log.text() == "3 of four\n"


def test_a_shorter_secret_inside_a_longer_one_leaves_nothing_behind():
    assert RedactingFilter(["secret", "secret-and-more"]).mask("x secret-and-more y") == "x [secret] y"


def test_installed_once_it_masks_on_handlers_added_later_too(monkeypatch):
    factory = logging.getLogRecordFactory()
    monkeypatch.setattr(redaction, "_FILTER", RedactingFilter())
    monkeypatch.setattr(redaction, "_BODIES", RedactingFilter())
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
        for other in logging.getLogger().handlers:
            other.removeFilter(redaction._FILTER)
        logging.setLogRecordFactory(factory)

    assert stream.getvalue() == "[secret] and [secret]\n"


def test_a_name_is_masked_as_a_whole_word_only():
    masking = RedactingFilter()
    masking.add([], names=["user"])

    assert masking.mask("user:x user@h superuser users") == "[secret]:x [secret]@h superuser users"


def test_a_name_is_masked_in_base64_wherever_it_stands():
    masking = RedactingFilter()
    masking.add(["al:secret-of-it"], names=["alice-1"])
    encoded = base64.b64encode(b"alice-1:x").decode()

    assert encoded[:8] not in masking.mask(encoded)


def test_only_what_the_api_is_told_is_masked_in_its_answers(monkeypatch):
    factory = logging.getLogRecordFactory()
    monkeypatch.setattr(redaction, "_FILTER", RedactingFilter())
    monkeypatch.setattr(redaction, "_BODIES", RedactingFilter())
    try:
        install_redaction(["the-token"])
        install_redaction(["thing"], names=["maker"], told_api=False)
        masked = redaction.scrub(b"the-token thing maker")
        logged = redaction._FILTER.mask("the-token thing maker")
    finally:
        for other in logging.getLogger().handlers:
            other.removeFilter(redaction._FILTER)
        logging.setLogRecordFactory(factory)

    assert masked == b"[secret] thing maker"
    assert logged == "[secret] [secret] [secret]"


def test_a_short_secret_is_masked_in_logs_and_changes_no_body():
    masking = RedactingFilter(["test"])

    assert masking.mask("Bearer test") == "Bearer [secret]"
    assert masking.mask_bytes(b'{"name": "test cube"}') == b'{"name": "test cube"}'
