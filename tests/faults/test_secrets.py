"""Nothing that a crawl leaves behind holds its token, or a pickle."""

from __future__ import annotations

import pickletools
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.support.crawling import TOKEN, Place, until
from tests.support.secret_forms import forms
from tvspiders.sandbox.running import RunningSandbox
from tvspiders.storage.answer_codec import unpack


def is_pickle(data: bytes) -> bool:
    if not data.startswith(b"\x80"):
        return False
    try:
        return bool([*pickletools.genops(data)])
    except ValueError:
        return False


def test_no_file_holds_the_token_or_a_pickle(place: Place, sandbox: RunningSandbox) -> None:
    for fault in ("500", "reset", "html", "null"):
        sandbox.front.faults.set(fault, 0.05)
    sandbox.hold(after=60)
    first = place.crawl(pages=3, LOG_LEVEL="DEBUG", TV_RETRY_BASE=0.01, TV_RETRY_CAP=0.05, TV_BLOCK_PAUSE=0.1)
    until(lambda: sandbox.waiting)
    first.kill()
    sandbox.release()
    killed = {path: path.read_bytes() for path in place.folder.rglob("*") if path.is_file()}
    sandbox.front.faults.set("html", 0.0)
    again = place.crawl(pages=3, LOG_LEVEL="DEBUG", TV_RETRY_BASE=0.01, TV_RETRY_CAP=0.05)
    again.wait()

    left = {Path(path): path.read_bytes() for path in place.folder.rglob("*") if path.is_file()}
    with closing(sqlite3.connect(place.folder / "x.db")) as connection, connection:
        rows = connection.execute("SELECT codec, body FROM answers WHERE body IS NOT NULL").fetchall()
    bodies = [unpack(codec, body) for codec, body in rows]

    assert len(bodies) >= 60
    for data in (*killed.values(), *left.values(), *bodies):
        assert not [form for form in forms(TOKEN) if form in data]
        assert not is_pickle(data)
    assert all(path.stat().st_mode & 0o077 == 0 for path in place.folder.glob("x.db*"))
