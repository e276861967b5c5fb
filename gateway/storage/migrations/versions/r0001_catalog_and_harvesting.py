"""Create the tables of catalog and harvesting."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
PLATFORM, NATIVE_ID, RUN_ID = sa.String(100), sa.String(250), sa.String(32)


def upgrade() -> None:
    """Create every table and the change counter of the catalog."""
    _create_catalog()
    _create_runs()
    _create_findings_of_runs()


def downgrade() -> None:
    """Drop every table."""
    for table in (
        "unmapped_values",
        "quarantined_records",
        "harvest_seen",
        "harvest_runs",
        "harvest_leases",
        "resource_copy_keys",
        "resource_links",
        "resources",
        "change_counters",
    ):
        op.drop_table(table)


def _create_catalog() -> None:
    counters = op.create_table(
        "change_counters",
        sa.Column("name", sa.String(50), primary_key=True),
        sa.Column("value", BIG_KEY, nullable=False),
    )
    op.bulk_insert(counters, [{"name": "catalog", "value": 0}])
    op.create_table(
        "resources",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("platform", PLATFORM, nullable=False),
        sa.Column("native_id", NATIVE_ID, nullable=False),
        sa.Column("sequence", BIG_KEY, nullable=False),
        sa.Column("access", sa.String(20), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("unmapped", sa.String(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("manifest_version", sa.Integer(), nullable=False),
        sa.Column("fetched_at", INSTANT, nullable=False),
        sa.Column("modified_upstream_at", INSTANT),
        sa.Column("withdrawn_at", INSTANT),
        sa.UniqueConstraint("platform", "native_id"),
    )
    op.create_index("ix_resources_sequence", "resources", ["sequence"], unique=True)
    _create_links_and_copy_keys()


def _create_links_and_copy_keys() -> None:
    op.create_table(
        "resource_links",
        sa.Column("platform", PLATFORM, primary_key=True),
        sa.Column("source", NATIVE_ID, primary_key=True),
        sa.Column("relation", sa.String(20), primary_key=True),
        sa.Column("target", NATIVE_ID, primary_key=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_resource_links_target", "resource_links", ["platform", "target", "relation"])
    op.create_table(
        "resource_copy_keys",
        sa.Column("platform", PLATFORM, primary_key=True),
        sa.Column("native_id", NATIVE_ID, primary_key=True),
        sa.Column("key", sa.String(80), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_resource_copy_keys_key", "resource_copy_keys", ["key"])


def _create_runs() -> None:
    counts = ("pages", "seen", "created", "updated", "unchanged", "withdrawn", "quarantined", "duplicates")
    op.create_table(
        "harvest_runs",
        sa.Column("id", RUN_ID, primary_key=True),
        sa.Column("platform", PLATFORM, nullable=False),
        sa.Column("manifest_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("since", INSTANT),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.Column("checkpoint", sa.String()),
        sa.Column("expected", sa.Integer()),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.Column("error_code", sa.String(50)),
        sa.Column("error", sa.String()),
    )
    op.create_index("ix_harvest_runs_platform", "harvest_runs", ["platform", "started_at"])
    op.create_table(
        "harvest_leases",
        sa.Column("platform", PLATFORM, primary_key=True),
        sa.Column("holder", sa.String(300), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
    )
    op.create_table(
        "harvest_seen",
        sa.Column("run_id", RUN_ID, primary_key=True),
        sa.Column("native_id", NATIVE_ID, primary_key=True),
        sqlite_with_rowid=False,
    )


def _create_findings_of_runs() -> None:
    op.create_table(
        "quarantined_records",
        sa.Column("id", RUN_ID, primary_key=True),
        sa.Column("platform", PLATFORM, nullable=False),
        sa.Column("native_id", NATIVE_ID),
        sa.Column("run_id", RUN_ID, nullable=False),
        sa.Column("code", sa.String(100), nullable=False),
        sa.Column("findings", sa.String(), nullable=False),
        sa.Column("raw", sa.String(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
    )
    op.create_index("ix_quarantined_records_platform", "quarantined_records", ["platform", "native_id"])
    op.create_table(
        "unmapped_values",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("platform", PLATFORM, nullable=False),
        sa.Column("run_id", RUN_ID, nullable=False),
        sa.Column("field", sa.String(100), nullable=False),
        sa.Column("value", sa.String(500), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("example", sa.String(250), nullable=False),
        sa.UniqueConstraint("platform", "run_id", "field", "value"),
    )
