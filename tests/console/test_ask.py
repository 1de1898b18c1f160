"""Single questions outside a crawl."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from scrapy.settings import Settings
from sqlalchemy import text

from tvspiders.console.api.client import ApiAsker
from tvspiders.errors import StorageProblem
from tvspiders.policies.security.tokens import TokenSource
from tvspiders.storage.database.engine import open_engine, writing


def test_a_database_of_another_version_is_refused_and_left_closed(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.db"
    shutil.copy(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    settings = Settings()
    settings.setmodule("tvspiders.settings")
    settings.set("DATABASE_URL", f"sqlite:///{path}")

    with pytest.raises(StorageProblem, match="9999"):
        ApiAsker(settings, TokenSource("one-1"))
