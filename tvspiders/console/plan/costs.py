"""Estimate the requests of a crawl from one or two cheap requests."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tvspiders.api import parsing, urls
from tvspiders.api.answers import Verdict
from tvspiders.api.headers import links, total_count
from tvspiders.api.lists import paging
from tvspiders.console.api.client import Reply
from tvspiders.errors import ConfigProblem, UsageProblem
from tvspiders.items import Category, Collection, Creator, Thing
from tvspiders.params import CategoriesParams, CrawlParams, RemixesParams, ThingsParams, UsersParams
from tvspiders.params.listings import CollectionsParams, ListingsParams, TagsParams
from tvspiders.spiders.listings import SEARCHES

Ask = Callable[[str], Awaitable[Reply]]


@dataclass
class Plan:
    """Requests by purpose, and how certain the numbers are."""

    parts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    asked: int = 0
    """Requests that the estimate itself has used."""
    known: Mapping[str, str] = field(default_factory=dict)
    """What the database knows of the API's names and fields (``scrapy probe``)."""

    @property
    def total(self) -> int:
        """Requests in all."""
        return sum(self.parts.values())


async def make_plan(arguments: CrawlParams, ask: Ask, known: Mapping[str, str] | None = None) -> Plan:
    """Estimate the requests of a crawl with these arguments; ``known`` is what is known of the API.

    Raises ``ConfigProblem`` when the API does not give what is needed.
    """
    plan = Plan(known=known or {})

    async def counted(path: str) -> Reply:
        plan.asked += 1
        reply = await ask(path)
        if reply.answer.verdict not in (Verdict.OK, Verdict.GONE):
            said = reply.answer.message or reply.answer.reason
            raise ConfigProblem(f"the API answers {reply.answer.status} ({said}); nothing can be estimated")
        return reply

    match arguments:
        case ThingsParams():
            await _plan_things(arguments, counted, plan)
        case CategoriesParams():
            await _plan_categories(arguments, counted, plan)
        case UsersParams():
            await _plan_users(arguments, counted, plan)
        case RemixesParams():
            await _plan_remixes(arguments, counted, plan)
        case ListingsParams():
            await _plan_listing(arguments, counted, plan)
        case CollectionsParams():
            await _plan_collections(arguments, counted, plan)
        case TagsParams():
            await _plan_tags(arguments, counted, plan)
        case _:
            known_costs = arguments.known_costs()
            if known_costs is None:
                raise UsageProblem("this spider cannot be planned")
            plan.parts.update(known_costs[0])
            plan.notes += known_costs[1]
    if arguments.max_requests is not None:
        plan.notes.append(f"max_requests={arguments.max_requests} pauses it earlier")
    return plan


async def _plan_things(arguments: ThingsParams, ask: Ask, plan: Plan) -> None:
    path = urls.search(
        arguments.query or "",
        sort=arguments.sort,
        category_id=arguments.category_id,
        license=arguments.license,
    )
    reply = await ask(path)
    found = 0
    if reply.answer.verdict is Verdict.OK:
        page = parsing.envelope(reply.answer.document)
        found = page.total if page.total is not None else len(page.rows)
    if found >= paging.WINDOW:
        plan.notes.append("10,000 things or more: only 10,000 can be reached, more with beyond_window=true")
    _add_lists(plan, "pages of the search", found, arguments.pages)
    if arguments.details:
        _add_details(plan, min(found, (arguments.pages or found) * urls.PER_PAGE), arguments)


async def _plan_categories(arguments: CategoriesParams, ask: Ask, plan: Plan) -> None:
    if arguments.category is None:
        plan.parts["category pages"] = 1
        plan.notes.append("one more for each root category, about ten")
        return
    wanted = list(arguments.category)
    if wanted == ["all"] or len(wanted) > 1:
        reply = await ask(urls.categories())
        known = [
            item for item in parsing.categories(reply.answer.document).items if isinstance(item, Category)
        ]
        chosen = [item for item in known if wanted == ["all"] or item.slug in wanted]
        found = [item.thing_count or 0 for item in chosen]
        if len(chosen) < len(wanted) and wanted != ["all"]:
            plan.notes.append("sub-categories are not counted: ask for one at a time")
    else:
        found = [await _length(urls.category_things(wanted[0]), ask)]
    for number in found:
        _add_lists(plan, "pages of categories", number, arguments.pages)
        if arguments.details:
            _add_details(plan, min(number, (arguments.pages or number) * urls.PER_PAGE), arguments)


async def _plan_users(arguments: UsersParams, ask: Ask, plan: Plan) -> None:
    name = arguments.username[0]
    reply = await ask(urls.user(name))
    if reply.answer.verdict is not Verdict.OK:
        raise UsageProblem(f"there is no user {name!r}")
    profile = next(
        item for item in parsing.user_profile(reply.answer.document, name) if isinstance(item, Creator)
    )
    stated = {
        "things": profile.thing_count,
        "makes": profile.make_count,
        "likes": profile.like_count,
        "collections": profile.collection_count,
        "followers": profile.follower_count,
        "following": profile.following_count,
    }
    plan.parts["profiles"] = 1
    for kind in arguments.include:
        _add_lists(plan, f"pages of {kind}", stated[kind] or 0, arguments.pages)
        if arguments.details and kind in ("things", "likes"):
            _add_details(plan, stated[kind] or 0, arguments)
    if "collections" in arguments.include:
        plan.notes.append("the things inside collections are not counted")
    if len(arguments.username) > 1:
        plan.parts = {kind: number * len(arguments.username) for kind, number in plan.parts.items()}
        plan.notes.append(f"all {len(arguments.username)} users taken to be like {name}")


