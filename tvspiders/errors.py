"""The errors that tvspiders raises itself, one tree, importable from everywhere.

Each message is one line for a person: what was wrong, and what is accepted.
No message ever holds a token or a proxy password.
"""


class TvspidersError(Exception):
    """Root of all errors raised by tvspiders."""


class UsageProblem(TvspidersError):
    """The user asked for something that cannot be done as asked: a wrong argument, setting or URL."""


class ConfigProblem(TvspidersError):
    """The environment does not allow the work: no token, a folder that cannot be written, a wrong URL."""


class NoResponse(ConfigProblem):
    """A request outside of a crawl got no response; ``why`` says it shorter than the message."""

    def __init__(self, message: str, why: str = "") -> None:
        super().__init__(message)
        self.why = why


class NotSent(NoResponse):
    """There was no connection to where the request should go: certainly nothing happened there."""


class NoReply(NoResponse):
    """The request was sent and not answered: it is unknown whether it took effect."""


class GivenBack(TvspidersError):
    """A request was not answered for our own sake: it goes back to the ledger, and no attempt counts."""


class AccountProblem(TvspidersError):
    """Signing in, or acting for an account, was declined, refused or not possible."""


class AnswerRefused(TvspidersError):
    """An answer of the API, or one row of it, could not be understood.

    ``reason`` is a short stable name (``not-json``, ``wrong-id`` …) that is
    stored with the raw answer; ``detail`` says more for a person.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class StorageProblem(TvspidersError):
    """The database cannot be used: wrong URL, damaged file, newer schema, full disk."""


class NoDatabase(StorageProblem):
    """There is no file of this name, and this command makes none."""


class CrawlBusy(StorageProblem):
    """Another living process owns this crawl (raised by the ledger when a crawl is opened)."""


class DatabaseChanged(StorageProblem):
    """The database is not the one that this process has written to, or an older state of it."""
