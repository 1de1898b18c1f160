"""Keep what profiles and files state; files with a number stand under it, two of one name apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FILE = ("thing_id", "name", "id", "size", "date", "hash", "hash_encoding", "download_count", "last_scraped")
ADDRESSES = ("url", "public_url", "download_url", "direct_url", "threejs_url", "thumbnail", "default_image")
TEXTS = ("first_name", "last_name", "bio", "thumbnail", "cover_image")
COUNTS = ("favorite_count", "download_count")


def upgrade() -> None:
    """Bring the schema to this version; of two rows with one number the newer stays."""
    op.add_column("things", sa.Column("preview_image", sa.Text(), nullable=True))
    for name in TEXTS:
        op.add_column("creators", sa.Column(name, sa.Text(), nullable=True))
    for name in COUNTS:
        op.add_column("creators", sa.Column(name, BIG, nullable=True))
    _set_aside()
    op.create_table(
        "files",
        sa.Column("thing_id", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *_described(),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ADDRESSES),
        sa.UniqueConstraint("thing_id", "id", name=op.f("uq_files_thing_id_id")),
    )
    nameless = sa.text("id IS NULL")
    op.create_index(
        "ix_files_thing_id_name",
        "files",
        ["thing_id", "name"],
        unique=True,
        sqlite_where=nameless,
        postgresql_where=nameless,
    )
    _bring_back("(other.thing_id, other.id) = (one.thing_id, one.id)", "{}.name")


def downgrade() -> None:
    """Bring the schema back to the version before; of two files of one name the newer stays."""
    _set_aside()
    op.create_table(
        "files",
        sa.Column("thing_id", BIG, nullable=False, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        *_described(),
        sa.PrimaryKeyConstraint("thing_id", "name"),
    )
    _bring_back("(other.thing_id, other.name) = (one.thing_id, one.name)", "coalesce({}.id, 0)")
    for name in (*COUNTS, *TEXTS):
        op.drop_column("creators", name)
    op.drop_column("things", "preview_image")


def _described() -> list[sa.Column[object]]:
    kinds = {"id": BIG, "size": BIG, "download_count": BIG}
    return [sa.Column(name, kinds.get(name, sa.Text()), nullable=True) for name in FILE[2:]]


def _set_aside() -> None:
    op.execute(f"CREATE TABLE files_before AS SELECT {', '.join(FILE)} FROM files")  # noqa: S608 - our columns
    op.drop_table("files")


def _bring_back(same: str, order: str) -> None:
    """Of rows with the ``same`` key the newest, and of equally new ones the last by ``order``."""
    newest = "coalesce(other.last_scraped, ''), {other}".format(other=order.format("other"))
    this = "coalesce(one.last_scraped, ''), {one}".format(one=order.format("one"))
    op.execute(
        f"INSERT INTO files ({', '.join(FILE)}) SELECT {', '.join(FILE)} FROM files_before AS one "  # noqa: S608
        f"WHERE NOT EXISTS (SELECT 1 FROM files_before AS other WHERE {same} AND ({newest}) > ({this})) "
        "ORDER BY thing_id, name"
    )
    op.drop_table("files_before")
