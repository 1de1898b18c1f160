"""Names, descriptions and the HTML that Thingiverse makes of them."""

from __future__ import annotations

from html import escape

from tvspiders.sandbox.catalogue.catalogue import Catalogue
from tvspiders.sandbox.catalogue.mixing import Source
from tvspiders.sandbox.catalogue.vocabulary import ORNAMENTS, SENTENCES


class Texts:
    """What the things of a catalogue are called and what is written about them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._source = Source(catalogue.seed, "texts")

    def name(self, thing: int) -> str:
        """A name with the words by which the thing is found, at times with an odd end."""
        words = self._catalogue.words
        drawn = self._source.number(thing)
        noun, modifier = words.noun(thing).word, words.modifier(thing)
        name = f"{modifier} {noun}" if modifier else noun
        if drawn & 3:
            name = name[:1].upper() + name[1:]
        if drawn & 4:
            name += f" {drawn >> 8 & 0xFF}"
        ending = drawn >> 16 & 0xFF
        if ending < 20:
            name += " " + ORNAMENTS[ending % len(ORNAMENTS)]
        elif ending < 40 and self._catalogue.families.parents(thing):
            name += " (remix)"
        elif ending == 40:
            name += " " + "very " * 18 + "long"
        return name

    def description(self, thing: int) -> str:
        """Markdown with CRLF line ends; a few lines, at times a page, seldom nothing."""
        drawn = self._source.number(thing, 1)
        if drawn % 40 == 0:
            return ""
        lines = 1 + drawn % 3 if drawn & 0x1F00 else 14
        parts = [SENTENCES[((drawn >> 5 * (k % 9)) + k) % len(SENTENCES)] for k in range(lines)]
        if drawn >> 50 & 3 == 0:
            parts.insert(1, "**Parts needed**\r\n* 4 x M3 nut\r\n* 1 x spring")
        return "\r\n\r\n".join(" ".join(parts[k : k + 3]) for k in range(0, len(parts), 3))

    @staticmethod
    def html(markdown: str) -> str:
        """The HTML form of a description."""
        if not markdown:
            return "<div></div>"
        paragraphs = escape(markdown, quote=False).replace("\r\n\r\n", "</p><p>").replace("\r\n", "<br>")
        return f"<div><p>{paragraphs}</p></div>"
