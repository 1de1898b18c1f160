import asyncio
import time

import pytest

from tests.policies.limiter import Limiter
from tests.policies.virtual_time import clock, run
from tvspiders.errors import NoTokens, Stopped, StoreBusy
from tvspiders.policies.quota.limit import Quota
from tvspiders.policies.quota.pool import TokenPool
from tvspiders.policies.quota.store import MemoryStore
from tvspiders.policies.security.tokens import TokenSource

ONE, TWO, THREE = "aaaaaaaa1111", "bbbbbbbb2222", "cccccccc3333"
QUOTA = Quota(30, 3.0)


def make_pool(*secrets, quota=QUOTA, spread=True, store=None, stats=None, file=None):
    def count(name, amount):
        if stats is not None:
            stats[name] = stats.get(name, 0) + amount

    source = TokenSource(",".join(secrets), file)
    return TokenPool(source, store or MemoryStore(quota, spread, clock), clock, count)


async def send(pool, limiters=None, served=True):
    grant = await pool.acquire()
    token = pool.depart(grant).reveal()
    await asyncio.sleep(0.005)
    if limiters and not limiters[token].serve(clock()):
        await pool.refused(grant)
        return None
    pool.record(grant, served)
    return token


async def crawl(pool, requests, limiters=None, workers=16):
    left, tokens = requests, []

    async def worker():
        nonlocal left
        while left > 0:
            left -= 1
            token = await send(pool, limiters)
            if token is None:
                left += 1
            else:
                tokens.append(token)

    began = clock()
    await asyncio.gather(*(worker() for _ in range(workers)))
    return tokens, clock() - began


def test_a_known_quota_is_never_refused():
    async def case():
        limiters = {ONE: Limiter(QUOTA)}
        _, took = await crawl(make_pool(ONE), 1500, limiters)
        return limiters[ONE], took

    limiter, took = run(case())

    assert sum(limiter.refused) == 0
    assert took < 1500 / 10 / 0.98


def test_requests_leave_in_the_order_of_asking():
    async def case():
        pool, order = make_pool(ONE), []

        async def ask(number):
            pool.depart(await pool.acquire())
            order.append(number)

        await asyncio.gather(*(ask(number) for number in range(40)))
        return order

    assert run(case()) == list(range(40))


def test_one_token_is_used_until_it_is_spent_and_then_the_next():
    async def case():
        pool = make_pool(ONE, TWO, spread=False)
        return [await send(pool) for _ in range(60)]

    assert run(case()) == [ONE] * 30 + [TWO] * 30


def test_several_tokens_together_are_as_fast_as_their_sum():
    async def case():
        limiters = {secret: Limiter(QUOTA) for secret in (ONE, TWO, THREE)}
        _, took = await crawl(make_pool(ONE, TWO, THREE), 1800, limiters)
        return limiters, took

    limiters, took = run(case())

    assert took < 60 * 1.05
    assert sum(sum(limiter.refused) for limiter in limiters.values()) == 0


def test_a_revoked_token_and_one_with_half_the_limit_cost_less_than_five_per_cent():
    async def case():
        pool = make_pool(ONE, TWO, THREE)
        limiters = {ONE: Limiter(QUOTA), TWO: Limiter(QUOTA), THREE: Limiter(Quota(15, 3.0))}
        done, dead, left = 0, 0, 1800

        async def worker():
            nonlocal done, dead, left
            while left > 0:
                left -= 1
                grant = await pool.acquire()
                token = pool.depart(grant).reveal()
                await asyncio.sleep(0.005)
                if token == TWO and clock() > began + 30:
                    dead += 1
                    pool.retire(grant)
                elif not limiters[token].serve(clock()):
                    await pool.refused(grant)
                else:
                    pool.record(grant, served=True)
                    done += 1
                    continue
                left += 1

        began = clock()
        await asyncio.gather(*(worker() for _ in range(16)))
        return done, dead, clock() - began, limiters

    done, dead, took, limiters = run(case())

    # 25 a second until the 30th, then 15
    assert done == 1800
    assert dead <= 16
    assert took < (30 + (1800 - 750) / 15) * 1.05
    assert max(limiters[THREE].refused[2:]) <= 1


