"""A download ends with its answer, its failure or the crawl, and never with a bare cancellation."""

import asyncio

import pytest

from tvspiders.middlewares.network import failure_name
from tvspiders.middlewares.quota import CrawlStopping, SleptThrough
from tvspiders.middlewares.stoppable import StoppableDownloads
from tvspiders.steady_clock import steady


class Bench:
    def __init__(self):
        self.stopping = asyncio.Event()
        self.downloads = StoppableDownloads(self.stopping)
        self.cleaned = []

    async def hang(self):
        try:
            await asyncio.Event().wait()
        finally:
            self.cleaned.append("hang")

    def start(self, downloading):
        return asyncio.create_task(self.downloads.finish(downloading))

    async def turn(self):
        """Let everything that can run do so."""
        for _ in range(10):
            await asyncio.sleep(0)


def play(story):
    """Tell a story to a new bench in a loop of its own; nothing of it may hang."""

    async def limited():
        async with asyncio.timeout(20):
            await story(Bench())

    asyncio.run(limited())


async def answer(value):
    await asyncio.sleep(0)
    return value


async def fail(error):
    await asyncio.sleep(0)
    raise error


def test_an_answer_is_handed_on():
    async def story(bench):
        assert await bench.start(answer("thing")) == "thing"

    play(story)


def test_a_failure_is_handed_on():
    async def story(bench):
        with pytest.raises(ZeroDivisionError):
            await bench.start(fail(ZeroDivisionError()))

    play(story)


def test_a_stop_ends_every_download_under_way_and_cleans_up():
    async def story(bench):
        tasks = [bench.start(bench.hang()) for _ in range(3)]
        await bench.turn()
        bench.stopping.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)

        assert [type(outcome) for outcome in outcomes] == [CrawlStopping] * 3
        assert bench.cleaned == ["hang"] * 3
        assert [task.cancelled() or task.cancelling() for task in tasks] == [0, 0, 0]

    play(story)


def test_a_download_that_begins_after_the_stop_ends_too():
    async def story(bench):
        bench.stopping.set()
        for _ in range(2):
            with pytest.raises(CrawlStopping):
                await bench.start(bench.hang())

    play(story)


def test_a_download_that_was_cancelled_by_others_has_failed():
    async def story(bench):
        inner = asyncio.create_task(bench.hang())

        async def waiting():
            await inner

        task = bench.start(waiting())
        await bench.turn()
        inner.cancel()
        (error,) = await asyncio.gather(task, return_exceptions=True)

        assert failure_name(error) == "connection"

    play(story)


def test_a_task_that_was_cancelled_from_outside_ends_with_an_exception():
    async def story(bench):
        task = bench.start(bench.hang())
        await bench.turn()
        task.cancel()
        (error,) = await asyncio.gather(task, return_exceptions=True)

        assert failure_name(error) == "connection"

    play(story)


def test_an_answer_that_is_complete_before_the_stop_is_kept():
    async def story(bench):
        task = bench.start(answer("thing"))
        await bench.turn()
        bench.stopping.set()
        await bench.turn()

        assert await task == "thing"

    play(story)


def test_a_task_may_ask_for_more_after_a_download_was_cut():
    async def story(bench):
        async def two():
            with pytest.raises(CrawlStopping):
                await bench.downloads.finish(bench.hang())
            await asyncio.sleep(0)
            return "alive"

        task = asyncio.create_task(two())
        await bench.turn()
        bench.stopping.set()

        assert await task == "alive"

    play(story)


def test_what_was_slept_through_is_cut_and_what_began_later_goes_on():
    async def story(bench):
        old = bench.start(bench.hang())
        await bench.turn()
        moment = steady()
        new = bench.start(bench.hang())
        await bench.turn()

        bench.downloads.cut_older(moment)

        with pytest.raises(SleptThrough):
            await old
        assert not new.done()
        bench.stopping.set()
        with pytest.raises(CrawlStopping):
            await new
        assert failure_name(SleptThrough()) is None

    play(story)
