import base64
import copy
import pickle

import pytest

from tvspiders.errors import ConfigProblem
from tvspiders.policies.security.proxy_address import Gateway, Proxies, ProxyAddress

GATEWAY = "http://acme-country-{country}-session-{session}:s3cret@gate.example:9000"


def read(**environment):
    return Proxies.from_environment(environment)


def basic(address):
    scheme, _, text = address.authorization().partition(b" ")
    assert scheme == b"Basic"
    return base64.b64decode(text).decode()


def test_without_the_variables_there_are_no_proxies():
    assert read() is None
    assert read(THINGIVERSE_PROXY=" , ") is None


def test_an_address_keeps_its_credentials_to_itself():
    address = ProxyAddress.parse("http://alice:s3cret@gate.example:9000")

    assert basic(address) == "alice:s3cret"
    assert "alice" not in repr(address) + str(address)
    assert "s3cret" not in repr(address) + str(address)
    assert str(address) == "gate.example:9000"


@pytest.mark.parametrize("write_down", [pickle.dumps, copy.copy])
@pytest.mark.parametrize("secret", [ProxyAddress.parse("http://a:b@c"), Gateway(GATEWAY)])
def test_secrets_are_never_written_down(write_down, secret):
    with pytest.raises(TypeError):
        write_down(secret)


def test_percent_encoded_credentials_are_decoded():
    assert basic(ProxyAddress.parse("http://al%40ice:p%3Aa%2Fs%20s@h:1")) == "al@ice:p:a/s s"


@pytest.mark.parametrize(
    ("url", "place"),
    [("gate.example", "gate.example:80"), ("h:8080", "h:8080"), ("http://[::1]:3128/", "[::1]:3128")],
)
def test_what_is_left_out_has_a_default(url, place):
    address = ProxyAddress.parse(url)

    assert str(address) == place
    assert address.authorization() is None


@pytest.mark.parametrize(
    "url",
    [
        "https://u:s3cret@h:1",
        "socks5://u:s3cret@h:1",
        "http://u:s3cret@",
        "http://u:s3cret@h:port",
        "http://u:s3cret@h:99999",
        "http://u:s3cret@h:1/path",
        "http://u:s3cret@h:1?x=1",
        "http://:s3cret@h:1",
        "http://u%3Av:s3cret@h:1",
        "http://u:s3cret@[::1",
    ],
)
def test_what_cannot_be_used_is_refused_without_showing_it(url):
    with pytest.raises(ConfigProblem) as problem:
        read(THINGIVERSE_PROXY=url)

    assert "s3cret" not in str(problem.value)
    assert "http" in str(problem.value)


def test_a_gateway_makes_an_address_for_each_session():
    gateway = read(THINGIVERSE_PROXY=GATEWAY).gateway

    assert basic(gateway.session("a1", "de")) == "acme-country-de-session-a1:s3cret"
    assert str(gateway.session("a1", "de")) == "gate.example:9000"
    assert gateway.has_country
    assert repr(gateway) == "Gateway(gate.example:9000)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("http://u:s3cret@{session}.example:1", "user name or password"),
        ("http://{session}@h:1 http://u:s3cret@h:1", "one gateway"),
        ("http://u-{country}:s3cret@h:1", "no {session}"),
        ("http://u-{sesion}-{session}:s3cret@h:1", "{sesion}"),
    ],
)
def test_a_gateway_that_makes_no_sense_is_refused(text, said):
    with pytest.raises(ConfigProblem) as problem:
        read(THINGIVERSE_PROXY=text)

    assert said in str(problem.value)
    assert "s3cret" not in str(problem.value)


def test_the_session_may_stand_in_the_password():
    gateway = read(THINGIVERSE_PROXY="http://acme:s3cret_session-{session}@h:1").gateway

    assert basic(gateway.session("a1", None)) == "acme:s3cret_session-a1"


def test_a_list_keeps_its_order_and_drops_repetitions():
    text = "http://a:1@h:1, http://b:1@h:1\nhttp://a:1@h:1"

    assert [basic(address) for address in read(THINGIVERSE_PROXY=text).addresses] == ["a:1", "b:1"]


def test_two_users_of_one_host_are_two_proxies_at_one_place():
    proxies = read(THINGIVERSE_PROXY="http://a:1@h:1 http://b:1@h:1 http://c:1@h:2")

    assert [str(place) for place in proxies.endpoints] == ["h:1", "h:2"]


def test_a_file_has_one_address_a_line(tmp_path):
    file = tmp_path / "proxies"
    file.write_text("# ours\nhttp://a:pass%23word@h:1\n\n  http://b:2@h:2\n")

    proxies = read(THINGIVERSE_PROXY="http://c:3@h:3", THINGIVERSE_PROXY_FILE=str(file))

    assert [str(address) for address in proxies.addresses] == ["h:3", "h:1", "h:2"]


@pytest.mark.parametrize("content", [None, "# none\n", b"\xff"])
def test_a_file_that_says_nothing_is_refused(tmp_path, content):
    file = tmp_path / "proxies"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(ConfigProblem, match="THINGIVERSE_PROXY_FILE"):
        read(THINGIVERSE_PROXY_FILE=str(file))


def test_a_file_that_others_can_read_is_refused(tmp_path):
    file = tmp_path / "proxies"
    file.write_text("http://a:pass-word@h:1")
    file.chmod(0o644)

    with pytest.raises(ConfigProblem, match="others can read or write") as caught:
        read(THINGIVERSE_PROXY_FILE=str(file))

    assert "pass-word" not in str(caught.value)


def test_the_fixed_parts_of_a_gateway_are_secret():
    secrets = set(read(THINGIVERSE_PROXY=GATEWAY).secrets())

    assert secrets == {"acme-country-", "-session-", "s3cret"}


def test_password_and_pair_are_secret_and_the_user_is_a_name():
    proxies = read(THINGIVERSE_PROXY="http://alice:s3cret@h:1")

    assert set(proxies.secrets()) == {"s3cret", "alice:s3cret"}
    assert set(proxies.names()) == {"alice"}
