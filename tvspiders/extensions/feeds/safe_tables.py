"""Feeds as CSV that no spreadsheet takes for formulas, and as XML that every parser reads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from xml.parsers import expat

from itemadapter import ItemAdapter
from scrapy.exporters import CsvItemExporter, XmlItemExporter
from scrapy.utils.python import is_listlike, to_unicode

from tvspiders.harmless import escaped, no_formula, visible
from tvspiders.items import field_names

_CONTROLS = frozenset({"Cc", "Cs"})
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no place for."""


class SafeCsvExporter(CsvItemExporter):
    """Scrapy's exporter; text that would be a formula gets an apostrophe, control characters are escaped."""

    def __init__(self, file: Any, every_kind: bool = False, **options: Any) -> None:
        super().__init__(file, **{"errors": "backslashreplace"} | options)
        self.every_kind = every_kind
        """Whether there are columns for all kinds of items of ours, and not for the first alone."""

    def _write_headers_and_set_fields_to_export(self, item: Any) -> None:
        names = list(ItemAdapter(item).field_names())
        if self.every_kind and not self.fields_to_export and "kind" in names:
            self.fields_to_export = list(dict.fromkeys([*field_names(), *names]))
            self._autodetected_fields = True
        super()._write_headers_and_set_fields_to_export(item)

    def _build_row(self, values: Iterable[Any]) -> Iterable[Any]:
        for value in values:
            if value is None or isinstance(value, (bool, int, float)):
                yield value
                continue
            text = to_unicode(value, self.encoding) if isinstance(value, (str, bytes)) else str(value)
            safe = no_formula(text)
            yield visible(safe.replace("\r\n", "\n").replace("\r", "\n"), _CONTROLS, "\n\t")


class SafeXmlExporter(XmlItemExporter):
    """Scrapy's exporter, with characters escaped that XML does not allow, in names replaced."""

    def _export_xml_field(self, name: Any, serialized_value: Any, depth: int) -> None:
        value = serialized_value
        if not hasattr(value, "items") and not is_listlike(value):
            value = xml_text(str(value))
        super()._export_xml_field(xml_name(str(name), str(self.encoding)), value, depth)


def xml_text(text: str) -> str:
    r"""The text with an escape for each character that XML 1.0 does not allow.

    >>> xml_text("a\x00\ufffe]]>")
    'a\\x00\\ufffe]]>'
    """
    return _NOT_XML.sub(lambda found: escaped(found.group()), text)


@lru_cache(1000)
def xml_name(name: str, encoding: str = "utf-8") -> str:
    """The name of an element, as near to the field's as XML and the encoding allow.

    >>> xml_name("added"), xml_name("größe"), xml_name("1st file"), xml_name("")
    ('added', 'größe', '_1st_file', '_')
    """
    name = "".join(char if _is_name(f"a{char}", encoding) else "_" for char in name)
    return name if _is_name(name, encoding) else f"_{name}"


def _is_name(name: str, encoding: str) -> bool:
    """Whether parsers take this for the name of an element."""
    found: list[str] = []
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: found.append(name)
    try:
        name.encode(encoding)
        parser.Parse(f"<{name}/>".encode(), True)
    except (expat.ExpatError, UnicodeError):
        return False
    return found == [name]
