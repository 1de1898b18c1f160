"""dlt's declarative REST source: search pages, a detail for each hit, merged into SQLite.

python -m benchmarks.clients.dlt_rest URL QUERY PAGES DATABASE
"""

from __future__ import annotations

import os
import sys
import tempfile

os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}

import dlt
from dlt.sources.rest_api import rest_api_source

from benchmarks.clients import rows


def main(base: str, query: str, pages: int, path: str) -> None:
    search = {
        "name": "hits",
        "endpoint": {
            "path": f"search/{query}/",
            "params": {"type": "things", "per_page": rows.PER_PAGE},
            "data_selector": "hits",
            "paginator": {
                "type": "page_number",
                "base_page": 1,
                "maximum_page": pages + 1,
                "total_path": None,
            },
        },
    }
    detail = {
        "name": "things",
        "primary_key": "id",
        "write_disposition": "merge",
        "max_table_nesting": 1,
        "endpoint": {
            "path": "things/{resources.hits.id}",
            "response_actions": [
                {"status_code": 404, "action": "ignore"},
                {"status_code": 403, "action": "ignore"},
            ],
        },
    }
    source = rest_api_source(
        {
            "client": {"base_url": base, "headers": {"Authorization": "Bearer any-token-1"}},
            "resources": [search, detail],
        }
    ).with_resources("things")
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            "contest",
            destination=dlt.destinations.sqlalchemy(f"sqlite:///{path}"),
            dataset_name="main",
            pipelines_dir=folder,
        )
        pipeline.run(source)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
