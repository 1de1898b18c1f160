"""Check the database of a crawl: it can be used, and it holds data of the same kind of API."""

from __future__ import annotations

from scrapy.settings import BaseSettings
from sqlalchemy.exc import DBAPIError

from tvspiders.errors import ConfigProblem, StorageProblem
from tvspiders.policies.security.origin import Origin
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.database.schema import complaint, prepare_schema
from tvspiders.storage.queue.crawls import latest_api_url


def check_database(settings: BaseSettings) -> None:
    """Raises ``StorageProblem`` when the database cannot be used; creates or upgrades its tables."""
    engine = open_engine(str(settings["DATABASE_URL"]))
    try:
        prepare_schema(engine)
    finally:
        engine.dispose()


def check_same_world(settings: BaseSettings) -> None:
    """Raises ``ConfigProblem`` when made-up things and real ones would be mixed in one database.

    An API on this computer is the sandbox, or something like it.
    """
    engine = open_engine(str(settings["DATABASE_URL"]))
    try:
        with engine.connect() as connection:
            before = latest_api_url(connection)
    except DBAPIError as error:
        raise StorageProblem(complaint(engine, error)) from None
    finally:
        engine.dispose()
    now = str(settings["THINGIVERSE_API_URL"])
    if before is not None and Origin.parse(before).is_loopback != Origin.parse(now).is_loopback:
        raise ConfigProblem(
            f"the database holds what {before} answered, and made-up things are not mixed with real ones; "
            "name another in DATABASE_URL"
        )
