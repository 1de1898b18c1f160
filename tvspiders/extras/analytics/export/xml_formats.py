"""GraphML and GEXF, written as a stream."""

from __future__ import annotations

from typing import Any, TextIO
from xml.sax.saxutils import escape, quoteattr

from tvspiders.extras.analytics.data.selection import EDGE, NODE, Attribute, Selection
from tvspiders.harmless import visible

_GRAPHML = {str: "string", int: "long", float: "double", bool: "boolean"}
_GEXF = {str: "string", int: "long", float: "double", bool: "boolean"}


def graphml(selection: Selection, out: TextIO) -> None:
    """GraphML 1.0, as Gephi, Cytoscape, yEd, networkx and igraph read it."""
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write('<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
    for domain, attributes in (("node", NODE), ("edge", EDGE)):
        for attribute in attributes:
            out.write(
                f'<key id="{domain[0]}_{attribute.name}" for="{domain}" attr.name="{attribute.name}" '
                f'attr.type="{_GRAPHML[attribute.kind]}"/>\n'
            )
    out.write('<graph id="remixes" edgedefault="directed">\n')
    for thing_id, values in selection.nodes():
        out.write(f'<node id="{thing_id}">')
        _data(out, "n", NODE, values)
        out.write("</node>\n")
    for parent, child, values in selection.edges():
        out.write(f'<edge source="{parent}" target="{child}">')
        _data(out, "e", EDGE, values)
        out.write("</edge>\n")
    out.write("</graph>\n</graphml>\n")


def _data(out: TextIO, domain: str, attributes: tuple[Attribute, ...], values: dict[str, Any]) -> None:
    for attribute in attributes:
        value = values[attribute.name]
        if value is not None:
            out.write(f'<data key="{domain}_{attribute.name}">{escape(_text(value))}</data>')


def gexf(selection: Selection, out: TextIO) -> None:
    """GEXF 1.2, as Gephi and networkx read it."""
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write('<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">\n')
    out.write('<graph mode="static" defaultedgetype="directed">\n')
    for domain, attributes in (("node", NODE[1:]), ("edge", EDGE)):
        out.write(f'<attributes class="{domain}">\n')
        for attribute in attributes:
            name, kind = attribute.name, _GEXF[attribute.kind]
            out.write(f'<attribute id="{name}" title="{name}" type="{kind}"/>\n')
        out.write("</attributes>\n")
    out.write(f'<nodes count="{len(selection)}">\n')
    for thing_id, values in selection.nodes():
        label = quoteattr(_text(values["label"] or str(thing_id)))
        out.write(f'<node id="{thing_id}" label={label}>')
        _attvalues(out, NODE[1:], values)
        out.write("</node>\n")
    out.write(f'</nodes>\n<edges count="{selection.edge_count}">\n')
    for place, (parent, child, values) in enumerate(selection.edges()):
        out.write(f'<edge id="{place}" source="{parent}" target="{child}">')
        _attvalues(out, EDGE, values)
        out.write("</edge>\n")
    out.write("</edges>\n</graph>\n</gexf>\n")


def _attvalues(out: TextIO, attributes: tuple[Attribute, ...], values: dict[str, Any]) -> None:
    out.write("<attvalues>")
    for attribute in attributes:
        value = values[attribute.name]
        if value is not None:
            out.write(f'<attvalue for="{attribute.name}" value={quoteattr(_text(value))}/>')
    out.write("</attvalues>")


def _text(value: Any) -> str:
    """A value as XML may hold it: control characters are not allowed in it even as references."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return visible(value) if isinstance(value, str) else repr(value)
