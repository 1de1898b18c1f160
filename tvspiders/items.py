"""Typed items: what a spider yields and the database stores.

Each item is one fact, or one row, from one answer of the API. ``None`` always
means *the answer did not say*; it never overwrites a known value. Times are
ISO 8601 text in UTC with its zone (``2026-11-21T06:12:00+00:00``). Counts are
never negative and fit into 63 bits.

The first field, ``kind``, names the item in feeds.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, ClassVar, TypeAlias, get_args


@dataclass(frozen=True)
class Source:
    """Where an item came from; set by the ledger, never exported to a feed."""

    request_id: int
    """Row of the ledger whose answer brought the item."""
    received_at: str
    """When the answer was received (UTC, ISO 8601)."""


@dataclass(kw_only=True)
class Item:
    """Root of all items."""

    key_fields: ClassVar[tuple[str, ...]] = ()
    """Names of the fields that identify the row."""
    volatile_fields: ClassVar[tuple[str, ...]] = ("last_scraped",)
    """Fields that do not count as content when two items are compared."""

    @property
    def key(self) -> tuple[Any, ...]:
        """The values that identify the row within its kind."""
        return tuple(getattr(self, name) for name in self.key_fields)

    def content(self) -> dict[str, Any]:
        """All exported fields but the volatile ones."""
        kind: Any = type(self)
        return {name: getattr(self, name) for name in _content_names(kind)}

    @property
    def source(self) -> Source | None:
        """The answer behind this item, or ``None`` before the ledger has stamped it."""
        return self.__dict__.get("_source")

    def stamp(self, source: Source) -> None:
        """Remember the answer behind this item (and its time, where the item has a field for it)."""
        self.__dict__["_source"] = source
        if "last_scraped" in self.__dict__:
            self.__dict__["last_scraped"] = source.received_at


@lru_cache
def _content_names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.name not in kind.volatile_fields)


@dataclass(kw_only=True)
class Thing(Item):
    """A printable thing, from its own page (``detail`` true) or from a row of a list."""

    key_fields: ClassVar[tuple[str, ...]] = ("id",)

    kind: str = field(default="thing", init=False)
    """Always ``thing``."""
    id: int
    """Thingiverse's number of the thing."""
    name: str | None = None
    """Title given by the creator."""
    creator: str | None = None
    """Login name of the creator; ``None`` for a deleted account."""
    creator_id: int | None = None
    """Number of the creator."""
    creator_url: str | None = None
    """Public page of the creator."""
    added: str | None = None
    """When the thing was published (``added`` of a detail, ``created_at`` of a list row)."""
    modified: str | None = None
    """What the API calls modified; equal to ``added`` since 2021, so useless for change detection."""
    license: str | None = None
    """Licence as the site words it; no recorded row of a list carries it."""
    download_count: int | None = None
    """Downloads; no recorded row carries them."""
    like_count: int | None = None
    """Likes."""
    make_count: int | None = None
    """Makes (``copies`` in the API) as the site states them."""
    remix_count: int | None = None
    """Remixes as the site states them; no recorded row carries them."""
    collect_count: int | None = None
    """Collections that hold the thing."""
    comment_count: int | None = None
    """Comments."""
    view_count: int | None = None
    """Page views; no recorded row carries them."""
    file_count: int | None = None
    """Files of the thing; no recorded row carries their number."""
    tags: list[str] | None = None
    """Names of the tags in the order given, each once."""
    categories: list[str] | None = None
    """Names of the categories, from the thing's page where it names them, a listing or ``/categories``."""
    ancestors: list[int] | None = None
    """Numbers of the direct parents; ``None`` before 2021, when details did not carry them, and in recorded
    rows."""
    is_derivative: bool | None = None
    """Whether the site calls it a remix."""
    is_featured: bool | None = None
    """Whether the site features it; null in the years 2021 to 2023."""
    is_nsfw: bool | None = None
    """Whether it is marked not safe for work."""
    is_wip: bool | None = None
    """Whether it is marked as work in progress."""
    is_published: bool | None = None
    """Whether it is published."""
    is_private: bool | None = None
    """Whether it is private."""
    allows_derivatives: bool | None = None
    """Whether its licence allows remixes, as the site states it."""
    url: str | None = None
    """Public page of the thing."""
    thumbnail: str | None = None
    """Address of its small picture."""
    preview_image: str | None = None
    """Address of the picture on its card, as rows of lists give it."""
    detail: bool = False
    """True when the answer was the thing's own page."""
    last_scraped: str | None = None
    """When the answer was received."""


