"""A worker knows what it holds, when to look for more, and when there is no more."""

import pytest
from scrapy import Request

from tvspiders import meta
from tvspiders.ledger.in_flight import InFlight, LeasedRequests, Options
from tvspiders.storage.queue.leases import Leased, Outlook


def stock(*numbers: int) -> LeasedRequests:
    made = LeasedRequests()
    made.ready.extend(Leased(number, f"/things/{number}", "parse", None, 0, 0, 0) for number in numbers)
    return made


def test_what_was_handed_out_is_still_ours():
    ours = stock(1, 2)

    assert ours.hand_out().id == 1

    assert list(ours.in_flight) == [1]


@pytest.mark.parametrize(
    ("outlook", "pause"),
    [
        (Outlook(queued=0, held_by_others=0, next_in=None), None),
        (Outlook(queued=1, held_by_others=0, next_in=30.0), 30.01),
        (Outlook(queued=1, held_by_others=0, next_in=3600.0), 60.0),
        (Outlook(queued=0, held_by_others=2, next_in=None), 1.0),
        (Outlook(queued=1, held_by_others=2, next_in=30.0), 1.0),
        (Outlook(queued=1, held_by_others=2, next_in=0.2), 0.21),
    ],
)
def test_the_next_look_is_when_something_may_have_changed(outlook, pause):
    assert stock().looked(False, outlook) == pytest.approx(pause)


def test_only_an_empty_outlook_means_that_there_is_no_more():
    ours = stock()
    assert not ours.exhausted  # nobody has looked

    ours.looked(False, Outlook(queued=0, held_by_others=1, next_in=None))
    assert not ours.exhausted

    ours.looked(False, Outlook(queued=0, held_by_others=0, next_in=None))
    assert ours.exhausted


def test_after_a_look_that_found_some_there_may_be_more():
    ours = stock()

    assert ours.looked(True, None) is None
    assert not ours.dry
    assert not ours.exhausted


def test_a_request_of_an_earlier_database_is_not_in_flight():
    ours = InFlight("now")
    ours.add(Leased(1, "/things/1", "parse", None, 0, 0, 0))
    requests = [
        Request("https://api/things/1", meta={meta.ID: number, meta.OWNER: owner})
        for number, owner in ((1, "now"), (1, "before"), (2, "now"))
    ]

    assert [ours.holds(request) for request in requests] == [True, False, False]
    assert (ours.end(1), ours.end(1)) == (True, False)


def test_a_kill_costs_48_requests_at_most():
    assert Options().most_lost_by_a_kill == 48
