"""Like or unlike things, once each; each request is recorded before it is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from tvspiders.api import urls
from tvspiders.api.answers import Answer, Verdict
from tvspiders.api.values import flag, identity
from tvspiders.errors import AccountProblem, NoReply, NotSent
from tvspiders.extras.account.attempt import one_line
from tvspiders.extras.account.likes_sent import Action, SentLike, State

Ask = Callable[[str, str], Awaitable[Answer]]
"""Sends a method to a path, within the quota; raises ``NotSent`` or ``NoReply``."""
LIMIT_TRIES = 3
"""Attempts of a request that got a 429; each waits for the quota first."""
METHODS: dict[Action, str] = {"like": "POST", "unlike": "DELETE"}
_DONE: dict[Action, str] = {"like": "liked", "unlike": "not liked any more"}
_ALREADY: dict[Action, str] = {"like": "is liked already", "unlike": "is not liked anyway"}


class ReadOnlyToken(AccountProblem):
    """The token may read and not write, as the token of an app itself."""

    def __init__(self, said: str) -> None:
        super().__init__(
            f"this token may only read ({said}), as an app's own token does: sign in with scrapy login "
            "and use the token of your account"
        )


class Rows(Protocol):
    """Where requests are recorded; see :class:`~tvspiders.extras.account.likes_sent.LikesSent`."""

    def find(self, thing_id: int) -> SentLike | None: ...  # noqa: D102
    def intend(self, thing_id: int, action: Action, at: str) -> None: ...  # noqa: D102
    def settle(  # noqa: D102
        self, thing_id: int, action: Action, state: State, at: str, status: int | None, message: str
    ) -> None: ...


@dataclass(frozen=True)
class Outcome:
    """The outcome for one thing."""

    thing_id: int
    good: bool
    """Whether the thing is in the requested state."""
    text: str


@dataclass(frozen=True)
class _Seen:
    """The state on the thing's own page; ``liked`` is ``None`` when it is missing."""

    liked: bool | None
    creator_id: int | None = None
    gone: str = ""
    """Why there is no such page, where that is known."""


