"""Create the tables of the registry."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
PLATFORM = sa.String(100)


def upgrade() -> None:
    """Create every table; the counter of the registry is made by its first writer."""
    _create_connectors()
    _create_secrets()
    _create_drift()


def downgrade() -> None:
    """Drop every table and the counter."""
    op.execute("DELETE FROM change_counters WHERE name = 'registry'")
    for table in (
        "connector_drift",
        "connector_shapes",
        "connector_secrets",
        "connector_events",
        "connector_versions",
        "connectors",
    ):
        op.drop_table(table)


def _create_connectors() -> None:
    op.create_table(
        "connectors",
        sa.Column("platform", PLATFORM, primary_key=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("newest_version", sa.Integer(), nullable=False),
        sa.Column("active_version", sa.Integer()),
        sa.Column("canary_version", sa.Integer()),
        sa.Column("earlier_versions", sa.String(), nullable=False),
        sa.Column("suspended_because", sa.String()),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("trusted_origins", sa.String(), nullable=False),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("revision", BIG_KEY, nullable=False),
    )
    op.create_table(
        "connector_versions",
        sa.Column("platform", PLATFORM, primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("manifest", sa.String(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.String(300), nullable=False),
        sa.Column("capabilities", sa.String(), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
    )
    op.create_table(
        "connector_events",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("platform", PLATFORM, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.String(300), nullable=False),
        sa.Column("action", sa.String(50), nullable=False),
        sa.Column("version", sa.Integer()),
        sa.Column("detail", sa.String(), nullable=False),
    )
    op.create_index("ix_connector_events_platform", "connector_events", ["platform", "id"])


def _create_secrets() -> None:
    op.create_table(
        "connector_secrets",
        sa.Column("platform", PLATFORM, primary_key=True),
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(8), nullable=False),
        sa.Column("origins", sa.String(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
    )


def _create_drift() -> None:
    op.create_table(
        "connector_shapes",
        sa.Column("platform", PLATFORM, primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("run_id", sa.String(32), nullable=False),
        sa.Column("shape", sa.String(), nullable=False),
    )
    op.create_table(
        "connector_drift",
        sa.Column("platform", PLATFORM, primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("field", sa.String(500), primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
    )