def test_a_token_at_rest_does_not_hold_up_the_others():
    async def case():
        pool = make_pool(ONE, TWO, spread=False)
        grant = await pool.acquire()
        pool.depart(grant)
        await pool.refused(grant, wait=30.0)
        began = clock()
        tokens = [await send(pool) for _ in range(30)]
        return set(tokens), clock() - began

    tokens, took = run(case())

    assert tokens == {TWO}
    assert took < 1


def test_nothing_is_sent_into_a_closed_window():
    async def case():
        pool = make_pool(ONE)
        grant = await pool.acquire()
        pool.depart(grant)
        await pool.refused(grant)
        began = clock()
        await pool.acquire()
        return clock() - began

    assert run(case()) >= 3.0


def test_a_retired_token_is_never_used_again_and_none_left_is_said():
    async def case():
        pool = make_pool(ONE)
        grant = await pool.acquire()
        waiting = asyncio.ensure_future(pool.acquire())
        await asyncio.sleep(1)
        pool.depart(grant)
        news = pool.retire(grant), pool.retire(grant)
        await waiting
        with pytest.raises(NoTokens):
            await pool.acquire()
        return news

    assert run(case()) == (True, False)


def test_a_new_token_in_the_file_is_used_when_the_last_one_is_gone(tmp_path):
    file = tmp_path / "tokens"
    file.write_text(ONE)

    async def case():
        pool = make_pool(file=file)
        grant = await pool.acquire()
        pool.depart(grant)
        file.write_text(TWO)
        pool.retire(grant)
        return await send(pool)

    assert run(case()) == TWO


def test_stop_ends_an_hours_wait_at_once():
    async def case():
        pool = make_pool(ONE, quota=Quota(1, 3600.0), spread=False)
        await send(pool)
        waiting = [asyncio.ensure_future(pool.acquire()) for _ in range(16)]
        await asyncio.sleep(5)
        began = clock()
        pool.stop()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        with pytest.raises(Stopped):
            await pool.acquire()
        return clock() - began, {type(result) for result in results}

    took, results = run(case())

    assert took < 0.001
    assert results == {Stopped}


def test_a_wait_of_an_hour_costs_no_work():
    async def case():
        pool = make_pool(ONE, quota=Quota(1, 3600.0), spread=False)
        await send(pool)
        began = time.process_time()
        await pool.acquire()
        return time.process_time() - began

    assert run(case()) < 0.5


def test_a_slot_that_was_not_used_is_given_to_the_next():
    async def case():
        pool = make_pool(ONE, quota=Quota(1, 100.0), spread=False)
        grant = await pool.acquire()
        pool.give_back(grant)
        began = clock()
        await pool.acquire()
        return clock() - began

    assert run(case()) < 1


def test_a_slot_granted_before_its_token_was_closed_is_void():
    async def case():
        pool = make_pool(ONE)
        first, second = await pool.acquire(), await pool.acquire()
        fresh = pool.is_stale(second)
        pool.depart(first)
        await pool.refused(first)
        void = pool.is_stale(second)
        pool.give_back(second)
        began = clock()
        await pool.acquire()
        return fresh, void, clock() - began

    fresh, void, waited = run(case())

    assert (fresh, void) == (False, True)
    assert waited >= 2.9


def test_slots_that_passed_unused_do_not_hold_later_ones_up():
    async def case():
        pool = make_pool(ONE, quota=Quota(2, 100.0), spread=False)
        grant = await pool.acquire()
        await pool.acquire()
        waiting = asyncio.ensure_future(pool.acquire())
        await asyncio.sleep(20)
        pool.give_back(grant)
        began = clock()
        await waiting
        return clock() - began

    assert run(case()) < 3


def test_a_request_that_left_stays_used_even_if_it_failed():
    async def case():
        pool = make_pool(ONE, quota=Quota(1, 100.0), spread=False)
        grant = await pool.acquire()
        pool.depart(grant)
        pool.give_back(grant)
        began = clock()
        await pool.acquire()
        return clock() - began

    assert run(case()) >= 100


