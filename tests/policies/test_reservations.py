import asyncio
from itertools import pairwise

import pytest

from tests.policies.virtual_time import clock, run
from tvspiders.errors import StoreBusy
from tvspiders.policies.quota.limit import Quota
from tvspiders.policies.quota.reservations import TokenReservations
from tvspiders.policies.quota.store import MemoryStore
from tvspiders.policies.security.tokens import Token

TOKEN = Token("aaaaaaaa1111", "token-1")


class Slow(MemoryStore):
    """Answers after ``delay`` seconds, or not at all while ``down``."""

    shared = True

    def __init__(self, quota, delay=0.0):
        super().__init__(quota, True, clock)
        self.delay = delay
        self.down = False

    async def change(self, token, change):
        result = await super().change(token, change)
        await asyncio.sleep(self.delay)
        if self.down:
            raise StoreBusy("database is locked")
        return result


async def take(reservations, number):
    """Use slots as they come due; returns when each was used."""
    moments = []
    while len(moments) < number:
        rest = await reservations.fetch(clock, 16 - len(reservations.slots))
        if rest == 0:
            reservations.slots.pop(0)
            moments.append(clock())
        else:
            await asyncio.sleep(rest or 0.0)
    return moments


def test_a_slow_store_does_not_slow_the_pace():
    async def case():
        reservations = TokenReservations(TOKEN, Slow(Quota(300, 15.0), delay=0.2))
        return await take(reservations, 100)

    moments = run(case())

    gaps = [late - early for early, late in pairwise(moments)]
    assert max(gaps[5:]) < 0.1


def test_a_store_that_is_away_for_a_moment_is_not_felt():
    async def case():
        store = Slow(Quota(300, 300.0))
        reservations = TokenReservations(TOKEN, store)
        await take(reservations, 2)
        await reservations.fetch(clock, 5)
        store.down = True
        taken = await take(reservations, len(reservations.slots))
        with pytest.raises(StoreBusy):
            await take(reservations, 9)
        return taken

    assert len(run(case())) >= 1


def test_slots_reserved_before_a_refusal_was_told_are_void():
    async def case():
        store = Slow(Quota(300, 15.0), delay=0.5)
        reservations = TokenReservations(TOKEN, store)
        await reservations.reserve(clock(), 1)
        late = asyncio.ensure_future(reservations.reserve(clock(), 9))
        await asyncio.sleep(0.1)
        store.delay = 0.0
        await reservations.refused(clock(), clock(), None)
        await late
        return list(reservations.slots)

    assert run(case()) == []


def test_nothing_is_reserved_while_a_refusal_is_told():
    async def case():
        store = Slow(Quota(300, 15.0), delay=0.5)
        reservations = TokenReservations(TOKEN, store)
        await reservations.reserve(clock(), 1)
        telling = asyncio.ensure_future(reservations.refused(clock(), clock(), None))
        await asyncio.sleep(0)
        rest = await reservations.fetch(clock, 5)
        slots = list(reservations.slots)
        await telling
        return rest, slots, reservations.refusals_being_stored

    rest, slots, closing = run(case())

    assert rest > 0
    assert (slots, closing) == ([], 0)


@pytest.mark.parametrize("served", [True, False])
def test_a_slow_answer_may_have_arrived_late(served):
    reservations = TokenReservations(TOKEN, MemoryStore(Quota(300, 300.0)))

    assert reservations.arrived(100.0, 104.0, 300.0, served) == 104.0
    assert reservations.arrived(100.0, 1000.0, 300.0, served) == 250.0


def test_the_usual_time_on_the_way_is_no_lateness():
    reservations = TokenReservations(TOKEN, MemoryStore(Quota(300, 300.0)))
    for _ in range(21):
        reservations.arrived(0.0, 0.5, 300.0, True)

    assert reservations.arrived(100.0, 100.75, 300.0, True) == 100.25
    assert reservations.arrived(100.0, 100.25, 300.0, False) == 100.0