@dataclass(kw_only=True)
class Creator(Item):
    """A person or company that publishes things: a profile, or the summary inside another answer."""

    key_fields: ClassVar[tuple[str, ...]] = ("id", "username")
    personal_fields: ClassVar[tuple[str, ...]] = (
        "first_name",
        "last_name",
        "bio",
        "thumbnail",
        "cover_image",
    )
    """Fields that ``TV_KEEP_PROFILES=False`` leaves out."""

    kind: str = field(default="creator", init=False)
    """Always ``creator``."""
    id: int | None = None
    """Number of the user; stays when the user is renamed."""
    username: str
    """Login name in the site's own spelling."""
    name: str | None = None
    """Full name as shown."""
    follower_count: int | None = None
    """Followers (``count_of_followers``)."""
    following_count: int | None = None
    """Users followed (``count_of_following``)."""
    thing_count: int | None = None
    """Things as the profile states them (``count_of_designs``)."""
    make_count: int | None = None
    """Makes as stated."""
    like_count: int | None = None
    """Things liked, as stated; only in a profile."""
    collection_count: int | None = None
    """Collections as stated."""
    favorite_count: int | None = None
    """Favourites, as stated; only in a profile."""
    download_count: int | None = None
    """Downloads of all their things, as stated (``count_of_downloads``); since 2026."""
    skill_level: str | None = None
    """``Novice``, ``Intermediate`` or ``Advanced``; ``None`` for the empty text and ``"0"``."""
    registered: str | None = None
    """When the account was made; ``None`` when the site gives an impossible date."""
    last_active: str | None = None
    """Last activity; only in a profile."""
    location: str | None = None
    """Place as written by the user."""
    country: str | None = None
    """Country; only in a profile."""
    website: str | None = None
    """Web site named by the user; only in a profile."""
    first_name: str | None = None
    """First name as written by the user."""
    last_name: str | None = None
    """Last name as written by the user."""
    bio: str | None = None
    """What the user writes about themselves; only in a profile."""
    thumbnail: str | None = None
    """Address of the small picture of the user."""
    cover_image: str | None = None
    """Address of the large picture above the profile."""
    url: str | None = None
    """Public page."""
    profile: bool = False
    """True when the answer was the user's own page."""
    last_scraped: str | None = None
    """When the answer was received."""

    def forget_person(self) -> None:
        """Empty the personal fields."""
        for name in self.personal_fields:
            setattr(self, name, None)


@dataclass(kw_only=True)
class Edge(Item):
    """One remix relation: ``child_id`` was made from ``parent_id``."""

    key_fields: ClassVar[tuple[str, ...]] = ("parent_id", "child_id", "seen_from")

    kind: str = field(default="edge", init=False)
    """Always ``edge``."""
    parent_id: int
    """Number of the original."""
    child_id: int
    """Number of the remix; may equal the parent."""
    seen_from: str
    """``child`` when the child's page named the parent, ``parent`` when the parent's list named the child."""
    last_scraped: str | None = None
    """When the answer was received."""

    def tell(self, *told: Thing | Creator) -> None:
        """Hold what the answer says of the thing at the other end, and its creator: stored, in no feed."""
        self.__dict__["_told"] = told

    @property
    def told(self) -> tuple[Thing | Creator, ...]:
        """The thing at the end that the answer is not about, and its creator, as far as it names them."""
        told: tuple[Thing | Creator, ...] = self.__dict__.get("_told", ())
        return told


