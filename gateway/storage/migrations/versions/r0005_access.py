"""Create the tables of access and the counter of the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
ID = sa.String(32)
COUNTERS = ("audit",)
TABLES = (
    "api_keys",
    "sharing_agreements",
    "audit_log",
)


def upgrade() -> None:
    """Create the tables and counters."""
    _create_api_keys()
    _create_sharing_agreements()
    _create_audit_log()
    counters = sa.table("change_counters", sa.column("name", sa.String), sa.column("value", BIG_KEY))
    op.bulk_insert(counters, [{"name": name, "value": 0} for name in COUNTERS])


def downgrade() -> None:
    """Drop tables and counters."""
    for table in reversed(TABLES):
        op.drop_table(table)
    counters = sa.table("change_counters", sa.column("name", sa.String))
    op.execute(counters.delete().where(counters.c.name.in_(COUNTERS)))


def _create_api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("grants", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("teacher_id", ID),
        sa.Column("per_minute", sa.Integer()),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("expires_at", INSTANT),
        sa.Column("revoked_at", INSTANT),
        sa.Column("revoked_by", sa.String(200)),
        sa.Column("rotated_from", ID),
    )


def _create_sharing_agreements() -> None:
    op.create_table(
        "sharing_agreements",
        sa.Column("id", ID, primary_key=True),
        sa.Column("from_region", sa.String(6), nullable=False),
        sa.Column("to_region", sa.String(6), nullable=False),
        sa.Column("purposes", sa.String(), nullable=False),
        sa.Column("fields", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("proposed_by", sa.String(200), nullable=False),
        sa.Column("proposed_for", sa.String(6), nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("accepted_by", sa.String(200)),
        sa.Column("accepted_at", INSTANT),
        sa.Column("revoked_by", sa.String(200)),
        sa.Column("revoked_at", INSTANT),
        sa.Column("revoked_reason", sa.String()),
    )


def _create_audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("sequence", BIG_KEY, primary_key=True, autoincrement=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("principal", sa.String(200), nullable=False),
        sa.Column("purpose", sa.String(30)),
        sa.Column("action", sa.String(50), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("subjects", sa.String(), nullable=False),
        sa.Column("fields", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("trace_id", sa.String(64), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
    )
