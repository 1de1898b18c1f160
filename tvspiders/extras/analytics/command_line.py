"""From the options of ``scrapy report`` to checked values."""

from __future__ import annotations

import argparse

from tvspiders.console.usage import whole
from tvspiders.errors import UsageProblem
from tvspiders.extras.analytics.data.options import KINDS, SECTIONS, NetworkOptions, Options, moment_after


def options_from(args: list[str], opts: argparse.Namespace) -> Options:
    """Read the switches; raises ``UsageProblem`` for a value that is not accepted."""
    sections = tuple(name for name in SECTIONS if name in args) if _all_known(args) and args else SECTIONS
    if opts.creator is not None and "creators" not in sections:
        raise UsageProblem("--creator adds to the section creators; name it too")
    if (opts.order != "descendants" or opts.min_remixes != "0") and "influence" not in sections:
        raise UsageProblem("--order and --min-remixes are for the section influence; name it too")
    by = tuple(dict.fromkeys(_words(opts.by))) if opts.by else KINDS
    return Options(
        sections=sections,
        days=whole("--days", opts.days),
        top=whole("--top", opts.top),
        metric=opts.metric,
        by=by,
        min_base=whole("--min-base", opts.min_base),
        decay=_real("--decay", opts.decay),
        order=opts.order,
        min_remixes=whole("--min-remixes", opts.min_remixes),
        self_remixes=not opts.no_self_remixes,
        customizer=not opts.no_customizer,
        creator=opts.creator,
        as_of=None if opts.as_of is None else moment_after(opts.as_of),
        as_of_given=opts.as_of,
    )


def network_from(opts: argparse.Namespace) -> NetworkOptions:
    """Read the switches of the network."""
    most = whole("--network-nodes", opts.network_nodes)
    if not 1 <= most <= 20_000:
        raise UsageProblem(f"--network-nodes {most} is not accepted; accepted: 1 to 20000")
    return NetworkOptions(None if opts.root is None else thing_number(opts.root), most)


def thing_number(text: str) -> int:
    """Number of a thing given as ``763622``, ``thing:763622`` or its address.

    >>> thing_number("https://www.thingiverse.com/thing:763622/files")
    763622
    """
    import re

    found = re.fullmatch(
        r"(?:https?://(?:www\.)?thingiverse\.com/)?(?:thing:)?([0-9]{1,18})(?:/[a-z]*)?", text.strip()
    )
    if not found:
        raise UsageProblem(f"--root {text!r} is not a thing; accepted: 763622, thing:763622 or its address")
    return int(found[1])


def _real(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageProblem(f"{name} {text!r} is not accepted; accepted: a number") from None


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _all_known(args: list[str]) -> bool:
    for name in args:
        if name not in SECTIONS:
            raise UsageProblem(f"section {name!r} is not accepted; accepted: {', '.join(SECTIONS)}")
    return True
