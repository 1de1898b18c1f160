"""Every table of the database, as SQLAlchemy Core metadata.

Times are text in UTC, ISO 8601 with zone, on every database, so that they
sort, compare and read the same everywhere. Moments that only the ledger uses
(leases, delays) are seconds since 1970.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)

from tvspiders.storage.person_marks import mark_columns

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

Big = BigInteger().with_variant(Integer, "sqlite")
"""63-bit numbers; SQLite numbers rows by itself only for ``INTEGER``."""

things = Table(
    "things",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("name", Text),
    Column("creator", Text),
    Column("creator_url", Text),
    Column("added", Text),
    Column("modified", Text),
    Column("license", Text),
    Column("download_count", Big),
    Column("like_count", Big),
    Column("make_count", Big),
    Column("remix_count", Big),
    Column("collect_count", Big),
    Column("comment_count", Big),
    Column("tags", Text),
    Column("categories", Text),
    Column("ancestors", Text),
    Column("is_featured", Boolean),
    Column("url", Text),
    Column("last_scraped", Text),
    Column("raw_json", Text),
    Column("creator_id", Big),
    Column("view_count", Big),
    Column("file_count", Big),
    Column("is_derivative", Boolean),
    Column("is_nsfw", Boolean),
    Column("is_wip", Boolean),
    Column("is_published", Boolean),
    Column("is_private", Boolean),
    Column("allows_derivatives", Boolean),
    Column("thumbnail", Text),
    Column("detail_scraped", Text),
    Column("first_seen", Text),
    Column("changed_in_list_at", Text),
    Column("preview_image", Text),
    Column("told_at", Text),
    Index(None, "creator"),
    Index(None, "download_count"),
)

remix_edges = Table(
    "remix_edges",
    metadata,
    Column("parent_id", Big, primary_key=True, autoincrement=False),
    Column("child_id", Big, primary_key=True, autoincrement=False),
    Column("seen_from_child", Text),
    Column("seen_from_parent", Text),
    Column("first_seen", Text),
    Column("last_scraped", Text),
    Index(None, "child_id"),
)

creators = Table(
    "creators",
    metadata,
    Column("key", Big, primary_key=True),
    Column("id", Big, unique=True),
    Column("username", Text, unique=True),
    Column("name", Text),
    Column("follower_count", Big),
    Column("following_count", Big),
    Column("thing_count", Big),
    Column("make_count", Big),
    Column("skill_level", Text),
    Column("registered", Text),
    Column("location", Text),
    Column("last_scraped", Text),
    Column("like_count", Big),
    Column("collection_count", Big),
    Column("last_active", Text),
    Column("country", Text),
    Column("website", Text),
    Column("url", Text),
    Column("profile_scraped", Text),
    Column("first_seen", Text),
    Column("first_name", Text),
    Column("last_name", Text),
    Column("bio", Text),
    Column("thumbnail", Text),
    Column("cover_image", Text),
    Column("favorite_count", Big),
    Column("download_count", Big),
)

creator_names = Table(
    "creator_names",
    metadata,
    Column("creator_id", Big, primary_key=True, autoincrement=False),
    Column("username", Text, primary_key=True),
    Column("first_seen", Text),
)

download_snapshots = Table(
    "download_snapshots",
    metadata,
    Column("id", Big, primary_key=True),
    Column("thing_id", Big, nullable=False),
    Column("download_count", Big),
    Column("like_count", Big),
    Column("make_count", Big),
    Column("recorded_at", Text, nullable=False),
    Column("remix_count", Big),
    Column("collect_count", Big),
    Column("comment_count", Big),
    Column("view_count", Big),
    Column("crawl_id", Big),
    UniqueConstraint("thing_id", "recorded_at"),
)

tags = Table(
    "tags",
    metadata,
    Column("name", Text, primary_key=True),
    Column("slug", Text),
    Column("thing_count", Big),
    Column("last_scraped", Text),
)

thing_tags = Table(
    "thing_tags",
    metadata,
    Column("thing_id", Big, primary_key=True, autoincrement=False),
    Column("tag", Text, primary_key=True),
    Index(None, "tag"),
    sqlite_with_rowid=False,
)

categories = Table(
    "categories",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("id", Big),
    Column("name", Text),
    Column("parent_slug", Text),
    Column("thing_count", Big),
    Column("last_scraped", Text),
)

thing_categories = Table(
    "thing_categories",
    metadata,
    Column("thing_id", Big, primary_key=True, autoincrement=False),
    Column("category_slug", Text, primary_key=True),
    Column("last_scraped", Text),
    Index(None, "category_slug"),
)

files = Table(
    "files",
    metadata,
    Column("thing_id", Big, nullable=False),
    Column("name", Text, nullable=False),
    Column("id", Big),
    Column("size", Big),
    Column("date", Text),
    Column("hash", Text),
    Column("hash_encoding", Text),
    Column("download_count", Big),
    Column("last_scraped", Text),
    Column("url", Text),
    Column("public_url", Text),
    Column("download_url", Text),
    Column("direct_url", Text),
    Column("threejs_url", Text),
    Column("thumbnail", Text),
    Column("default_image", Text),
    UniqueConstraint("thing_id", "id"),
    # no primary key: a number is not known of those that only a thing's own page names, each name once
    Index("ix_files_thing_id_name", "thing_id", "name", unique=True),  # where there is no number, below
)


@event.listens_for(files, "before_create")
def _files_without_number(target: Table, connection: Connection, **_: object) -> None:
    """Makes the index of names a partial one.

    ``postgresql_where=`` in the table would load that dialect into each crawl on SQLite.
    """
    for index in target.indexes:
        if index.name == "ix_files_thing_id_name":
            index.dialect_kwargs[f"{connection.dialect.name}_where"] = text("id IS NULL")


images = Table(
    "images",
    metadata,
    Column("thing_id", Big, primary_key=True, autoincrement=False),
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("name", Text),
    Column("url", Text),
    Column("last_scraped", Text),
)

makes = Table(
    "makes",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("thing_id", Big),
    Column("maker_id", Big),
    Column("maker", Text),
    Column("added", Text),
    Column("like_count", Big),
    Column("comment_count", Big),
    Column("url", Text),
    Column("last_scraped", Text),
    Index(None, "thing_id"),
    Index(None, "maker_id"),
)

likes = Table(
    "likes",
    metadata,
    Column("user_id", Big, primary_key=True, autoincrement=False),
    Column("thing_id", Big, primary_key=True, autoincrement=False),
    Column("username", Text),
    Column("last_scraped", Text),
    Index(None, "thing_id"),
)

collections = Table(
    "collections",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("name", Text),
    Column("creator", Text),
    Column("creator_id", Big),
    Column("added", Text),
    Column("modified", Text),
    Column("thing_count", Big),
    Column("url", Text),
    Column("last_scraped", Text),
)

collection_members = Table(
    "collection_members",
    metadata,
    Column("collection_id", Big, primary_key=True, autoincrement=False),
    Column("thing_id", Big, primary_key=True, autoincrement=False),
    Column("last_scraped", Text),
    Index(None, "thing_id"),
)

follows = Table(
    "follows",
    metadata,
    Column("follower_id", Big, primary_key=True, autoincrement=False),
    Column("followed_id", Big, primary_key=True, autoincrement=False),
    Column("follower", Text),
    Column("followed", Text),
    Column("last_scraped", Text),
    Index(None, "followed_id"),
)

comments = Table(
    "comments",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("thing_id", Big),
    Column("user_id", Big),
    Column("user", Text),
    Column("parent_id", Big),
    Column("body", Text),
    Column("added", Text),
    Column("modified", Text),
    Column("is_deleted", Boolean),
    Column("last_scraped", Text),
    Index(None, "thing_id"),
)

answer_fields = Table(
    "answer_fields",
    metadata,
    Column("endpoint", Text, primary_key=True),
    Column("answers", Big, nullable=False),
    Column("fields", Text, nullable=False),
    Column("noticed", Text),
)

lists = Table(
    "lists",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("subject_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("stated", Big),
    Column("total", Big),
    Column("received", Big),
    Column("refused", Integer),
    Column("pages", Integer),
    Column("ended", Text),
    Column("complete", Boolean),
    Column("last_scraped", Text),
    Column("looks", Integer),
    Column("not_served", Big),
    Column("doubtful", Big),
    Column("doubt", Text),
    Column("doubt_since", Text),
    Column("doubt_rounds", Integer),
    Column("doubt_crawl", Big),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("subject_id", Text, primary_key=True),
    Column("reason", Text),
    Column("status", Integer),
    Column("message", Text),
    Column("first_seen", Text),
    Column("last_scraped", Text),
    Column("reappeared_at", Text),
)

dialects = Table(
    "dialects",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("value", Text),
    Column("last_scraped", Text),
)

likes_sent = Table(
    "likes_sent",
    metadata,
    Column("user_id", Big, primary_key=True, autoincrement=False),
    Column("thing_id", Big, primary_key=True, autoincrement=False),
    Column("username", Text),
    Column("action", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", Text),
    Column("answered_at", Text),
    Column("status", Integer),
    Column("message", Text),
)

crawls = Table(
    "crawls",
    metadata,
    Column("id", Big, primary_key=True),
    Column("spider", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("name", Text),
    Column("arguments", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reason", Text),
    Column("started_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("owner", Text),
    Column("runs", Integer, nullable=False),
    Column("idle_runs", Integer, nullable=False),
    Column("counts", Text),
    Column("api_url", Text),
    Column("version", Text),
    Column("scrapy_version", Text),
    UniqueConstraint("identity", "round"),
)

requests = Table(
    "requests",
    metadata,
    Column("id", Big, primary_key=True),
    Column("crawl_id", Big, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("path", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("kwargs", Text),
    Column("rank", Integer, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("available_at", Float),
    Column("delay", Float),
    Column("lease_owner", Text),
    Column("lease_until", Float),
    Column("parent_id", Big),
    Column("status", Integer),
    Column("answered_at", Text),
    Column("reason", Text),
    Column("extra", Text),
    Column("tries", Integer),
    Column("tried_at", Text),
    UniqueConstraint("crawl_id", "fingerprint"),
    Index(None, "crawl_id", "state", "rank", "id"),
    # a number is never given to another request, also where the newest rows are gone
    sqlite_autoincrement=True,
)

crawl_workers = Table(
    "crawl_workers",
    metadata,
    Column("crawl_id", Big, primary_key=True, autoincrement=False),
    Column("owner", Text, primary_key=True),
    Column("turn", Big, nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("id", Big, primary_key=True),
    Column("request_id", Big, nullable=False),
    Column("crawl_id", Big, nullable=False),
    Column("feed_id", Big),
    Column("received_at", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Text),
    Column("codec", Text, nullable=False),
    Column("body", LargeBinary),
    Column("refused", Text),
    Column("scrubbed", Boolean, nullable=False),
    Index(None, "request_id"),
    Index(None, "crawl_id", "id"),
)

crawl_items = Table(
    "crawl_items",
    metadata,
    Column("crawl_id", Big, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("answer_id", Big),
    Index(None, "answer_id"),
    sqlite_with_rowid=False,
)

feeds = Table(
    "feeds",
    metadata,
    Column("id", Big, primary_key=True),
    Column("crawl_id", Big, nullable=False),
    Column("uri", Text, nullable=False),
    Column("base", Big, nullable=False),
    Column("offset", Big, nullable=False),
    Column("answer_id", Big, nullable=False),
    Column("tail", LargeBinary),
    UniqueConstraint("crawl_id", "uri"),
)

feed_items = Table(
    "feed_items",
    metadata,
    Column("crawl_id", Big, primary_key=True, autoincrement=False),
    Column("address", Text, primary_key=True),
    Column("due", Big, nullable=False),
    Column("held", Big, nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("thing_id", Big),
    Column("state", Text),
    Column("amount", Text),
    Column("status", Text),
    Column("is_shipped", Boolean),
    Column("note", Text),
    Column("charges", Text),
    Column("fees", Text),
    Column("dates", Text),
    Column("address", Text),
    Column("first_seen", Text, nullable=False),
    Column("last_received", Text, nullable=False),
    Index(None, "thing_id"),
)

order_events = Table(
    "order_events",
    metadata,
    Column("key", Text, primary_key=True),
    Column("order_id", Big),
    Column("event", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("received_at", Text, nullable=False),
    Column("last_received", Text, nullable=False),
    Column("deliveries", Integer, nullable=False),
    UniqueConstraint("order_id", "event"),
)

page_snapshots = Table(
    "page_snapshots",
    metadata,
    Column("thing_id", Big, primary_key=True, autoincrement=False),
    Column("taken_at", Text, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("status", Integer),
    Column("url", Text),
    Column("license", Text),
    Column("title", Text),
    Column("html_bytes", Big),
    Column("html_sha256", Text),
    Column("png_bytes", Big),
    Column("png_sha256", Text),
    Column("codec", Text),
    Column("html", LargeBinary),
    Column("png", LargeBinary),
    Column("last_scraped", Text),
)

quota_windows = Table(
    "quota_windows",
    metadata,
    Column("token", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("updated_at", Float, nullable=False),
)

forgotten = Table(
    "forgotten",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("salt", Text, nullable=False),
    Column("words", Integer, nullable=False),
    Column("things", Text, nullable=False),
    Column("forgotten_at", Text, nullable=False),
)

mark_columns(metadata)
