"""What is not on disk yet keeps its order, and comes in batches that a transaction can hold."""

from tests.support.making import asked
from tvspiders.items import Tag
from tvspiders.ledger.writing.write_buffer import MAX_ITEMS, MAX_SEEDS, WriteBuffer
from tvspiders.storage.units import Unit


def finished(number: int, items: int = 0) -> Unit:
    return Unit(number, items=[Tag(name="gear")] * items)


def holding(*units: Unit, seeds: int = 0) -> WriteBuffer:
    unwritten = WriteBuffer()
    unwritten.units.extend(units)
    unwritten.seeds.extend((None, asked(number)) for number in range(seeds))
    return unwritten


def numbers(units: list[Unit]) -> list[int]:
    return [unit.request_id for unit in units]


def test_a_batch_ends_before_it_holds_too_many_items():
    unwritten = holding(finished(1, MAX_ITEMS - 1), finished(2, 1), finished(3, 1))

    assert numbers(unwritten.next_batch()[0]) == [1, 2]
    assert numbers(unwritten.next_batch()[0]) == [3]


def test_a_unit_is_never_split():
    unwritten = holding(finished(1, MAX_ITEMS + 1), finished(2))

    assert numbers(unwritten.next_batch()[0]) == [1]


def test_units_without_items_fill_a_batch_too():
    unwritten = holding(*(finished(number) for number in range(MAX_ITEMS)), finished(MAX_ITEMS, 1))

    assert len(unwritten.next_batch()[0]) == MAX_ITEMS


def test_start_requests_come_in_batches():
    unwritten = holding(seeds=MAX_SEEDS + 1)

    assert [len(unwritten.next_batch()[1]) for _ in range(2)] == [MAX_SEEDS, 1]


def test_what_was_put_back_comes_first():
    unwritten = holding(finished(1), finished(2), seeds=2)
    units, seeds = unwritten.next_batch()
    unwritten.units.append(finished(3))

    unwritten.put_back(units, seeds)

    assert numbers(list(unwritten.units)) == [1, 2, 3]
    assert list(unwritten.seeds) == seeds


def test_what_is_being_written_is_not_forgotten():
    unwritten = holding()
    assert not unwritten.anything

    unwritten.writing = 2

    assert unwritten.anything
    assert unwritten.answers == 2