@dataclass(kw_only=True)
class Tag(Item):
    """A tag, as met on a thing."""

    key_fields: ClassVar[tuple[str, ...]] = ("name",)

    kind: str = field(default="tag", init=False)
    """Always ``tag``."""
    name: str
    """Text of the tag."""
    slug: str | None = None
    """Form used in addresses (``tag``, or the end of ``url``)."""
    thing_count: int | None = None
    """Things with this tag, as the site states it."""
    last_scraped: str | None = None
    """When the answer was received."""


@dataclass(kw_only=True)
class Category(Item):
    """A category or sub-category."""

    key_fields: ClassVar[tuple[str, ...]] = ("slug",)

    kind: str = field(default="category", init=False)
    """Always ``category``."""
    slug: str
    """Form used in addresses."""
    id: int | None = None
    """Number of the category; 0 is valid (``Other``)."""
    name: str | None = None
    """Name as shown."""
    parent_slug: str | None = None
    """Category above; ``None`` for a root or when unknown."""
    thing_count: int | None = None
    """Things in it, as the site states it."""
    last_scraped: str | None = None
    """When the answer was received."""


@dataclass(kw_only=True)
class ThingCategory(Item):
    """A thing is filed under a category."""

    key_fields: ClassVar[tuple[str, ...]] = ("thing_id", "category_slug")

    kind: str = field(default="thing_category", init=False)
    """Always ``thing_category``."""
    thing_id: int
    """Number of the thing."""
    category_slug: str
    """Category in its address form."""
    category_name: str | None = None
    """Name of the category as shown, where the answer gave it."""
    last_scraped: str | None = None
    """When the answer was received."""


@dataclass(kw_only=True)
class File(Item):
    """A file of a thing: what it is, never its bytes."""

    key_fields: ClassVar[tuple[str, ...]] = ("thing_id", "id", "name")

    kind: str = field(default="file", init=False)
    """Always ``file``."""
    thing_id: int
    """Number of the thing."""
    name: str
    """File name."""
    id: int | None = None
    """Number of the file; ``None`` when only the detail's ``zip_data`` named it."""
    size: int | None = None
    """Bytes."""
    date: str | None = None
    """Date given by the site (it has no zone; read as UTC)."""
    hash: str | None = None
    """MD5 of the file as lower-case hex, whatever the site's spelling."""
    hash_encoding: str | None = None
    """``hex`` or ``base64``: how the site spelled the hash."""
    download_count: int | None = None
    """Downloads of this file."""
    url: str | None = None
    """Address of this description in the API."""
    public_url: str | None = None
    """Page from which a browser downloads the file."""
    download_url: str | None = None
    """Address in the API that leads to the file's bytes; takes the token."""
    direct_url: str | None = None
    """Address of the bytes themselves, also where the detail's ``zip_data`` gives it."""
    threejs_url: str | None = None
    """Address of the model for a viewer in the browser."""
    thumbnail: str | None = None
    """Address of its small picture."""
    default_image: str | None = None
    """Address that the site states of its ``default_image``; may be a model's, not a picture's."""
    last_scraped: str | None = None
    """When the answer was received."""


@dataclass(kw_only=True)
class Image(Item):
    """A picture of a thing."""

    key_fields: ClassVar[tuple[str, ...]] = ("thing_id", "id")

    kind: str = field(default="image", init=False)
    """Always ``image``."""
    thing_id: int
    """Number of the thing."""
    id: int
    """Number of the picture."""
    name: str | None = None
    """File name."""
    url: str | None = None
    """Address of the largest size given."""
    last_scraped: str | None = None
    """When the answer was received."""


@dataclass(kw_only=True)
class Make(Item):
    """A print of a thing by a user (``copy`` in the API)."""

    key_fields: ClassVar[tuple[str, ...]] = ("id",)

    kind: str = field(default="make", init=False)
    """Always ``make``."""
    id: int
    """Number of the make."""
    thing_id: int | None = None
    """Number of the thing that was printed."""
    maker_id: int | None = None
    """Number of the user who printed it."""
    maker: str | None = None
    """Login name of that user (``maker`` or ``creator`` in the API)."""
    added: str | None = None
    """When it was posted."""
    like_count: int | None = None
    """Likes of the make."""
    comment_count: int | None = None
    """Comments on the make."""
    url: str | None = None
    """Public page."""
    last_scraped: str | None = None
    """When the answer was received."""


