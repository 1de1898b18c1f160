"""Addresses of the API, as paths below its base.

Every free text is percent-encoded exactly once. Which endpoints exist, and
what the guides call them, is recorded in the API notes: ``derivatives`` and
``copies`` are the official names of what the guide calls remixes and makes.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode, urlsplit

from tvspiders.api.values import LARGEST

PER_PAGE = 30
"""Rows asked for on a page: the default of list endpoints (recorded 2025) and the cap of 2015."""


def base_url(text: str) -> str:
    """Write the API's address as requests have it: scheme and host in small letters, no final slash.

    >>> base_url("HTTPS://API.thingiverse.com/")
    'https://api.thingiverse.com'
    """
    parts = urlsplit(text)
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def search(
    term: str,
    page: int = 1,
    per_page: int = PER_PAGE,
    sort: str | None = None,
    category_id: int | None = None,
    license: str | None = None,  # noqa: A002
    type: str = "things",  # noqa: A002
    **filters: str | int | bool | None,
) -> str:
    """Search for things, users, makes or collections; the empty term finds everything.

    ``license`` is a code (``cc-sa``), not the sentence that answers carry.
    Further filters (``is_derivative``, ``posted_after`` …) are passed on as
    they are, true and false as 1 and 0; those that are ``None`` are left out.
    """
    given = {"sort": sort, "category_id": category_id, "license": license, **filters}
    path = f"/search/{_segment(term)}/" if term else "/search/"
    return _with(path, type=type, page=page, per_page=per_page, **given)


def thing(thing_id: int) -> str:
    """One thing, in full."""
    return f"/things/{_number(thing_id)}"


def ancestors(thing_id: int) -> str:
    """Direct parents of a thing."""
    return thing(thing_id) + "/ancestors"


def derivatives(thing_id: int, page: int = 1, per_page: int = PER_PAGE) -> str:
    """Remixes of a thing, newest first."""
    return _paged(thing(thing_id) + "/derivatives", page, per_page)


def remixes(thing_id: int, page: int = 1, per_page: int = PER_PAGE) -> str:
    """What one guide names for :func:`derivatives`; in no official document, so a fallback at most."""
    return _paged(thing(thing_id) + "/remixes", page, per_page)


def copies(thing_id: int, page: int = 1, per_page: int = PER_PAGE) -> str:
    """Makes of a thing."""
    return _paged(thing(thing_id) + "/copies", page, per_page)


def files(thing_id: int, page: int = 1, per_page: int = PER_PAGE) -> str:
    """Files of a thing."""
    return _paged(thing(thing_id) + "/files", page, per_page)


def images(thing_id: int, page: int = 1, per_page: int = PER_PAGE) -> str:
    """Pictures of a thing."""
    return _paged(thing(thing_id) + "/images", page, per_page)


def comments(thing_id: int, page: int = 1, per_page: int = PER_PAGE) -> str:
    """Comments on a thing."""
    return _paged(thing(thing_id) + "/comments", page, per_page)


def thing_likes(thing_id: int, page: int = 1, per_page: int = PER_PAGE) -> str:
    """Users who like a thing."""
    return _paged(thing(thing_id) + "/likes", page, per_page)


def like(thing_id: int) -> str:
    """Where a like of one's own is sent (POST) and taken back (DELETE)."""
    return thing(thing_id) + "/likes"


def thing_categories(thing_id: int) -> str:
    """Categories of a thing; in practice one (813 of 813, recorded 2021)."""
    return thing(thing_id) + "/categories"


def thing_tags(thing_id: int) -> str:
    """Tags of a thing; the detail carries them since 2021."""
    return thing(thing_id) + "/tags"


def categories(page: int = 1, per_page: int = PER_PAGE) -> str:
    """Root categories."""
    return _paged("/categories", page, per_page)


def category(slug: str) -> str:
    """One category and its children."""
    return f"/categories/{_segment(slug)}"


def category_things(slug: str, page: int = 1, per_page: int = PER_PAGE) -> str:
    """Things filed under a category."""
    return _paged(category(slug) + "/things", page, per_page)


def me() -> str:
    """User whom the token belongs to: the usual token check."""
    return "/users/me"


