"""The public page of a thing, as a browser sees it: nearly empty until its script has run.

It lives at ``/thing:ID`` of the same address, needs no token, and has no quota.
"""

from __future__ import annotations

import json
from html import escape

from tvspiders.sandbox.api.answers import Answer, challenge
from tvspiders.sandbox.api.routing import Ask
from tvspiders.sandbox.api.site import Site

PREFIX = "thing:"
"""How the path of a public page begins."""

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title} by {creator} - Thingiverse</title></head>
<body><div id="app"></div><footer>{license}</footer>
<script>
const thing = {data};
setTimeout(() => {{
  const heading = document.createElement("h1");
  heading.textContent = thing.name;
  heading.dataset.rendered = String(6 * 7);
  document.getElementById("app").append(heading);
}}, 50);
</script></body></html>
"""
_MISSING = '<!DOCTYPE html><html lang="en"><head><title>Not found</title></head><body>404</body></html>'


def is_public(ask: Ask) -> bool:
    """Whether a page for people is asked for."""
    return ask.method == "GET" and len(ask.segments) == 1 and ask.segments[0].startswith(PREFIX)


def public_page(site: Site, ask: Ask, *, challenged: bool = False) -> Answer:
    """The page, 404 for a thing that is not visible, or a challenge as bots get it."""
    if challenged:
        return challenge(403)
    text = ask.segments[0].removeprefix(PREFIX)
    thing = int(text) if text.isascii() and text.isdigit() and len(text) < 13 else 0
    if not thing or not site.catalogue.life.visible(thing, ask.day):
        return Answer(404, _MISSING.encode(), content_type="text/html; charset=UTF-8")
    detail = site.things.detail(thing, ask.day)
    data = json.dumps({"id": thing, "name": detail["name"]}).replace("<", "\\u003c")
    page = _PAGE.format(
        title=escape(str(detail["name"])),
        creator=escape(str((detail["creator"] or {}).get("name"))),
        license=escape(str(detail["license"])),
        data=data,
    )
    return Answer(200, page.encode(), content_type="text/html; charset=UTF-8")
