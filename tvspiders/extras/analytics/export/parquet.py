"""Parquet tables of edges and nodes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any, BinaryIO

from tvspiders.extras.analytics.data.selection import EDGE, NODE, Attribute, Selection

ROWS = 50_000
"""Rows of a row group."""
TIMES = ("added",)
"""Attributes that are points in time: text in other formats, timestamps in UTC here."""


def edges(selection: Selection, out: BinaryIO) -> None:
    """``source``, ``target`` and the attributes of each edge."""
    rows = ({"source": parent, "target": child} | values for parent, child, values in selection.edges())
    _write(out, [("source", int), ("target", int), *_typed(EDGE)], rows)


def nodes(selection: Selection, out: BinaryIO) -> None:
    """``id`` and the attributes of each node."""
    rows = ({"id": thing_id} | values for thing_id, values in selection.nodes())
    _write(out, [("id", int), *_typed(NODE)], rows)


def _typed(attributes: tuple[Attribute, ...]) -> list[tuple[str, type]]:
    return [(attribute.name, attribute.kind) for attribute in attributes]


def _write(out: BinaryIO, fields: list[tuple[str, type]], rows: Iterable[dict[str, Any]]) -> None:
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    kinds = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    given = pa.schema([(name, kinds[kind]) for name, kind in fields])
    time = pa.timestamp("us", "UTC")
    schema = pa.schema([(name, time if name in TIMES else kinds[kind]) for name, kind in fields])
    remaining = iter(rows)
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        while part := list(islice(remaining, ROWS)):
            writer.write_table(pa.Table.from_pylist(part, given).cast(schema))
