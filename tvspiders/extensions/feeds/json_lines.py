"""JSON that every reader understands, in any encoding, whatever the text."""

from __future__ import annotations

import codecs
import re
from typing import Any

from scrapy.exporters import JsonItemExporter, JsonLinesItemExporter

SEPARATORS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""Characters that JSON allows in text and ``splitlines`` takes for ends of lines."""
ESCAPE = "tvspiders.json"
"""Name of what ``encode`` does with characters that the encoding has not."""


def _escape(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    pairs = (units[place : place + 2].hex() for place in range(0, len(units), 2))
    return "".join(f"\\u{pair}" for pair in pairs), error.end


codecs.register_error(ESCAPE, _escape)


def escape_separators(line: str) -> str:
    """The same JSON text on one line for every reader."""
    for character, escape in SEPARATORS.items():
        if character in line:
            line = line.replace(character, escape)
    return line


def escape_commands(text: str) -> str:
    """The same JSON text without a character that a terminal, or a reader of its lines, would obey."""
    return _COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


_COMMANDS = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class SafeJsonLinesExporter(JsonLinesItemExporter):
    """Scrapy's exporter, with the line separators of Unicode escaped."""

    def export_item(self, item: Any) -> None:
        """Write one line."""
        line = escape_separators(self.encoder.encode(dict(self.get_serialized_fields(item)))) + "\n"
        self.file.write(line.encode(self.encoding or "utf-8", ESCAPE))


class SafeJsonExporter(JsonItemExporter):
    """Scrapy's exporter, with characters escaped that the encoding has not."""

    def export_item(self, item: Any) -> None:
        """Write one element."""
        data = self.encoder.encode(dict(self.get_serialized_fields(item)))
        self._add_comma_after_first()
        self.file.write(data.encode(self.encoding or "utf-8", ESCAPE))
