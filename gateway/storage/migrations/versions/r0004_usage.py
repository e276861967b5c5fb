"""Create the tables of usage and their change counter; runs keep the days they ask for."""

import sqlalchemy as sa
from alembic import op

from gateway.storage.tables.columns import Exact

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
PLATFORM, KEY, MEASURE, RUN_ID = sa.String(100), sa.String(32), sa.String(100), sa.String(32)


def upgrade() -> None:
    """Create the tables, the columns of runs and the counter of changes."""
    _create_facts()
    _create_revisions()
    _create_partitions()
    for column in ("first_day", "last_day"):
        op.add_column("harvest_runs", sa.Column(column, sa.Date()))
    counters = sa.table("change_counters", sa.column("name", sa.String), sa.column("value", BIG_KEY))
    op.bulk_insert(counters, [{"name": "usage", "value": 0}])


def downgrade() -> None:
    """Drop tables and columns."""
    for column in ("last_day", "first_day"):
        op.drop_column("harvest_runs", column)
    for table in ("usage_partitions", "usage_revisions", "usage_facts"):
        op.drop_table(table)
    op.execute("DELETE FROM change_counters WHERE name = 'usage'")


def _create_facts() -> None:
    op.create_table(
        "usage_facts",
        sa.Column("platform", PLATFORM, primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("key", KEY, primary_key=True),
        sa.Column("measure", MEASURE, nullable=False),
        sa.Column("region", sa.String(6)),
        sa.Column("stage", sa.String(30)),
        sa.Column("subject", sa.String(100)),
        sa.Column("kind", sa.String(30)),
        sa.Column("teaching_mode", sa.String(30)),
        sa.Column("classroom_kind", sa.String(30)),
        sa.Column("program", sa.String(100)),
        sa.Column("resource", sa.String(250)),
        sa.Column("value", Exact(), nullable=False),
        sa.Column("weight", Exact()),
        sa.Column("sketch", sa.LargeBinary()),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("run_id", RUN_ID, nullable=False),
        sa.Column("fetched_at", INSTANT, nullable=False),
        sqlite_with_rowid=False,
    )


def _create_revisions() -> None:
    op.create_table(
        "usage_revisions",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("platform", PLATFORM, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("measure", MEASURE, nullable=False),
        sa.Column("dimensions", sa.String(), nullable=False),
        sa.Column("value", Exact(), nullable=False),
        sa.Column("weight", Exact()),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", INSTANT, nullable=False),
        sa.Column("replaced_at", INSTANT, nullable=False),
        sa.Column("run_id", RUN_ID, nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_usage_revisions_platform", "usage_revisions", ["platform"])


def _create_partitions() -> None:
    op.create_table(
        "usage_partitions",
        sa.Column("platform", PLATFORM, primary_key=True),
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("sequence", BIG_KEY, nullable=False),
    )
