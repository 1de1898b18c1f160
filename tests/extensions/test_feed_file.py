"""Where a feed file is whole, and going on from there."""

import pytest

from tvspiders.extensions.feeds.file import ResumableFile, whole_bytes

LINES = '{"name":"чаша"}\n{"name":"gear"}\n'.encode()


@pytest.mark.parametrize("length", range(len(LINES) + 1))
def test_a_file_is_whole_up_to_its_last_line_feed(tmp_path, length):
    path = tmp_path / "x.jsonl"
    path.write_bytes(LINES[:length])

    assert whole_bytes(path) == LINES[:length].rfind(b"\n") + 1


@pytest.mark.parametrize("tail", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_a_long_last_line_is_looked_for_to_its_start(tmp_path, tail):
    path = tmp_path / "x.jsonl"
    path.write_bytes(LINES + b"x" * tail)

    assert whole_bytes(path) == len(LINES)


def test_a_file_that_is_not_there_is_whole(tmp_path):
    assert whole_bytes(tmp_path / "x.jsonl") == 0


def write(path, keep, content=b"new\n", **options):
    storage = ResumableFile(str(path), feed_options=options or None)
    storage.keep = keep
    with storage.open(None) as file:
        file.write(content)


def test_what_follows_the_kept_bytes_is_cut_off(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"old\ntorn and much longer than what comes")

    write(path, keep=4)

    assert path.read_bytes() == b"old\nnew\n"


def test_a_file_and_its_folder_are_made(tmp_path):
    write(tmp_path / "a" / "b" / "x.jsonl", keep=0)

    assert (tmp_path / "a" / "b" / "x.jsonl").read_bytes() == b"new\n"


@pytest.mark.parametrize(("overwrite", "expected"), [(True, b"new\n"), (False, b"old\nnew\n")])
def test_without_a_place_it_is_scrapys_own(tmp_path, overwrite, expected):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"old\n")

    write(path, keep=None, overwrite=overwrite)

    assert path.read_bytes() == expected


def test_a_file_that_another_writes_is_left_alone(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"old\n")
    storage = ResumableFile(str(path))
    storage.keep = 4

    with storage.open(None) as file:
        file.write(b"mine\n")
        file.flush()
        with pytest.raises(OSError, match="another process is writing it"):
            write(path, keep=0)

    assert path.read_bytes() == b"old\nmine\n"
    write(path, keep=9)


def test_a_file_that_is_held_is_as_it_was_until_it_is_opened(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"old\n")
    storage = ResumableFile(str(path))

    storage.hold()

    assert path.read_bytes() == b"old\n"
    with pytest.raises(OSError, match="another process is writing it"):
        ResumableFile(str(path)).hold()
    storage.let_go()
    write(path, keep=0)


def test_only_a_file_with_an_end_is_plain(tmp_path):
    assert ResumableFile(str(tmp_path / "x.jsonl")).is_plain
    assert not ResumableFile("/dev/null").is_plain
