"""JSON Lines that every reader splits at the same places."""

from __future__ import annotations

from typing import Any

from scrapy.exporters import JsonLinesItemExporter

SEPARATORS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""Characters that JSON allows in text and ``splitlines`` takes for ends of lines."""


def escape_separators(line: str) -> str:
    """The same JSON text on one line for every reader."""
    for character, escape in SEPARATORS.items():
        if character in line:
            line = line.replace(character, escape)
    return line


class SafeJsonLinesExporter(JsonLinesItemExporter):
    """Scrapy's exporter, with the line separators of Unicode escaped."""

    def export_item(self, item: Any) -> None:
        """Write one line."""
        line = escape_separators(self.encoder.encode(dict(self.get_serialized_fields(item))))
        self.file.write(line.encode("utf-8", "backslashreplace") + b"\n")
