import argparse

import pytest

from tvspiders.sandbox.config import FAULTS, ConfigError, Quota, SandboxConfig
from tvspiders.sandbox.options import add_options, config_from

EVERYTHING = """
--port 8123 --host 127.0.0.2 --things 500 --seed 7 --day 3 --vintage 2021 --accept a --accept b
--revoke a@5 --quota 30/3s --token-quota b=60/1m --quota-align first --limit-status 200
--retry-after date --rate-headers --latency 5 --jitter 2.5 --block 127.0.0.3 --page-cap 50
--search-page-cap 100 --oddity short --oddity drift --plain-list --null-hits --guide
--certfile c --keyfile k --control --journal 9 --app-token r --client 1=one --client 2=t=wo
--sign-in number --sign-in drop-state --unanswered-writes 2 --public-challenge
--vocabulary makes --vocabulary no-ancestors --heeds dates --no-old-listings --window-status 400
"""


def parsed(*words):
    parser = argparse.ArgumentParser()
    add_options(parser)
    return config_from(parser.parse_args(words))


def test_without_options_the_defaults_hold():
    assert parsed() == SandboxConfig()


def test_each_option_reaches_its_switch():
    rates = [word for fault in FAULTS for word in (f"--rate-{fault}", "0.05")]

    config = parsed(*EVERYTHING.split(), *rates)

    assert config == SandboxConfig(
        port=8123, host="127.0.0.2", things=500, seed=7, day=3, vintage=2021, tokens=frozenset("ab"),
        revoke={"a": 5}, quota=Quota(30, 3), token_quotas={"b": Quota(60, 60)}, quota_align="first",
        limit_status=200, retry_after="date", rate_headers=True, latency=5, jitter=2.5,
        block=frozenset({"127.0.0.3"}), page_cap=50, search_page_cap=100,
        oddities=frozenset({"short", "drift"}), plain_list=True, null_hits=True, guide=True, certfile="c",
        keyfile="k", control=True, journal=9, app_tokens=frozenset("r"), clients={"1": "one", "2": "t=wo"},
        sign_in=frozenset({"number", "drop-state"}), unanswered_writes=2, public_challenge=True,
        vocabulary=frozenset({"makes", "no-ancestors"}), heeds=frozenset({"dates"}), old_listings=False,
        window_status=400,
        **{f"rate_{fault}": 0.05 for fault in FAULTS},
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        "--things 99", "--things 6000001", "--things x", "--things １２３", "--things -5", "--port 70000",
        "--seed x", "--vintage 2020", "--quota 300", "--quota-align never", "--limit-status 99",
        "--retry-after soon",
        "--latency -1", "--latency nan", "--latency x", "--rate-500 1.5", "--rate-500 -0.1",
        "--rate-500 x", "--rate-500 0.6 --rate-null 0.6", "--oddity strange", "--vocabulary strange",
        "--heeds all", "--window-status 201",
        "--revoke a", "--revoke a@x",
        "--token-quota 5/1m", "--client a", "--client =b", "--sign-in strange", "--unanswered-writes x",
        "--token-quota a=5",
        "--host 0.0.0.0", "--host 192.168.0.1", "--host example.org",
        "--host ::", "--page-cap 0", "--keyfile k", "--day x", "--journal x",
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_in_one_line_with_what_is_accepted(words):
    with pytest.raises(ConfigError, match="accepted: ") as caught:
        parsed(*words.split())
    assert "\n" not in str(caught.value)


def test_a_large_number_is_repeated_as_it_was_given():
    with pytest.raises(ConfigError, match=r"^things 7000000 is not accepted; accepted: 100 to 6000000$"):
        parsed("--things", "7000000")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_every_loopback_address_is_accepted(host):
    assert SandboxConfig(host=host).host == host