@dataclass(kw_only=True)
class Like(Item):
    """A user likes a thing."""

    key_fields: ClassVar[tuple[str, ...]] = ("user_id", "thing_id")

    kind: str = field(default="like", init=False)
    """Always ``like``."""
    user_id: int
    """Number of the user; stays when the user is renamed."""
    thing_id: int
    """Number of the thing."""
    username: str
    """Login name of the user at that time."""
    last_scraped: str | None = None
    """When the answer was received."""


@dataclass(kw_only=True)
class Collection(Item):
    """A list of things kept by a user."""

    key_fields: ClassVar[tuple[str, ...]] = ("id",)

    kind: str = field(default="collection", init=False)
    """Always ``collection``."""
    id: int
    """Number of the collection."""
    name: str | None = None
    """Title."""
    creator: str | None = None
    """Login name of its owner."""
    creator_id: int | None = None
    """Number of its owner."""
    added: str | None = None
    """When it was made."""
    modified: str | None = None
    """When it was last changed, as stated."""
    thing_count: int | None = None
    """Things in it, as the site states it."""
    url: str | None = None
    """Public page."""
    last_scraped: str | None = None
    """When the answer was received."""


@dataclass(kw_only=True)
class CollectionMember(Item):
    """A thing is in a collection."""

    key_fields: ClassVar[tuple[str, ...]] = ("collection_id", "thing_id")

    kind: str = field(default="collection_member", init=False)
    """Always ``collection_member``."""
    collection_id: int
    """Number of the collection."""
    thing_id: int
    """Number of the thing."""
    last_scraped: str | None = None
    """When the answer was received."""


@dataclass(kw_only=True)
class Follow(Item):
    """A user follows another."""

    key_fields: ClassVar[tuple[str, ...]] = ("follower_id", "followed_id")

    kind: str = field(default="follow", init=False)
    """Always ``follow``."""
    follower_id: int
    """Number of the one who follows."""
    followed_id: int
    """Number of the one who is followed."""
    follower: str
    """Login name of the one who follows, at that time."""
    followed: str
    """Login name of the one who is followed, at that time."""
    last_scraped: str | None = None
    """When the answer was received."""


@dataclass(kw_only=True)
class Comment(Item):
    """A comment on a thing; of its author only number and name are kept."""

    key_fields: ClassVar[tuple[str, ...]] = ("id",)

    kind: str = field(default="comment", init=False)
    """Always ``comment``."""
    id: int
    """Number of the comment."""
    thing_id: int | None = None
    """Number of the thing commented on."""
    user_id: int | None = None
    """Number of the author; ``None`` for a deleted account."""
    user: str | None = None
    """Login name of the author."""
    parent_id: int | None = None
    """Comment answered to; ``None`` for a root comment."""
    body: str | None = None
    """Text."""
    added: str | None = None
    """When it was written."""
    modified: str | None = None
    """When it was last changed; ``None`` if never."""
    is_deleted: bool | None = None
    """Whether the site marks it as deleted."""
    last_scraped: str | None = None
    """When the answer was received."""


@dataclass(kw_only=True)
class PageSnapshot(Item):
    """A public page as a browser showed it at one time; the page itself is held beside the fields."""

    key_fields: ClassVar[tuple[str, ...]] = ("thing_id", "taken_at")

    kind: str = field(default="page_snapshot", init=False)
    """Always ``page_snapshot``."""
    thing_id: int
    """Number of the thing."""
    taken_at: str
    """When it was rendered."""
    outcome: str
    """``stored``, ``blocked`` (a challenge for bots), ``missing`` (404, 410), ``elsewhere`` (led to another
    host) or ``failed`` (another status)."""
    status: int | None = None
    """HTTP status of the page; ``None`` when the renderer did not tell."""
    url: str | None = None
    """Address of the page."""
    license: str | None = None
    """Licence of the thing, as the site words it."""
    title: str | None = None
    """Title of the page."""
    html_bytes: int | None = None
    """Bytes of the rendered HTML; ``None`` when none is stored."""
    html_sha256: str | None = None
    """SHA-256 of it, as hex."""
    png_bytes: int | None = None
    """Bytes of the picture; ``None`` when none is stored."""
    png_sha256: str | None = None
    """SHA-256 of it, as hex."""
    last_scraped: str | None = None
    """When the answer was received."""

    def hold(self, html: bytes, png: bytes) -> None:
        """Keep the page itself: stored in the database, never exported to a feed."""
        self.__dict__["_held"] = (html, png)
        self.html_bytes, self.html_sha256 = len(html), hashlib.sha256(html).hexdigest()
        self.png_bytes, self.png_sha256 = len(png), hashlib.sha256(png).hexdigest()

    @property
    def held(self) -> tuple[bytes, bytes] | None:
        """HTML and PNG; ``None`` when nothing is held."""
        return self.__dict__.get("_held")


