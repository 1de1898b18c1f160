import pytest

from tvspiders.extras.proxies.health import (
    LONG_COOLDOWN_SECONDS,
    MAX_FAILURES,
    Cooldowns,
    OutageDetector,
    ProxyRoute,
)


class Holder:
    """Something that holds an exit, as a request does."""


def in_the_middle(low, high):
    return high


def test_an_unproven_exit_takes_one_request_and_a_proven_one_two():
    route, holders = ProxyRoute("exit-1", None), [Holder(), Holder()]

    assert route.room
    route.in_flight.add(holders[0])
    assert not route.room
    route.answered()
    assert route.room
    route.in_flight.add(holders[1])
    assert not route.room


def test_a_request_that_is_lost_gives_its_place_back():
    route, holder = ProxyRoute("exit-1", None), Holder()
    route.in_flight.add(holder)

    del holder

    assert route.room


def test_a_blocked_exit_costs_three_requests_before_it_is_left_alone_for_an_hour():
    cooldowns, route = Cooldowns(60, in_the_middle), ProxyRoute("exit-1", None)
    route.answered()
    in_flight = MAX_FAILURES - 1

    seconds = [cooldowns.after_failure(route, "timeout") for _ in range(in_flight)]
    seconds.append(cooldowns.after_failure(route, "timeout"))

    assert seconds == [60, 240, LONG_COOLDOWN_SECONDS]


def test_an_answer_ends_the_growth():
    cooldowns, route = Cooldowns(60, in_the_middle), ProxyRoute("exit-1", None)
    cooldowns.after_failure(route, "timeout")
    route.answered()

    assert cooldowns.after_failure(route, "timeout") == 60


def test_nobody_there_wastes_nothing_and_rests_shortly():
    cooldowns, route = Cooldowns(60, in_the_middle), ProxyRoute("exit-1", None)

    assert [cooldowns.after_failure(route, "refused") for _ in range(6)] == [6, 12, 24, 48, 60, 60]
    assert route.failures == 0


def test_a_foreign_certificate_rests_for_an_hour_at_once():
    assert Cooldowns(60).after_failure(ProxyRoute("exit-1", None), "certificate") == LONG_COOLDOWN_SECONDS


@pytest.mark.parametrize("reason", ["connection", "truncated"])
def test_an_exit_that_worked_is_not_rested_for_one_connection_that_was_cut(reason):
    cooldowns, route = Cooldowns(60, in_the_middle), ProxyRoute("exit-1", None)
    route.answered()

    assert [cooldowns.after_failure(route, reason) for _ in range(3)] == [0, 60, LONG_COOLDOWN_SECONDS]


def test_a_rest_is_shortened_by_chance_so_that_not_all_come_back_together():
    seconds = {Cooldowns(60).after_failure(ProxyRoute("exit-1", None), "timeout") for _ in range(20)}

    assert len(seconds) > 1
    assert all(45 <= value <= 60 for value in seconds)


def fail(outage, *reasons, labels=None, now=0.0):
    for number, reason in enumerate(reasons):
        outage.failed(now, (labels or ["gateway"] * len(reasons))[number], reason)


def stop_reason(outage, now=0.0, next_try=0.0, routes=None):
    return outage.stop_reason(now, next_try, routes)


def test_without_trouble_nobody_gives_up():
    assert stop_reason(OutageDetector(300), now=1e6, next_try=2e6) is None


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
    outage = OutageDetector(300)
    fail(outage, reason, reason)
    assert stop_reason(outage) is None
    fail(outage, reason)

    assert stop_reason(outage) == why


def test_of_a_list_every_exit_must_have_failed_so():
    outage = OutageDetector(300)
    fail(outage, *["tunnel-407"] * 5, labels=["a", "a", "b", "b", "b"])
    assert stop_reason(outage, routes=3) is None
    fail(outage, "tunnel-407", labels=["c"])

    assert stop_reason(outage, routes=3) == "proxy_login"


def test_one_that_failed_otherwise_leaves_hope():
    outage = OutageDetector(300)
    fail(outage, "tunnel-407", "timeout", "tunnel-407", labels=["a", "b", "c"])

    assert stop_reason(outage, routes=3) is None


def test_after_an_answer_even_407_is_waited_for():
    outage = OutageDetector(300)
    outage.answered()
    fail(outage, *["tunnel-407"] * 9)

    assert stop_reason(outage, next_try=60) is None


@pytest.mark.parametrize(("answered", "patience"), [(True, 300), (False, 60)])
def test_patience_is_shorter_with_proxies_that_never_worked(answered, patience):
    outage = OutageDetector(300)
    if answered:
        outage.answered()
    fail(outage, "timeout", now=1000)

    assert stop_reason(outage, now=1001, next_try=1000 + patience) is None
    assert stop_reason(outage, now=1001, next_try=1001 + patience) == "proxies"


def test_patience_begins_anew_with_each_trouble():
    outage = OutageDetector(300)
    fail(outage, "timeout", now=0)
    outage.answered()
    fail(outage, "timeout", now=1000)

    assert stop_reason(outage, now=1000, next_try=1200) is None
