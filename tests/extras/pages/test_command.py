"""``scrapy pages`` writes files by number and time, and nothing else."""

from __future__ import annotations

import json

import pytest


def test_pages_become_files_whose_names_are_numbers(crawled):
    crawled.change(
        "INSERT INTO page_snapshots (thing_id, taken_at, outcome, license, title, codec, html, png) "
        "VALUES (7, '2026-11-21T10:00:00+00:00', 'stored', 'GPL', '../../x', 'none', ?, ?)",
        b"<p>page</p>",
        b"\x89PNG",
    )

    ended = crawled("pages", "thing:7", "-o", "out")

    assert (ended.code, ended.out, ended.err) == (0, "1 page in out\n", "")
    names = sorted(str(path.relative_to(crawled.folder / "out")) for path in crawled.folder.glob("out/*/*"))
    stem = "7/2026-11-21T100000Z"
    assert names == [f"{stem}.html", f"{stem}.json", f"{stem}.png"]
    assert (crawled.folder / "out" / f"{stem}.html").read_bytes() == b"<p>page</p>"
    assert json.loads((crawled.folder / "out" / f"{stem}.json").read_text())["license"] == "GPL"


def test_a_database_without_pages_gives_none(crawled):
    assert crawled("pages").out == "0 pages in pages\n"


@pytest.mark.parametrize(
    ("argument", "code", "said"),
    [("hat", 2, "'hat' is no thing"), ("https://example.org/thing:1", 2, "is no thing")],
)
def test_what_is_no_thing_is_refused(crawled, argument, code, said):
    ended = crawled("pages", argument)

    assert ended.code == code
    assert said in ended.err
    assert ended.err.count("\n") == 1


def test_a_folder_that_is_a_file_is_told(crawled):
    crawled.change(
        "INSERT INTO page_snapshots (thing_id, taken_at, outcome, codec, html, png) "
        "VALUES (7, '2026-11-21T10:00:00+00:00', 'stored', 'none', x'00', x'00')"
    )
    (crawled.folder / "pages").write_text("a file")

    ended = crawled("pages")

    assert ended.code == 1
    assert ended.err.count("\n") == 1
