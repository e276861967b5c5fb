"""Let runs be asked for and cancelled: who did, how often one failed, and one unfinished run per platform."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UNFINISHED = sa.text("state IN ('QUEUED', 'RUNNING')")


def upgrade() -> None:
    """Add the columns and the index."""
    op.add_column("harvest_runs", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("harvest_runs", sa.Column("requested_by", sa.String(200)))
    op.add_column("harvest_runs", sa.Column("cancel_requested_by", sa.String(200)))
    op.create_index(
        "ix_harvest_runs_unfinished",
        "harvest_runs",
        ["platform"],
        unique=True,
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_harvest_runs_unfinished", "harvest_runs")
    with op.batch_alter_table("harvest_runs") as runs:
        for name in ("cancel_requested_by", "requested_by", "failures"):
            runs.drop_column(name)
