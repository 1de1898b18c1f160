"""Users: their profiles, and the lists that belong to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator

from scrapy import Request
from scrapy.http import Response

from tvspiders import meta
from tvspiders.api import answers, urls, users
from tvspiders.api.lists.rows import Listing
from tvspiders.items import Collection, Creator, Item
from tvspiders.params import UsersParams
from tvspiders.spiders.base.api_spider import MISSING, answer_of
from tvspiders.spiders.base.cursors import ListCursor
from tvspiders.spiders.base.detail_spider import DetailSpider
from tvspiders.spiders.base.list_spider import Output

PROFILE_PRIORITY = 20
"""Profiles go first: they are the smallest part, and everything else follows from them."""
STATED = {
    "things": "thing_count",
    "makes": "make_count",
    "likes": "like_count",
    "collections": "collection_count",
    "followers": "follower_count",
    "following": "following_count",
}
"""What the profile states of each list."""


class UsersSpider(DetailSpider):
    """Profiles and, by ``include``, things, makes, likes, collections, followers and following.

    Example: ``scrapy crawl users -a username=MakerBot -a include=things,collections``
    """

    name = "users"
    argument_model = UsersParams
    args: UsersParams

    async def start(self) -> AsyncIterator[Request]:
        """Request the profiles."""
        for name in self.args.username:
            yield self.ask(urls.user(name), self.parse_user, priority=PROFILE_PRIORITY, name=name)

    def parse_user(self, response: Response, name: str) -> Iterator[Output]:
        """A profile, and the first page of each list that is wanted."""
        answer = answer_of(response)
        if answer.verdict in MISSING:
            self.logger.error("The site shows no user %r", name)
            yield answers.tombstone(answer, "user", name)
            return
        for item in users.user_profile(answer.document, name):
            yield item
            if isinstance(item, Creator):
                yield from self.lists_of(item)

    def lists_of(self, user: Creator) -> Iterator[Request]:
        """The lists that are wanted, under the name that the site spells; ``me`` becomes a real one."""
        for name in self.args.include:
            if user.id is None and name in ("likes", "followers", "following"):
                self.logger.warning("%s has no number, so %s cannot be stored", user.username, name)
                continue
            yield self.ask_list(
                f"user-{name}",
                user.username,
                limit=self.args.pages,
                stated=getattr(user, STATED[name]),
                about={"user_id": user.id},
            )

    def take(self, listing: Listing, cursor: ListCursor) -> Iterable[Output]:
        """Rows of a list, and of each collection its things; of the user the profile is enough."""
        for output in super().take(listing, cursor):
            if isinstance(output, Creator) and self.profiled(output, cursor.subject_id):
                continue
            if isinstance(output, Request):
                listed = meta.told(output)
                output.meta[meta.TOLD] = [
                    item
                    for item in listed
                    if not (isinstance(item, Creator) and self.profiled(item, cursor.subject_id))
                ]
            yield output
            if isinstance(output, Collection):
                yield self.ask_list(
                    "collection-things", output.id, limit=self.args.pages, stated=output.thing_count
                )

    def asked_for(self, kind: str) -> bool:
        """A list of a user, where ``include`` was given."""
        return not kind.startswith("user-") or "include" in self.args.model_fields_set

    def wanted(self, item: Item, files_known: bool) -> bool:
        """Not the summary of a user whose profile this crawl requests."""
        return super().wanted(item, files_known) and not (isinstance(item, Creator) and self.profiled(item))

    def profiled(self, user: Creator, owner: int | str = "") -> bool:
        """Whether this crawl requests the profile of a user: a summary beside it would say less."""
        return user.username.casefold() in {str(owner).casefold(), *map(str.casefold, self.args.username)}