class Liker:
    """Likes or unlikes things for one account.

    A first like is one POST and nothing else. Where something was sent before,
    the thing's page (``is_liked``) is read first: after an unknown outcome
    because it may have worked, after a known one because it may still hold.

    ``clock`` gives the time as text, UTC.
    """

    def __init__(self, action: Action, user_id: int, rows: Rows, ask: Ask, clock: Callable[[], str]) -> None:
        self._action = action
        self._user_id = user_id
        self._rows = rows
        self._ask = ask
        self._clock = clock

    async def apply(self, thing_id: int) -> Outcome:
        """Do it.

        Raises:
            ReadOnlyToken: when the token may not do this at all.
            AccountProblem: when the site turns every further request away as well.
            NotSent: when the API cannot be reached.

        """
        row = self._rows.find(thing_id)
        if row is not None and (row.is_open or (row.state == "done" and row.action == self._action)):
            seen = await self._look(thing_id)
            if seen.gone:
                self._settle(thing_id, "refused", None, seen.gone)
                return Outcome(thing_id, False, seen.gone)
            if seen.liked is None:
                return Outcome(thing_id, False, "its page does not say whether you like it; nothing was sent")
            if seen.liked is self._wanted:
                self._settle(thing_id, "done", 200, "read from the thing's page")
                said = "an earlier run had done it" if row.is_open else "nothing was sent"
                return Outcome(thing_id, True, f"{_ALREADY[self._action]}: {said}")
        return await self._send(thing_id)

    async def rehearse(self, thing_id: int) -> Outcome:
        """Dry run: read the thing's page, record and send nothing."""
        seen = await self._look(thing_id)
        if seen.gone:
            return Outcome(thing_id, False, seen.gone)
        if seen.liked is self._wanted:
            return Outcome(thing_id, True, f"{_ALREADY[self._action]}: nothing would be sent")
        if seen.creator_id == self._user_id:
            return Outcome(thing_id, False, "is your own: the site refuses that")
        return Outcome(thing_id, True, f"{METHODS[self._action]} {urls.like(thing_id)} would be sent")

    @property
    def _wanted(self) -> bool:
        return self._action == "like"

    async def _send(self, thing_id: int) -> Outcome:
        for _ in range(LIMIT_TRIES):
            self._rows.intend(thing_id, self._action, self._clock())
            try:
                answer = await self._ask(METHODS[self._action], urls.like(thing_id))
            except NotSent as problem:
                self._settle(thing_id, "refused", None, f"not sent: {problem}")
                raise
            except NoReply as problem:
                return await self._doubted(thing_id, None, str(problem))
            if answer.verdict is not Verdict.LIMITED:
                return await self._answered(thing_id, answer)
            self._settle(thing_id, "refused", answer.status, _said(answer))
        raise AccountProblem("the site refuses more requests again and again (429); try again later")

    async def _answered(self, thing_id: int, answer: Answer) -> Outcome:
        said = _said(answer)
        match answer.verdict:
            case Verdict.OK:
                self._settle(thing_id, "done", answer.status, "")
                return Outcome(thing_id, True, _DONE[self._action])
            case Verdict.BROKEN:
                return await self._doubted(thing_id, answer.status, said)
            case Verdict.FORBIDDEN | Verdict.UNAUTHORIZED:
                self._settle(thing_id, "refused", answer.status, said)
                raise ReadOnlyToken(f"{answer.status}: {said}")
            case Verdict.BLOCKED:
                self._settle(thing_id, "refused", answer.status, said)
                raise AccountProblem(f"the site blocks us ({answer.status}: {said}); try again later")
        self._settle(thing_id, "refused", answer.status, said)
        if answer.verdict is Verdict.BAD_REQUEST:
            said = f"the site refuses it ({answer.status}: {said}), as it does for things of one's own"
        return Outcome(thing_id, False, said)

    async def _doubted(self, thing_id: int, status: int | None, said: str) -> Outcome:
        """The outcome is unknown: check the page, and do not repeat in this run."""
        self._settle(thing_id, "unknown", status, said)
        try:
            seen = await self._look(thing_id)
        except (NotSent, NoReply):
            seen = _Seen(None)
        if seen.liked is self._wanted:
            self._settle(thing_id, "done", status, "read from the thing's page")
            return Outcome(thing_id, True, f"{_DONE[self._action]} (its page says so; the answer was lost)")
        return Outcome(
            thing_id,
            False,
            f"what came of it is not known ({said}); the same command looks before it repeats",
        )

    async def _look(self, thing_id: int) -> _Seen:
        """The thing's page."""
        for _ in range(LIMIT_TRIES):
            answer = await self._ask("GET", urls.thing(thing_id))
            if answer.verdict is not Verdict.LIMITED:
                break
        match answer.verdict:
            case Verdict.GONE | Verdict.HIDDEN:
                return _Seen(None, gone=_said(answer))
            case Verdict.UNAUTHORIZED | Verdict.BLOCKED:
                raise AccountProblem(
                    f"the site blocks us ({answer.status}: {_said(answer)}); nothing was sent"
                )
        document: dict[str, Any] = answer.document if isinstance(answer.document, dict) else {}
        if answer.verdict is not Verdict.OK or identity(document.get("id")) != thing_id:
            return _Seen(None)
        creator = document.get("creator")
        number = identity(creator.get("id")) if isinstance(creator, dict) else None
        return _Seen(flag(document.get("is_liked")), number)

    def _settle(self, thing_id: int, state: State, status: int | None, message: str) -> None:
        self._rows.settle(thing_id, self._action, state, self._clock(), status, message)


def _said(answer: Answer) -> str:
    """The error text of the site, on one line."""
    return one_line(answer.message) or answer.reason or f"status {answer.status}"
