import json
import urllib.error
import urllib.request

import pytest

from tests.sandbox.client import fetch
from tvspiders.sandbox import SandboxConfig, running, token_label
from tvspiders.sandbox.server import Server


@pytest.fixture
def sandbox():
    with running(SandboxConfig(things=1000)) as running_sandbox:
        yield running_sandbox


def get(sandbox, path):
    reply = fetch(sandbox.url, f"/_sandbox{path}", token=None)
    assert reply.status == 200, reply.body
    return reply.json()


def post(sandbox, path):
    reply = fetch(sandbox.url, f"/_sandbox{path}", token=None, method="POST")
    assert reply.status == 200, reply.body
    return reply.json()


def test_the_index_names_every_path_and_no_secret(sandbox):
    index = get(sandbox, "")

    assert "GET /_sandbox/counters" in index["paths"]
    assert "POST /_sandbox/advance" in index["paths"]
    assert index["config"]["things"] == 1000
    assert index["config"]["tokens"] == 0


def test_counters_and_journal_tell_what_was_asked(sandbox):
    for target in ("/things/2", "/things/2", "/categories?page=1"):
        fetch(sandbox.url, target, token="abc")

    counters, journal = get(sandbox, "/counters"), get(sandbox, "/journal?since=1")

    assert counters["requests"] == 3
    assert counters["duplicates"] == 1
    assert counters["by_token"] == {token_label("abc"): 3}
    assert [(entry["n"], entry["path"], entry["status"]) for entry in journal["entries"]] == [
        (1, "/things/2", 200),
        (2, "/categories?page=1", 200),
    ]
    assert journal["next"] == 3
    assert post(sandbox, "/reset") == {"ok": True}
    assert get(sandbox, "/counters")["requests"] == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80", "Origin": "http://evil.example:80"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "192.0.2.7"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/advance"), ("GET", "/journal"), ("GET", "")])
def test_a_web_page_neither_reads_nor_changes_anything(sandbox, method, path, headers):
    reply = fetch(sandbox.url, f"/_sandbox{path}", token=None, method=method, **headers)

    assert reply.status == 403
    assert reply.json()["error"].startswith("asked by")
    assert get(sandbox, "/clock") == {"day": 0}


def test_a_page_of_its_own_and_a_program_may_ask(sandbox):
    own = {"Origin": sandbox.url, "Sec_Fetch_Site": "same-origin"}

    assert fetch(sandbox.url, "/_sandbox/advance", token=None, method="POST", **own).status == 200
    assert get(sandbox, "/clock") == {"day": 1}


