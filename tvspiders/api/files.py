"""Files of a thing: what they are, never their bytes."""

from __future__ import annotations

import binascii
import re
from typing import Any

from tvspiders.api.lists.rows import Listing, as_row, listing, row_id
from tvspiders.api.values import count, label, link, mapping, moment, rows, text
from tvspiders.errors import AnswerRefused
from tvspiders.items import AnyItem, File

ADDRESSES = ("url", "public_url", "download_url", "direct_url", "threejs_url", "thumbnail")
"""What a file states of where it is; ``direct_url`` since 2022, and null for what is not printable."""
_HEX = re.compile(r"[0-9a-fA-F]{32}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{22}(?:==)?")


def files(document: Any, thing_id: int) -> Listing:
    """Answer to ``/things/{id}/files`` (recorded 2019 and 2020). A row without a name is refused."""

    def parse(row: Any) -> list[AnyItem]:
        given = as_row(row)
        number = row_id(given)
        name = label(given.get("name"))
        if name is None:
            raise AnswerRefused("no-name")
        digest, encoding = md5(given.get("hash"))
        return [
            File(
                thing_id=thing_id,
                name=name,
                id=number,
                size=count(given.get("size")),
                date=moment(given.get("date")),
                hash=digest,
                hash_encoding=encoding,
                download_count=count(given.get("download_count")),
                default_image=link((mapping(given.get("default_image")) or {}).get("url")),
                **{name: link(given.get(name)) for name in ADDRESSES},
            )
        ]

    return listing(document, parse)


def zip_files(value: Any, thing_id: int) -> list[AnyItem]:
    """Files named by a detail's ``zip_data`` (recorded 2025): name and address, each name once.

    Members may be null.
    """
    given = mapping(value) or {}
    named: dict[str, File] = {}
    for member in rows(given.get("files")) or []:
        name = label(member.get("name")) if isinstance(member, dict) else None
        if name is not None:
            named.setdefault(name, File(thing_id=thing_id, name=name, direct_url=link(member.get("url"))))
    return list(named.values())


def md5(value: Any) -> tuple[str | None, str | None]:
    """MD5 as lower-case hex, and how it was spelled: ``hex`` for old files, ``base64`` for new ones."""
    given = (text(value) or "").strip()
    if _HEX.fullmatch(given):
        return given.lower(), "hex"
    if _BASE64.fullmatch(given):
        return binascii.a2b_base64(given[:22] + "==").hex(), "base64"
    return None, None