UNREADABLE = "unreadable"
"""How a list ended, and what is in doubt, where its subject states rows and no address brings them."""


@dataclass(kw_only=True)
class ListRead(Item):
    """A list was read as far as it goes: what was promised, and what came."""

    key_fields: ClassVar[tuple[str, ...]] = ("subject", "subject_id", "name")

    kind: str = field(default="list", init=False)
    """Always ``list``."""
    subject: str
    """Whose list: ``thing``, ``user``, ``collection``, ``category``, ``tag``, ``site`` or ``search``."""
    subject_id: str
    """Number, name or slug of the subject, as text; for a search its address."""
    name: str
    """Which list: ``derivatives``, ``things``, ``likes`` ..."""
    stated: int | None = None
    """Rows as the subject's own page states them; ``None`` when it does not."""
    total: int | None = None
    """Number of rows that the list itself stated last."""
    received: int | None = None
    """Rows that came, each counted once; ``None`` when that is not known."""
    refused: int = 0
    """Rows that were not understood; their answers are kept raw."""
    pages: int | None = None
    """Pages read."""
    ended: str | None = None
    """Why there is no next page: ``total``, ``last-page``, ``empty``, ``repeat``, ``fruitless``, ``limit``
    (as asked), ``window`` (more exists than the site serves), ``split`` (read in slices instead),
    ``unreadable`` (its subject states rows, and no address brings them) or ``unproven`` (it tells nothing
    that could show a row lost to another that vanished above it)."""
    complete: bool = False
    """Whether the list ended by itself."""
    looks: int = 0
    """Pages looked at twice."""
    not_served: int = 0
    """Places on its pages that the site does not fill, and did not when asked again: hidden things."""
    doubtful: int = 0
    """Rows unaccounted for after second looks."""
    doubt: str = ""
    """Digest of what is odd about its pages, equal for equal doubts; empty without a doubt."""
    last_scraped: str | None = None
    """When its last page was received."""


@dataclass(kw_only=True)
class Tombstone(Item):
    """Something asked for is gone (deleted) or hidden (private, moderated, unpublished)."""

    key_fields: ClassVar[tuple[str, ...]] = ("subject", "subject_id")

    kind: str = field(default="tombstone", init=False)
    """Always ``tombstone``."""
    subject: str
    """``thing``, ``user``, ``collection``, ``category`` or ``list``."""
    subject_id: str
    """Number or name of the subject, as text."""
    reason: str
    """``gone`` or ``hidden``."""
    status: int | None = None
    """HTTP status of the answer."""
    message: str | None = None
    """What the site said."""
    last_scraped: str | None = None
    """When the answer was received."""


AnyItem: TypeAlias = (
    Thing
    | Creator
    | Edge
    | Tag
    | Category
    | ThingCategory
    | File
    | Image
    | Make
    | Like
    | Collection
    | CollectionMember
    | Follow
    | Comment
    | PageSnapshot
    | ListRead
    | Tombstone
)
"""Every item there is."""


def field_names() -> list[str]:
    """Names of the fields of all items, each once: the columns of a table that holds every kind."""
    kinds = get_args(AnyItem)
    return list(dict.fromkeys(field.name for kind in kinds for field in fields(kind)))