def test_a_cancelled_wait_takes_no_slot():
    async def case():
        pool = make_pool(ONE, quota=Quota(2, 100.0), spread=False)
        await pool.acquire()
        waiting = asyncio.ensure_future(pool.acquire())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.sleep(1)
        began = clock()
        await pool.acquire()
        return clock() - began

    assert run(case()) < 1


def test_an_outage_cuts_the_rate_by_nine_tenths_until_two_answers_come():
    async def case():
        pool, sent = make_pool(ONE), []

        async def fail():
            grant = await pool.acquire()
            pool.depart(grant)
            pool.record(grant, served=False)
            pool.failed()
            sent.append(clock())

        began = clock()
        for _ in range(60):
            await fail()
        pool.succeeded()
        closed = pool.succeeded()
        return [moment - began for moment in sent], closed

    sent, closed = run(case())

    in_outage = [moment for moment in sent if moment > 2]
    rate = len(in_outage) / (in_outage[-1] - in_outage[0])
    assert rate <= 1.05
    assert closed


def test_after_a_pause_one_request_goes_first():
    async def case():
        pool = make_pool(ONE)
        began = clock()
        pool.pause(60)
        grant = await pool.acquire()
        waited = clock() - began
        others = [asyncio.ensure_future(pool.acquire()) for _ in range(3)]
        pool.depart(grant)
        await asyncio.sleep(10)
        held = not any(other.done() for other in others)
        pool.record(grant, served=True)
        pool.succeeded()
        await asyncio.gather(*others)
        return waited, held

    waited, held = run(case())

    assert waited >= 60
    assert held


class Flaky(MemoryStore):
    down = False

    async def change(self, token, change):
        if self.down:
            raise StoreBusy("database is locked")
        return await super().change(token, change)


def test_while_the_store_is_busy_nothing_is_sent_and_stop_still_works():
    async def case():
        store = Flaky(QUOTA, True, clock)
        pool = make_pool(ONE, store=store)
        store.down = True
        waiting = asyncio.ensure_future(pool.acquire())
        await asyncio.sleep(30)
        unsent = not waiting.done()
        store.down = False
        await waiting
        store.down = True
        second = asyncio.ensure_future(pool.acquire())
        await asyncio.sleep(5)
        await pool.close()
        with pytest.raises(Stopped):
            await second
        return unsent

    assert run(case())


def test_a_slot_that_another_process_closed_is_not_used():
    async def case():
        store = MemoryStore(Quota(30, 300.0), True, clock)
        store.shared = True
        ours, theirs = (make_pool(ONE, store=store) for _ in range(2))
        for _ in range(7):
            await send(ours)
        grant = await theirs.acquire()
        theirs.depart(grant)
        waiting = asyncio.ensure_future(ours.acquire())
        await asyncio.sleep(1)
        began = clock()
        await theirs.refused(grant)
        await waiting
        return clock() - began

    assert run(case()) >= 300


def test_the_figures_say_what_is_used_and_when_the_window_ends():
    async def case():
        pool = make_pool(ONE, quota=Quota(3, 60.0), spread=False)
        for _ in range(3):
            await send(pool)
        waiting = asyncio.ensure_future(pool.acquire())
        await asyncio.sleep(20)
        full = pool.figures()[0]
        await asyncio.sleep(30)
        later = pool.figures()[0]
        await asyncio.sleep(30)
        waiting.cancel()
        return full, later, pool.figures()[0]

    full, later, over = run(case())

    assert (full.label, full.limit, full.period, full.retired) == ("token-1", 3, 60.0, False)
    assert (full.used, later.used, over.used) == (3, 3, 0)
    assert full.reset == pytest.approx(40, abs=0.2)
    assert later.reset == pytest.approx(10, abs=0.2)
    assert later.wait == pytest.approx(10, abs=0.2)
    assert over.reset is None


def test_a_rest_after_a_refusal_is_told_as_the_next_reset():
    async def case():
        pool = make_pool(ONE, quota=Quota(300, 300.0))
        grant = await pool.acquire()
        pool.depart(grant)
        await pool.refused(grant, wait=3000.0)
        await asyncio.sleep(1000)
        return pool.figures()[0]

    figures = run(case())

    assert figures.reset == pytest.approx(2000, abs=2)
    assert figures.wait == pytest.approx(2000, abs=2)


