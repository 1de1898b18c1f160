"""Why a component ends a crawl: close reason -> what the log and the last line say, and the exit code.

A run that one of them ends has the verdict *failed*; its queue is kept, and the same command goes on.
"""

from __future__ import annotations

from tvspiders.storage.queue import crawls

EXIT_CODES = {
    crawls.COMPLETE: 0,
    crawls.PAUSED: 0,
    crawls.FAILED: 1,
    crawls.PARTIAL: 3,
    crawls.INTERRUPTED: 4,
}
"""Exit code of the process for each verdict; 2 is a wrong command line."""

VERDICT = crawls.FAILED
"""Of each of :data:`CLOSE_REASONS`."""
CLOSE_REASONS = {
    "no_token": "no usable token is left; put a valid one into THINGIVERSE_TOKEN or the token file",
    "unproven": "the API refused every token, and failed when it was asked whether they are valid; try later",
    "blocked": "the site refuses this address with a challenge page; wait some hours before going on",
    "unreachable": "the API cannot be reached; check the network and THINGIVERSE_API_URL",
    "certificate": "the API's certificate is not valid; nothing was sent",
    "proxies": "it was the proxies: none of them answers any more; check them with: scrapy proxy",
    "proxy_unreachable": "it was the proxies: none of them can be reached; check THINGIVERSE_PROXY",
    "proxy_login": "it was the proxies: they refuse user name or password; check THINGIVERSE_PROXY",
    "proxy_certificate": "it was the proxies: they have a certificate of their own in the API's place, "
    "so no token was sent",
    "start_error": "the spider failed while it made its first requests; the log says how",
    "memusage_exceeded": "the memory limit was reached",
    "storage": "the database that keeps the quota failed; the log says how",
}
"""What each reason means and what helps, in one line for a person: logged once, and in the last line."""


def log_line(reason: str, detail: str = "") -> str:
    """What the log says when a component ends the crawl; ``detail`` is what it knows besides.

    >>> log_line("unreachable", "dns")
    'the API cannot be reached; check the network and THINGIVERSE_API_URL (dns)'
    """
    return f"{CLOSE_REASONS[reason]} ({detail})" if detail else CLOSE_REASONS[reason]
