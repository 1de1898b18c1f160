"""Which columns name a person: each column of the schema carries one mark, in ``Column.info["person"]``.

What deletes, blanks, pseudonymises and forgets follows from these marks alone. A new column gets a mark
here; a test fails for one that has none.

- ``number:ROLE``, ``name:ROLE``: number and login name of a user; those of one role are the same user's,
  and the row is that user's.
- ``full name``: a person's name in life.
- ``part of name``: the same in parts, such as a first name, in the order of the columns.
- ``address``: where a person, or what they made, is found: on the web, by post.
- ``text``: free text, written by the person whose row it is, or whose thing.
- ``fact``: what else is told about a person; it goes with the row.
- ``subject``: number or name of a user where the column ``subject`` says ``user``.
- ``mentions``: text or bytes in which a person may be named: answers, addresses asked, arguments.
- ``hash``: a digest of a person's name or number.
- ``none``: contains no person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import MetaData, Table

KEY = "person"
"""Name of the mark in ``Column.info``."""
MARKS = frozenset(
    {"number", "name", "full name", "part of name", "address", "text", "fact", "subject", "mentions"}
    | {"hash", "none"}
)
"""All marks, less their roles."""
WRITTEN = ("full name", "part of name", "address", "text")
"""Marks of texts that name a person."""
COUNTS = "download_count like_count make_count remix_count collect_count comment_count"

_BY_TABLE: dict[str, dict[str, str]] = {
    "things": {
        "number:creator": "creator_id",
        "name:creator": "creator",
        "address": "creator_url url thumbnail preview_image",
        "text": "name tags",
        "mentions": "raw_json",
        "none": f"id added modified license {COUNTS} view_count file_count categories ancestors is_featured "
        "last_scraped is_derivative is_nsfw is_wip is_published is_private allows_derivatives "
        "detail_scraped first_seen changed_in_list_at told_at",
    },
    "remix_edges": {"none": "parent_id child_id seen_from_child seen_from_parent first_seen last_scraped"},
    "creators": {
        "number:user": "id",
        "name:user": "username",
        "full name": "name",
        "part of name": "first_name last_name",
        "address": "website url thumbnail cover_image",
        "text": "location bio",
        "fact": "favorite_count download_count follower_count following_count thing_count make_count "
        "like_count collection_count skill_level registered last_active country",
        "none": "key last_scraped profile_scraped first_seen",
    },
    "creator_names": {"number:user": "creator_id", "name:user": "username", "none": "first_seen"},
    "download_snapshots": {"none": f"id thing_id recorded_at {COUNTS} view_count crawl_id"},
    "tags": {"mentions": "name slug", "none": "thing_count last_scraped"},
    "thing_tags": {"text": "tag", "none": "thing_id"},
    "categories": {"none": "slug id name parent_slug thing_count last_scraped"},
    "thing_categories": {"none": "thing_id category_slug last_scraped"},
    "files": {
        "text": "name",
        "address": "url public_url download_url direct_url threejs_url thumbnail default_image",
        "none": "thing_id id size date hash hash_encoding download_count last_scraped",
    },
    "images": {"text": "name", "address": "url", "none": "thing_id id last_scraped"},
    "makes": {
        "number:maker": "maker_id",
        "name:maker": "maker",
        "address": "url",
        "fact": "added like_count comment_count",
        "none": "id thing_id last_scraped",
    },
    "likes": {"number:user": "user_id", "name:user": "username", "none": "thing_id last_scraped"},
    "collections": {
        "number:creator": "creator_id",
        "name:creator": "creator",
        "text": "name",
        "address": "url",
        "fact": "added modified thing_count",
        "none": "id last_scraped",
    },
    "collection_members": {"none": "collection_id thing_id last_scraped"},
    "follows": {
        "number:follower": "follower_id",
        "name:follower": "follower",
        "number:followed": "followed_id",
        "name:followed": "followed",
        "none": "last_scraped",
    },
    "comments": {
        "number:user": "user_id",
        "name:user": "user",
        "text": "body",
        "fact": "added modified is_deleted",
        "none": "id thing_id parent_id last_scraped",
    },
    "dialects": {"none": "origin topic value last_scraped"},
    "answer_fields": {"none": "endpoint answers fields noticed"},
    "lists": {
        "subject": "subject_id",
        "none": "subject name stated total received refused pages ended complete last_scraped looks "
        "not_served doubtful doubt doubt_since doubt_rounds doubt_crawl",
    },
    "tombstones": {
        "subject": "subject_id",
        "mentions": "message",
        "none": "subject reason status first_seen last_scraped reappeared_at",
    },
    "likes_sent": {
        "number:user": "user_id",
        "name:user": "username",
        "mentions": "message",
        "none": "thing_id action state attempts sent_at answered_at status",
    },
    "crawls": {
        "mentions": "name arguments reason",
        "hash": "identity",
        "none": "id spider round verdict started_at ended_at owner runs idle_runs counts api_url version "
        "scrapy_version",
    },
    "requests": {
        "mentions": "path kwargs reason",
        "hash": "fingerprint",
        "none": "id crawl_id callback rank depth state attempts available_at delay lease_owner lease_until "
        "parent_id status answered_at extra tries tried_at",
    },
    "crawl_workers": {"none": "crawl_id owner turn"},
    "answers": {
        "mentions": "headers body",
        "none": "id request_id crawl_id feed_id received_at status codec refused scrubbed",
    },
    "crawl_items": {"mentions": "key", "hash": "digest", "none": "crawl_id kind answer_id"},
    "feeds": {"mentions": "uri", "none": "id crawl_id base offset answer_id tail"},
    "feed_items": {"mentions": "address", "none": "crawl_id due held"},
    "orders": {
        "text": "note",
        "address": "address",
        "none": "id thing_id state amount status is_shipped charges fees dates first_seen last_received",
    },
    "order_events": {
        "mentions": "payload",
        "none": "key order_id event received_at last_received deliveries",
    },
    "page_snapshots": {
        "address": "url",
        "text": "title",
        "mentions": "html png",
        "none": "thing_id taken_at outcome status license html_bytes html_sha256 png_bytes png_sha256 codec "
        "last_scraped",
    },
    "quota_windows": {"none": "token state epoch updated_at"},
    "forgotten": {"hash": "digest", "none": "kind salt words things forgotten_at"},
}


def mark_columns(metadata: MetaData) -> None:
    """Give each column its mark; raises ``LookupError`` for a mark of a column that does not exist."""
    for name, marks in _BY_TABLE.items():
        table = metadata.tables[name]
        for mark, columns in marks.items():
            for column in columns.split():
                table.c[column].info[KEY] = mark


def mark_of(table: Table, column: str) -> str:
    """The mark of a column, less its role."""
    return str(table.c[column].info[KEY]).partition(":")[0]


def marked(table: Table, *marks: str) -> list[str]:
    """The columns of a table that bear one of these marks."""
    return [column.name for column in table.c if mark_of(table, column.name) in marks]


@dataclass(frozen=True)
class Role:
    """The columns of one user in a row."""

    number: str
    name: str


def roles(table: Table) -> Iterator[Role]:
    """The users that a row belongs to: in most tables one or none."""
    found: dict[str, dict[str, str]] = {}
    for column in table.c:
        mark, _, role = str(column.info[KEY]).partition(":")
        if role:
            found.setdefault(role, {})[mark] = column.name
    for columns in found.values():
        yield Role(columns["number"], columns["name"])
