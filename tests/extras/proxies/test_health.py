import pytest

from tvspiders.extras.proxies.health import LONGEST, WASTE, Cooldowns, OutageDetector, ProxyRoute


class Holder:
    """Something that holds an exit, as a request does."""


def in_the_middle(low, high):
    return high


def test_an_unproven_exit_takes_one_request_and_a_proven_one_two():
    exit_, holders = ProxyRoute("exit-1", None), [Holder(), Holder()]

    assert exit_.room
    exit_.flying.add(holders[0])
    assert not exit_.room
    exit_.answered()
    assert exit_.room
    exit_.flying.add(holders[1])
    assert not exit_.room


def test_a_request_that_is_lost_gives_its_place_back():
    exit_, holder = ProxyRoute("exit-1", None), Holder()
    exit_.flying.add(holder)

    del holder

    assert exit_.room


def test_a_blocked_exit_costs_three_requests_before_it_is_left_alone_for_an_hour():
    rests, exit_ = Cooldowns(60, in_the_middle), ProxyRoute("exit-1", None)
    exit_.answered()
    under_way = WASTE - 1

    seconds = [rests.of(exit_, "timeout") for _ in range(under_way)]
    seconds.append(rests.of(exit_, "timeout"))

    assert seconds == [60, 240, LONGEST]


def test_an_answer_ends_the_growth():
    rests, exit_ = Cooldowns(60, in_the_middle), ProxyRoute("exit-1", None)
    rests.of(exit_, "timeout")
    exit_.answered()

    assert rests.of(exit_, "timeout") == 60


def test_nobody_there_wastes_nothing_and_rests_shortly():
    rests, exit_ = Cooldowns(60, in_the_middle), ProxyRoute("exit-1", None)

    assert [rests.of(exit_, "refused") for _ in range(6)] == [6, 12, 24, 48, 60, 60]
    assert exit_.wasted == 0


def test_a_foreign_certificate_rests_for_an_hour_at_once():
    assert Cooldowns(60).of(ProxyRoute("exit-1", None), "certificate") == LONGEST


@pytest.mark.parametrize("reason", ["connection", "truncated"])
def test_an_exit_that_worked_is_not_rested_for_one_connection_that_was_cut(reason):
    rests, exit_ = Cooldowns(60, in_the_middle), ProxyRoute("exit-1", None)
    exit_.answered()

    assert [rests.of(exit_, reason) for _ in range(3)] == [0, 60, LONGEST]


def test_a_rest_is_shortened_by_chance_so_that_not_all_come_back_together():
    seconds = {Cooldowns(60).of(ProxyRoute("exit-1", None), "timeout") for _ in range(20)}

    assert len(seconds) > 1
    assert all(45 <= rest <= 60 for rest in seconds)


def fail(trouble, *reasons, labels=None, now=0.0):
    for number, reason in enumerate(reasons):
        trouble.failed(now, (labels or ["gateway"] * len(reasons))[number], reason)


def verdict(trouble, now=0.0, next_try=0.0, exits=None):
    return trouble.verdict(now, next_try, exits)


def test_without_trouble_nobody_gives_up():
    assert verdict(OutageDetector(300), now=1e6, next_try=2e6) is None


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("tunnel-407", "proxy_login"),
        ("status-407", "proxy_login"),
        ("refused", "proxy_unreachable"),
        ("dns", "proxy_unreachable"),
        ("certificate", "proxy_certificate"),
        ("timeout", None),
        ("tunnel-502", None),
    ],
)
def test_what_waiting_does_not_mend_ends_a_crawl_that_never_worked(reason, why):
    trouble = OutageDetector(300)
    fail(trouble, reason, reason)
    assert verdict(trouble) is None
    fail(trouble, reason)

    assert verdict(trouble) == why


def test_of_a_list_every_exit_must_have_failed_so():
    trouble = OutageDetector(300)
    fail(trouble, *["tunnel-407"] * 5, labels=["a", "a", "b", "b", "b"])
    assert verdict(trouble, exits=3) is None
    fail(trouble, "tunnel-407", labels=["c"])

    assert verdict(trouble, exits=3) == "proxy_login"


def test_one_that_failed_otherwise_leaves_hope():
    trouble = OutageDetector(300)
    fail(trouble, "tunnel-407", "timeout", "tunnel-407", labels=["a", "b", "c"])

    assert verdict(trouble, exits=3) is None


def test_after_an_answer_even_407_is_waited_for():
    trouble = OutageDetector(300)
    trouble.answered()
    fail(trouble, *["tunnel-407"] * 9)

    assert verdict(trouble, next_try=60) is None


@pytest.mark.parametrize(("answered", "patience"), [(True, 300), (False, 60)])
def test_patience_is_shorter_with_proxies_that_never_worked(answered, patience):
    trouble = OutageDetector(300)
    if answered:
        trouble.answered()
    fail(trouble, "timeout", now=1000)

    assert verdict(trouble, now=1001, next_try=1000 + patience) is None
    assert verdict(trouble, now=1001, next_try=1001 + patience) == "proxies"


def test_patience_begins_anew_with_each_trouble():
    trouble = OutageDetector(300)
    fail(trouble, "timeout", now=0)
    trouble.answered()
    fail(trouble, "timeout", now=1000)

    assert verdict(trouble, now=1000, next_try=1200) is None