async def _plan_remixes(arguments: RemixesParams, ask: Ask, plan: Plan) -> None:
    root = arguments.thing[0]
    reply = await ask(urls.thing(root))
    if reply.answer.verdict is not Verdict.OK:
        raise UsageProblem(f"there is no thing {root}")
    thing = next(
        item for item in parsing.thing_detail(reply.answer.document, root) if isinstance(item, Thing)
    )
    up = len(thing.ancestors or []) if arguments.direction != "children" and arguments.depth != 0 else 0
    down = (thing.remix_count or 0) if arguments.direction != "parents" and arguments.depth != 0 else 0
    roots = len(arguments.thing)
    leaves = arguments.depth == 1 and arguments.details is False
    plan.parts["things"] = (1 + up + (0 if leaves else down)) * roots
    if down:
        name = plan.known.get("thing/derivatives", "derivatives")
        plan.parts[f"pages of {name}"] = math.ceil(down / urls.PER_PAGE) * roots
    if arguments.depth not in (0, 1):
        plan.notes.append("the first generation only: later ones are not known before they are seen")
    if roots > 1:
        plan.notes.append(f"all {roots} roots taken to be like {root}")


async def _plan_listing(arguments: ListingsParams, ask: Ask, plan: Plan) -> None:
    kind = arguments.kind
    if kind == "random":
        draws = arguments.pages or 1
        plan.parts["draws"] = draws
        _add_details(plan, 5 * draws, arguments)
        return
    filters = SEARCHES.get(kind)
    path = urls.listed(kind) if filters is None else urls.search("", **filters)  # type: ignore[arg-type]
    found = await _length(path, ask)
    if found >= paging.WINDOW:
        plan.notes.append("10,000 things or more: only 10,000 can be reached")
    _add_things(plan, "pages of the list", found, arguments)


async def _plan_collections(arguments: CollectionsParams, ask: Ask, plan: Plan) -> None:
    first = arguments.collection[0]
    reply = await ask(urls.collection(first))
    if reply.answer.verdict is not Verdict.OK:
        raise UsageProblem(f"there is no collection {first}")
    items = parsing.collection(reply.answer.document, first)
    found = next(item.thing_count or 0 for item in items if isinstance(item, Collection))
    plan.parts["collections"] = 1
    _add_things(plan, "pages of collections", found, arguments)
    _times(plan, len(arguments.collection), f"collections taken to be like {first}")


async def _plan_tags(arguments: TagsParams, ask: Ask, plan: Plan) -> None:
    first = arguments.tag[0]
    found = await _length(urls.tag_things(first), ask)
    plan.parts["tags"] = 1
    _add_things(plan, "pages of tags", found, arguments)
    _times(plan, len(arguments.tag), f"tags taken to be like {first}")


def _times(plan: Plan, number: int, what: str) -> None:
    if number > 1:
        plan.parts = {kind: each * number for kind, each in plan.parts.items()}
        plan.notes.append(f"all {number} {what}")


def _add_things(plan: Plan, name: str, found: int, arguments: Any) -> None:
    """Pages of a list of things, and their details where they are wanted."""
    _add_lists(plan, name, found, arguments.pages)
    if arguments.details:
        _add_details(plan, min(found, (arguments.pages or found) * urls.PER_PAGE), arguments)


async def _length(path: str, ask: Ask) -> int:
    reply = await ask(path)
    if reply.answer.verdict is not Verdict.OK:
        return 0
    total = total_count(reply.headers)
    if total is not None:
        return total
    page = parsing.envelope(reply.answer.document)
    last = links(reply.headers).get("last")
    return page.total or (last * urls.PER_PAGE if last else len(page.rows))


def _add_lists(plan: Plan, name: str, rows: int, limit: int | None) -> None:
    pages = max(1, math.ceil(min(rows, paging.WINDOW) / urls.PER_PAGE))
    plan.parts[name] = plan.parts.get(name, 0) + min(pages, limit or pages)


def _add_details(plan: Plan, things: int, arguments: Any) -> None:
    things = min(things, paging.WINDOW)
    note = "details=changed asks only those whose rows show something new: fewer, from the second round on"
    if arguments.details == "changed" and note not in plan.notes:
        plan.notes.append(note)
    plan.parts["details"] = plan.parts.get("details", 0) + things
    for name in ("images", "comments", "makes", "categories"):
        if name == "categories" and plan.known.get("detail/categories") == "yes":
            continue  # a thing's own page carries them
        if getattr(arguments, name, False):
            plan.parts[name] = plan.parts.get(name, 0) + things
