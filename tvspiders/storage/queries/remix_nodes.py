"""How well each node of the remix network is known, worked out from what is stored.

``unvisited``: named by an edge, its own page never answered. ``partial``: fewer remixes are
known than the site promises, on the thing's page or in its list, or it calls itself a remix and no
parent is known. ``complete``: neither. ``gone`` and ``hidden``: its own page said so last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import CTE, BigInteger, Connection, Select, Text, and_, case, cast, func, or_, select, union

from tvspiders.storage.catalogue.list_ends import REMIXES
from tvspiders.storage.tables import crawls, lists, remix_edges, requests, things, tombstones

STATES = ("unvisited", "partial", "complete", "gone", "hidden")
"""All states of a node."""
_NODE = "parse_thing"
_PREFIX = len("/things/") + 1
_CHUNK = 500


@dataclass(frozen=True)
class Node:
    """One thing of the network."""

    thing_id: int
    state: str
    expected: int | None
    """Remixes as the site promised last, or as the thing's page states where its list holds fewer; ``None``
    when it never said."""
    found: int
    """Remixes that are known."""


@dataclass(frozen=True)
class Summary:
    """The result of a crawl of the network."""

    nodes: Mapping[str, int]
    """Number of nodes by state; every state is named."""
    edges: int
    """Edges seen in this crawl with an end among its nodes."""
    confirmed: int
    """Those that the parent's list and the child's page both name."""
    generations: int
    """Steps of the shortest way from a root to the farthest node that was answered."""

    @property
    def share_confirmed(self) -> float | None:
        """Share of the edges that both ends confirm; ``None`` without edges."""
        return self.confirmed / self.edges if self.edges else None


def nodes(connection: Connection, crawl_id: int | None = None) -> Iterator[Node]:
    """Nodes by number: those of one crawl with their neighbours, or all that any edge names."""
    query = _states(crawl_id)
    for row in connection.execute(query.order_by(query.selected_columns.id)):
        yield Node(row.id, row.state, row.expected, row.found)


def summary(connection: Connection, crawl_id: int) -> Summary:
    """Count nodes, edges and generations of a crawl."""
    states = _states(crawl_id).subquery()
    counted = connection.execute(select(states.c.state, func.count()).group_by(states.c.state))
    by_state = dict.fromkeys(STATES, 0) | {state: int(number) for state, number in counted.all()}
    seen = _edges(crawl_id, _asked(crawl_id)).subquery()
    edges, confirmed = connection.execute(
        select(func.count(), func.count(case((seen.c.seen_from_child.is_not(None), seen.c.seen_from_parent))))
    ).one()
    return Summary(by_state, int(edges), int(confirmed), _generations(connection, crawl_id))


def _generations(connection: Connection, crawl_id: int) -> int:
    """Steps of the shortest way from a root to the farthest node that was answered.

    Counted along the edges: where the walk has no end, a node keeps the priority of the way that found it
    first, which a request that had to be repeated makes a longer one.
    """
    crawl = select(crawls.c.arguments, crawls.c.started_at).where(crawls.c.id == crawl_id)
    arguments, started = connection.execute(crawl).one()
    direction = json.loads(arguments).get("direction", "both")
    number = cast(func.substr(requests.c.path, _PREFIX), BigInteger)
    nodes_ = select(number, requests.c.rank, requests.c.state).where(
        requests.c.crawl_id == crawl_id, requests.c.callback == _NODE
    )
    level: list[int] = []
    left: set[int] = set()
    for node, rank, state in connection.execute(nodes_):
        if rank == 0:
            level.append(node)
        elif state in ("done", "gone"):
            left.add(node)
    edge, ways = remix_edges.c, []
    if direction != "parents":
        ways.append((edge.parent_id, edge.child_id))
    if direction != "children":
        ways.append((edge.child_id, edge.parent_id))
    steps = 0
    while True:
        found: set[int] = set()
        for first in range(0, len(level), _CHUNK):
            for near, far in ways:
                beside = select(far).where(
                    near.in_(level[first : first + _CHUNK]), edge.last_scraped >= started
                )
                found.update(connection.execute(beside).scalars())
        level = [node for node in found if node in left]
        if not level:
            return steps
        left.difference_update(level)
        steps += 1


def _asked(crawl_id: int) -> CTE:
    """Numbers of the things whose own page the crawl requests."""
    number = cast(func.substr(requests.c.path, _PREFIX), BigInteger)
    return (
        select(number.label("id"))
        .where(requests.c.crawl_id == crawl_id, requests.c.callback == _NODE)
        .cte("asked")
    )


def _edges(crawl_id: int, asked: CTE) -> Select[tuple[int, int, str, str]]:
    started = select(crawls.c.started_at).where(crawls.c.id == crawl_id).scalar_subquery()
    ids = select(asked.c.id)
    return select(
        remix_edges.c.parent_id,
        remix_edges.c.child_id,
        remix_edges.c.seen_from_child,
        remix_edges.c.seen_from_parent,
    ).where(
        remix_edges.c.last_scraped >= started,
        or_(remix_edges.c.parent_id.in_(ids), remix_edges.c.child_id.in_(ids)),
    )


def _states(crawl_id: int | None) -> Select[tuple[int, str, int, int]]:
    if crawl_id is None:
        ids = union(select(remix_edges.c.parent_id.label("id")), select(remix_edges.c.child_id)).cte("ids")
    else:
        asked = _asked(crawl_id)
        edges = _edges(crawl_id, asked).cte("edges")
        ids = union(select(asked.c.id), select(edges.c.parent_id), select(edges.c.child_id)).cte("ids")
    children = (
        select(remix_edges.c.parent_id.label("id"), func.count().label("number"))
        .group_by(remix_edges.c.parent_id)
        .cte("children")
    )
    has_parent = select(remix_edges.c.child_id).where(remix_edges.c.child_id == ids.c.id).exists()
    listed = (
        select(
            lists.c.subject_id,
            func.max(lists.c.total).label("total"),
            # more than came: the list contradicts the thing's own page, and neither is known to be right
            func.max(case((lists.c.stated > lists.c.received, lists.c.stated))).label("stated"),
            func.max(lists.c.last_scraped).label("at"),
        )
        .where(lists.c.subject == "thing", lists.c.name.in_(REMIXES))
        .group_by(lists.c.subject_id)
        .cte("listed")
    )
    found = func.coalesce(children.c.number, 0)
    last = func.coalesce(listed.c.total, things.c.remix_count)
    expected = case(
        (listed.c.at < things.c.detail_scraped, things.c.remix_count),
        (listed.c.stated > func.coalesce(last, 0), listed.c.stated),
        (listed.c.at >= things.c.detail_scraped, last),
        else_=things.c.remix_count,
    )
    state = case(
        (tombstones.c.reason.is_not(None), tombstones.c.reason),
        (things.c.detail_scraped.is_(None), "unvisited"),
        (expected > found, "partial"),
        (and_(things.c.is_derivative, ~has_parent), "partial"),
        else_="complete",
    )
    subject = cast(ids.c.id, Text)
    is_gone = and_(
        tombstones.c.subject == "thing",
        tombstones.c.subject_id == subject,
        tombstones.c.reappeared_at.is_(None),
    )
    return select(
        ids.c.id.label("id"), state.label("state"), expected.label("expected"), found.label("found")
    ).select_from(
        ids.outerjoin(things, things.c.id == ids.c.id)
        .outerjoin(tombstones, is_gone)
        .outerjoin(listed, listed.c.subject_id == subject)
        .outerjoin(children, children.c.id == ids.c.id)
    )
