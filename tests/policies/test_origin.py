import pytest

from tvspiders.errors import ConfigProblem, ForeignOrigin
from tvspiders.policies.security.origin import Origin

API = Origin.of_api("https://api.thingiverse.com")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.thingiverse.com",
        "https://api.thingiverse.com/things/1?a=b#c",
        "https://API.Thingiverse.com:443/",
        "HTTPS://api.thingiverse.com/x@y",
    ],
)
def test_urls_of_the_api_pass(url):
    API.require(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.thingiverse.com/things/1",
        "https://www.thingiverse.com/",
        "https://api.thingiverse.com:8443/",
        "https://api.thingiverse.com.evil.example/",
        "https://api.thingiverse.com@evil.example/",
        "https://user:pass@api.thingiverse.com/",
        "https://evil.example/?https://api.thingiverse.com/",
        "https://evil.example\\@api.thingiverse.com/",
        "https://api.thingiverse.com\t.evil.example/",
        "https://api.thingiverse.com./",
        "//api.thingiverse.com/",
        "file:///etc/passwd",
        "ftp://api.thingiverse.com/",
        "data:text/plain,x",
        "https:///things/1",
        "https://[::1/",
        "https://api.thingiverse.com:99999/",
        "https://аpi.thingiverse.com/",
        "",
    ],
)
def test_every_other_url_is_refused_without_being_shown(url):
    with pytest.raises(ForeignOrigin) as caught:
        API.require(url)

    assert "pass@" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:80"])
def test_plain_http_is_for_this_machine_only(url):
    assert Origin.of_api(url).is_loopback


@pytest.mark.parametrize(
    "url",
    ["http://api.thingiverse.com", "http://127.0.0.1.evil.example", "http://10.0.0.1", "ftp://x", "x", ""],
)
def test_a_wrong_api_url_is_refused_in_one_line(url):
    with pytest.raises(ConfigProblem, match="THINGIVERSE_API_URL"):
        Origin.of_api(url)