@pytest.mark.parametrize(("kind", "status"), [("text/plain", 403), ("application/json", 200)])
def test_a_body_must_be_json(sandbox, kind, status):
    request = urllib.request.Request(
        f"{sandbox.url}/_sandbox/advance", data=b'{"days": 2}', headers={"Content-Type": kind}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            found = answer.status
    except urllib.error.HTTPError as error:
        found = error.code
        error.close()

    assert found == status
    assert get(sandbox, "/clock") == {"day": 2 if status == 200 else 0}


def test_control_requests_are_no_api_requests(sandbox):
    get(sandbox, "/counters")

    assert sandbox.counters["requests"] == 0


def test_the_oracle_answers_over_http_as_in_python(sandbox):
    oracle = sandbox.oracle

    assert get(sandbox, "/oracle/search?term=planters&sort=newest&limit=3") == oracle.search(
        "planters", sort="newest", limit=3
    )
    assert get(sandbox, "/oracle/things/2") == oracle.thing(2)
    assert get(sandbox, "/oracle/things?ids=1,2,3") == oracle.things([1, 2, 3])
    assert get(sandbox, "/oracle/users/makerbot") == oracle.user("MakerBot")
    assert get(sandbox, "/oracle/categories/robotics?limit=2") == oracle.category("robotics", limit=2)
    assert get(sandbox, "/oracle/remixes?things=2,3&direction=children&depth=1") == oracle.remixes(
        [2, 3], direction="children", depth=1
    )
    assert get(sandbox, "/oracle/remixes?things=2&depth=all") == oracle.remixes([2])


def test_the_oracle_knows_other_days(sandbox):
    assert get(sandbox, "/oracle/things/2?day=90") == sandbox.front.oracle(90).thing(2)


def test_the_clock_is_read_and_advanced(sandbox):
    assert get(sandbox, "/clock") == {"day": 0}
    assert post(sandbox, "/advance?days=7") == {"day": 7}
    assert post(sandbox, "/advance") == {"day": 8}
    assert get(sandbox, "/clock") == {"day": 8}


def test_faults_are_set_while_it_runs(sandbox):
    rates = post(sandbox, "/faults?rate_500=0.5&rate-null=0.5")
    assert (rates["500"], rates["null"]) == (0.5, 0.5)
    assert {fetch(sandbox.url, "/categories").status for _ in range(20)} == {200, 500}

    assert set(post(sandbox, "/faults").values()) == {0}
    assert fetch(sandbox.url, "/categories").body.startswith(b"[")


def test_the_quota_is_set_while_it_runs(sandbox):
    post(sandbox, "/quota?quota=1/1h")
    post(sandbox, "/quota?quota=none&token=free")
    assert [fetch(sandbox.url, "/categories").status for _ in range(2)] == [200, 429]
    assert [fetch(sandbox.url, "/categories", token="free").status for _ in range(2)] == [200, 200]

    post(sandbox, "/quota?quota=none")
    assert fetch(sandbox.url, "/categories").status == 200


def test_tokens_are_revoked_and_restored_while_it_runs(sandbox):
    post(sandbox, "/revoke?token=t")
    assert fetch(sandbox.url, "/categories").status == 401
    post(sandbox, "/restore?token=t")
    assert fetch(sandbox.url, "/categories").status == 200


def test_sources_are_blocked_and_unblocked_while_it_runs(sandbox):
    assert post(sandbox, "/block?source=127.0.0.1") == {"blocked": ["127.0.0.1"]}
    with pytest.raises(TimeoutError):
        fetch(sandbox.url, "/categories", timeout=0.2)
    assert post(sandbox, "/unblock") == {"blocked": []}
    assert fetch(sandbox.url, "/categories").status == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "part"),
    [
        ("GET", "/nope", 404, "no GET"),
        ("GET", "/advance", 404, "no GET"),
        ("POST", "/advance?days=-1", 400, "forward"),
        ("POST", "/advance?days=x", 400, "invalid literal"),
        ("POST", "/quota", 400, "'quota' is missing"),
        ("POST", "/quota?quota=5", 400, "accepted: 300/5m"),
        ("POST", "/faults?rate_500=2", 400, "accepted: 0 to 1"),
        ("POST", "/faults?nonsense=1", 400, "accepted: 500"),
        ("POST", "/revoke", 400, "'token' is missing"),
        ("GET", "/oracle/things", 400, "'ids' is missing"),
        ("GET", "/oracle/remixes?things=2&direction=up", 400, "accepted: both"),
    ],
)
def test_wrong_requests_are_told_what_is_accepted(sandbox, method, path, status, part):
    reply = fetch(sandbox.url, f"/_sandbox{path}", token=None, method=method)

    assert reply.status == status
    assert part in reply.json()["error"]


def test_parameters_can_come_as_json(sandbox):
    body = json.dumps({"things": [2, 3], "depth": 1}).encode()
    request = urllib.request.Request(f"{sandbox.url}/_sandbox/oracle/remixes", data=body, method="GET")
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert json.load(answer) == sandbox.oracle.remixes([2, 3], depth=1)


def test_without_the_switch_there_is_no_control():
    assert Server(SandboxConfig(things=100))._control is None