def test_the_figures_of_a_retired_token_say_so_at_once():
    async def case():
        pool = make_pool(ONE, TWO)
        grant = await pool.acquire()
        pool.depart(grant)
        pool.retire(grant)
        retired = pool.figures()[0].retired
        pool.restore(grant.label)
        pool.restore(grant.label)
        return retired, pool.figures()[0].retired

    assert run(case()) == (True, False)


def test_a_trial_uses_the_retired_token_itself():
    async def case():
        pool = make_pool(ONE, TWO)
        first = await pool.acquire()
        pool.depart(first)
        pool.retire(first)
        grant = await pool.acquire_to_verify(first.label)
        stale = pool.is_stale(grant)
        others = await send(pool)
        return pool.depart(grant).reveal(), stale, others

    assert run(case()) == (ONE, False, TWO)


def test_a_trial_ends_with_the_crawl():
    async def case():
        pool = make_pool(ONE, quota=Quota(1, 3600.0), spread=False)
        grant = await pool.acquire()
        pool.depart(grant)
        pool.retire(grant)
        trial = asyncio.ensure_future(pool.acquire_to_verify(grant.label))
        await asyncio.sleep(5)
        pool.stop()
        with pytest.raises(Stopped):
            await trial
        with pytest.raises(Stopped):
            await pool.acquire_to_verify("token-9")

    run(case())


def test_while_the_last_token_is_on_trial_the_others_wait():
    async def case():
        pool = make_pool(ONE)
        grant = await pool.acquire()
        pool.depart(grant)
        pool.retire(grant)
        waiting = asyncio.ensure_future(pool.acquire())
        with pool.verifying():
            await asyncio.sleep(5)
            waited = not waiting.done()
        with pytest.raises(NoTokens):
            await waiting
        return waited

    assert run(case())


@pytest.mark.parametrize("event", ["none", "stop", "file"])
def test_a_rest_without_a_token_ends_in_time_with_the_crawl_or_with_a_new_token(event, tmp_path):
    file = tmp_path / "tokens"
    file.write_text(ONE)

    async def case():
        pool = make_pool(file=file)
        grant = await pool.acquire()
        pool.depart(grant)
        pool.retire(grant)
        began = clock()
        resting = asyncio.ensure_future(pool.wait_for_token(300))
        await asyncio.sleep(30)
        if event == "stop":
            pool.stop()
        elif event == "file":
            file.write_text(f"{ONE}\n{TWO}")
        await resting
        return clock() - began

    assert run(case()) == pytest.approx({"none": 300, "stop": 30, "file": 32}[event], abs=2)


def test_nobody_rests_who_has_a_token():
    async def case():
        began = clock()
        await make_pool(ONE).wait_for_token(300)
        return clock() - began

    assert run(case()) == 0


def test_the_statistics_count_by_anonymous_label():
    stats = {}

    async def case():
        await crawl(make_pool(ONE, TWO, stats=stats), 100)

    run(case())

    assert stats["tv/quota/token-1/sent"] + stats["tv/quota/token-2/sent"] == 100
    assert stats["tv/quota/wait_seconds"] > 0
    assert not any(secret in name for name in stats for secret in (ONE, TWO))


def test_a_store_that_went_back_in_time_is_told_again_what_was_sent():
    async def case():
        store = MemoryStore(Quota(5, 3.0), False, clock)
        pool = make_pool(ONE, store=store, quota=Quota(5, 3.0))
        for _ in range(4):
            await send(pool)
        store._windows.clear()
        pool.resync()
        began = clock()
        for _ in range(2):
            await send(pool)
        return clock() - began

    assert run(case()) > 2.0


def test_a_store_that_forgot_a_refusal_gives_slots_all_the_same():
    async def case():
        store = MemoryStore(QUOTA, True, clock)
        pool = make_pool(ONE, store=store)
        await send(pool)
        grant = await pool.acquire()
        pool.depart(grant)
        await pool.refused(grant)
        store._windows.clear()
        pool.resync()
        return await asyncio.wait_for(send(pool), 5)

    assert run(case()) is not None