def user(name: str) -> str:
    """Profile of a user; the case of the name does not matter."""
    return f"/users/{_segment(name)}"


def user_things(name: str, page: int = 1, per_page: int = PER_PAGE) -> str:
    """Things a user published."""
    return _paged(user(name) + "/things", page, per_page)


def user_copies(name: str, page: int = 1, per_page: int = PER_PAGE) -> str:
    """Makes a user posted."""
    return _paged(user(name) + "/copies", page, per_page)


def user_likes(name: str, page: int = 1, per_page: int = PER_PAGE) -> str:
    """Things a user likes."""
    return _paged(user(name) + "/likes", page, per_page)


def user_collections(name: str, page: int = 1, per_page: int = PER_PAGE) -> str:
    """Collections a user keeps."""
    return _paged(user(name) + "/collections", page, per_page)


def followers(name: str, page: int = 1, per_page: int = PER_PAGE) -> str:
    """Users who follow this one."""
    return _paged(user(name) + "/followers", page, per_page)


def following(name: str, page: int = 1, per_page: int = PER_PAGE) -> str:
    """Users whom this one follows."""
    return _paged(user(name) + "/following", page, per_page)


def collection(collection_id: int) -> str:
    """One collection, without its things."""
    return f"/collections/{_number(collection_id)}"


def collection_things(collection_id: int, page: int = 1, per_page: int = PER_PAGE) -> str:
    """Things in a collection."""
    return _paged(collection(collection_id) + "/things", page, per_page)


def tag(name: str) -> str:
    """One tag: its text and how many things carry it."""
    return f"/tags/{_segment(name)}"


def tag_things(name: str, page: int = 1, per_page: int = PER_PAGE) -> str:
    """Things with a tag."""
    return _paged(tag(name) + "/things", page, per_page)


def tag_search(name: str, page: int = 1, per_page: int = PER_PAGE) -> str:
    """Things that a search for a tag finds (recorded 2022)."""
    return _paged(f"/search/{_segment(name)}/tag", page, per_page)


def random_things(draw: int = 1) -> str:
    """Numbers of five well-liked things; ``draw`` only makes each request different."""
    return "/things/0/random" if draw == 1 else _with("/things/0/random", page=draw)


def listed(kind: str, page: int = 1, per_page: int = PER_PAGE) -> str:
    """``newest``, ``popular``, ``featured`` or ``verified``: the old addresses by name."""
    return {"newest": newest, "popular": popular, "featured": featured, "verified": verified}[kind](
        page, per_page
    )


def newest(page: int = 1, per_page: int = PER_PAGE) -> str:
    """Newest things (deprecated in the specification of 2026; use :func:`search`)."""
    return _paged("/newest", page, per_page)


def popular(page: int = 1, per_page: int = PER_PAGE) -> str:
    """Popular things (deprecated, as :func:`newest`)."""
    return _paged("/popular", page, per_page)


def featured(page: int = 1, per_page: int = PER_PAGE) -> str:
    """Featured things (deprecated, as :func:`newest`)."""
    return _paged("/featured", page, per_page)


def verified(page: int = 1, per_page: int = PER_PAGE) -> str:
    """Things tested in print (deprecated, as :func:`newest`)."""
    return _paged("/verified", page, per_page)


def _segment(text: str) -> str:
    """Free text as one segment of a path; ``.`` and ``..`` are encoded too, or they would climb."""
    if not text:
        raise ValueError("an empty name has no address")
    try:
        encoded = quote(text, safe="")
    except UnicodeEncodeError:
        raise ValueError(f"{text!r} is not valid Unicode text") from None
    return encoded.replace(".", "%2E") if encoded in (".", "..") else encoded


def _number(value: int) -> int:
    if type(value) is not int or not 1 <= value <= LARGEST:
        raise ValueError(f"{value!r} is no number of the API: 1 to {LARGEST}")
    return value


def _paged(path: str, page: int, per_page: int) -> str:
    return _with(path, page=page, per_page=per_page)


def _with(path: str, **parameters: str | int | bool | None) -> str:
    given = {
        name: int(value) if isinstance(value, bool) else value
        for name, value in parameters.items()
        if value is not None
    }
    return f"{path}?{urlencode(given, quote_via=quote, safe='')}"
