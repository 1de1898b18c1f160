"""Run ``scrapy like`` and ``scrapy unlike``."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from scrapy.settings import BaseSettings

from tvspiders.api import urls
from tvspiders.api.answers import Answer, Verdict
from tvspiders.api.user_input import thing_id
from tvspiders.api.users import is_own
from tvspiders.api.values import identity
from tvspiders.checks.database import check_database
from tvspiders.checks.final_settings import check_settings
from tvspiders.checks.reachability import check_proxy
from tvspiders.checks.secret_values import check_tokens
from tvspiders.console.api.client import ApiClient
from tvspiders.console.usage import known_options
from tvspiders.errors import AccountProblem, ConfigProblem, TvspidersError, UsageProblem
from tvspiders.extras.account.attempt import one_line
from tvspiders.extras.account.likes import Liker, Outcome, ReadOnlyToken
from tvspiders.extras.account.likes_sent import Action, LikesSent
from tvspiders.params import each
from tvspiders.policies.security.tokens import TokenSource
from tvspiders.printing import say, say_wrong
from tvspiders.storage.database.engine import open_engine


@dataclass(frozen=True)
class LikeOptions:
    """The options of the command line."""

    action: Action
    things: list[int]
    account: str
    """Name of the account, empty when there is only one."""
    dry_run: bool


@dataclass(frozen=True)
class Actor:
    """A token and the account that it acts for."""

    asker: ApiClient
    name: str
    user_id: int
    own: bool
    """Whether the API returned fields that only the owner of an account sees."""

    async def ask(self, method: str, path: str) -> Answer:
        """One request with this token."""
        return (await self.asker.send(method, path)).answer


def read_things(args: Sequence[str]) -> list[int]:
    """Parse ids or addresses of things. Raises ``UsageProblem`` for anything else and an empty list."""
    known_options(args)
    try:
        things: list[int] = each(thing_id)(",".join(args))
    except ValueError as error:
        raise UsageProblem(str(error)) from None
    if not things:
        raise UsageProblem("name one thing or more: 763622, thing:763622 or its thingiverse.com address")
    return things


def run_likes(settings: BaseSettings, from_command_line: list[str], options: LikeOptions) -> int:
    """Like or unlike; exit code 0 when all succeeded, 1 when none did, 3 when some failed.

    4 when interrupted. Raises a ``TvspidersError`` in one line when nothing could begin.
    """
    check_settings(settings, from_command_line)
    check_tokens()
    check_proxy(settings, from_command_line)
    check_database(settings)
    outcomes: list[Outcome] = []
    try:
        asyncio.run(_likes(settings, options, outcomes))
    except KeyboardInterrupt:
        say_wrong("interrupted; the same command goes on, and looks before it repeats")
        return 4
    except TvspidersError as error:
        if not outcomes:
            raise
        left = len(options.things) - len(outcomes)
        say_wrong(f"{error}; {left} of {len(options.things)} not tried")
        return 3 if any(outcome.good for outcome in outcomes) else 1
    bad = sum(not outcome.good for outcome in outcomes)
    if bad:
        say_wrong(f"{bad} of {len(outcomes)} not as asked for")
    return 0 if not bad else 1 if bad == len(outcomes) else 3


async def _likes(settings: BaseSettings, options: LikeOptions, outcomes: list[Outcome]) -> None:
    tokens = TokenSource.from_environment(os.environ).tokens()
    askers = [ApiClient(settings, TokenSource(token.reveal())) for token in tokens]
    engine = open_engine(str(settings["DATABASE_URL"]))
    try:
        actors = _chosen(await _actors(askers, options.things[0]), options.account)
        say(f"As {actors[0].name} (user {actors[0].user_id}):")
        rows = LikesSent(engine, actors[0].user_id, actors[0].name)
        while options.things[len(outcomes) :]:
            liker = Liker(options.action, actors[0].user_id, rows, actors[0].ask, _now)
            number = options.things[len(outcomes)]
            try:
                outcome = await (liker.rehearse(number) if options.dry_run else liker.apply(number))
            except ReadOnlyToken:
                if len(actors) == 1:
                    raise
                actors = actors[1:]
                continue
            say(f"thing:{number} {outcome.text}")
            outcomes.append(outcome)
    finally:
        engine.dispose()
        for asker in askers:
            await asker.close()


async def _actors(askers: Sequence[ApiClient], thing: int) -> list[Actor]:
    """The tokens that act for an account, verified ones first."""
    actors: list[Actor] = []
    refusals: list[str] = []
    for asker in askers:
        answer = (await asker.get(urls.me())).answer
        document = answer.document if isinstance(answer.document, dict) else {}
        number, name = identity(document.get("id")), one_line(str(document.get("name") or ""))
        if answer.verdict is Verdict.OK and number is not None and name:
            actors.append(Actor(asker, name, number, is_own(document)))
            continue
        said = one_line(answer.message) or answer.reason or f"status {answer.status}"
        if answer.verdict in (Verdict.UNAUTHORIZED, Verdict.FORBIDDEN) and await _reads(asker, thing):
            refusals.append(str(ReadOnlyToken(f"it has no account; {answer.status}: {said}")))
        else:
            refusals.append(f"the API does not say whose token it is ({answer.status}: {said})")
    if not actors:
        raise AccountProblem(refusals[0])
    return sorted(actors, key=lambda actor: not actor.own)


async def _reads(asker: ApiClient, thing: int) -> bool:
    """Whether the token may at least read."""
    try:
        verdict = (await asker.get(urls.thing(thing))).answer.verdict
    except ConfigProblem:
        return False
    return verdict in (Verdict.OK, Verdict.GONE, Verdict.HIDDEN)


def _chosen(actors: Sequence[Actor], account: str) -> list[Actor]:
    """The tokens of the selected account. Raises ``UsageProblem`` when that is ambiguous."""
    if account:
        found = [actor for actor in actors if actor.name.casefold() == account.casefold()]
        if not found:
            names = ", ".join(sorted({actor.name for actor in actors}))
            raise UsageProblem(f"no token belongs to {account!r}; there are tokens of: {names}")
        return found
    sure = [actor for actor in actors if actor.own] or list(actors)
    if len({actor.user_id for actor in sure}) > 1:
        names = ", ".join(sorted({actor.name for actor in sure}))
        raise UsageProblem(f"the tokens belong to several accounts ({names}); name one with --as")
    return [actor for actor in actors if actor.user_id == sure[0].user_id]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
