"""The errors of tvspiders, importable from everywhere::

    TvspidersError
    ├── UsageProblem         a wrong argument, setting or address: exit code 2, all others 1
    ├── ConfigProblem        the environment does not allow the work
    │   └── NoResponse       a request outside of a crawl got no response
    │       ├── NotSent      it was not sent
    │       └── NoReply      it was sent, and may have taken effect
    ├── StorageProblem       the database cannot be used
    │   ├── NoDatabase       there is none
    │   ├── CrawlBusy        another process runs this crawl
    │   ├── DatabaseChanged  it is another one, or an older state of it
    │   └── SchemaChanged    it was upgraded meanwhile
    ├── AccountProblem       signing in, or acting for an account, failed
    ├── AnswerRefused        a response of the API cannot be parsed
    ├── ForeignOrigin        a request to another host than the API was stopped
    ├── NoTokens             the API accepts no token any more
    ├── Stopped              the crawl stops; nothing waits for a slot any more
    ├── StoreBusy            the store of the quota cannot be reached for now
    └── GivenBack            a request returns to the queue without a counted attempt
        └── AnotherName      it is sent again, for another name of its list

An error that is caught only in the package that raises it is defined there. Each message is one line for a
person: what was wrong, and what is accepted. No message ever holds a token or a proxy password.
"""


class TvspidersError(Exception):
    """Root of all errors raised by tvspiders."""


class UsageProblem(TvspidersError):
    """A wrong argument, setting or address: what was requested cannot be done."""


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


class StorageProblem(TvspidersError):
    """The database cannot be used: wrong URL, damaged file, newer schema, full disk."""


class NoDatabase(StorageProblem):
    """There is no file of this name, and this command does not create one."""


class CrawlBusy(StorageProblem):
    """Another living process owns this crawl (raised by the ledger when a crawl is opened)."""


class DatabaseChanged(StorageProblem):
    """The database is not the one that this process has written to, or an older state of it."""


class SchemaChanged(StorageProblem):
    """The database got another schema while this program worked in it (raised by ``transaction``)."""


class AccountProblem(TvspidersError):
    """Signing in, or acting for an account, was declined, refused or not possible."""


class AnswerRefused(TvspidersError):
    """An answer of the API, or one row of it, cannot be parsed.

    ``reason`` is a short stable name (``not-json``, ``wrong-id`` …) that is
    stored with the raw answer; ``detail`` says more for a person.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class ForeignOrigin(TvspidersError):
    """A request would have left for another place than the API (raised by the download handler)."""


class NoTokens(TvspidersError):
    """Every token was refused by the API (raised to requests that wait for a slot)."""


class Stopped(TvspidersError):
    """The crawl is stopping (raised to requests that wait for a slot)."""


class StoreBusy(TvspidersError):
    """The quota's store cannot be reached now (locked, restarting); nothing may be sent until it can."""


class GivenBack(TvspidersError):
    """A request was cut off for reasons of our own: it returns to the queue, and no attempt counts."""


class AnotherName(GivenBack):
    """A list is to be requested once more, under another name."""
