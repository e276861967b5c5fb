"""Create the tables of training and of the credit bank, and their counters."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gateway.storage.tables.columns import Exact

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
ID = sa.String(32)
COUNTERS = ("ledger", "training")
TABLES = (
    "teachers",
    "teacher_accounts",
    "teacher_links",
    "training_records",
    "training_versions",
    "training_requests",
    "certificates",
    "credit_rules",
    "ledger_entries",
    "credit_recognitions",
)


def upgrade() -> None:
    """Create the tables and counters."""
    _create_teachers()
    _create_teacher_accounts()
    _create_teacher_links()
    _create_training_records()
    _create_training_versions()
    _create_training_requests()
    _create_certificates()
    _create_credit_rules()
    _create_ledger_entries()
    _create_credit_recognitions()
    counters = sa.table("change_counters", sa.column("name", sa.String), sa.column("value", BIG_KEY))
    op.bulk_insert(counters, [{"name": name, "value": 0} for name in COUNTERS])


def downgrade() -> None:
    """Drop tables and counters."""
    for table in reversed(TABLES):
        op.drop_table(table)
    counters = sa.table("change_counters", sa.column("name", sa.String))
    op.execute(counters.delete().where(counters.c.name.in_(COUNTERS)))


def _create_teachers() -> None:
    op.create_table(
        "teachers",
        sa.Column("id", ID, primary_key=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("erased_at", INSTANT),
    )


def _create_teacher_accounts() -> None:
    op.create_table(
        "teacher_accounts",
        sa.Column("id", ID, primary_key=True),
        sa.Column("platform", sa.String(100), nullable=False),
        sa.Column("native_key", sa.String(64), nullable=False),
        sa.Column("native_id", sa.String(250)),
        sa.Column("teacher_id", ID, nullable=False),
        sa.Column("origin_id", ID, nullable=False),
        sa.Column("region", sa.String(6)),
        sa.Column("name", sa.String(1000)),
        sa.Column("school", sa.String()),
        sa.Column("tier", sa.String(100)),
        sa.Column("pseudonym", sa.String(64)),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("erased_at", INSTANT),
        sa.UniqueConstraint("platform", "native_key"),
    )
    op.create_index("ix_teacher_accounts_pseudonym", "teacher_accounts", ["pseudonym"])
    op.create_index("ix_teacher_accounts_region", "teacher_accounts", ["region"])
    op.create_index("ix_teacher_accounts_teacher_id", "teacher_accounts", ["teacher_id"])


def _create_teacher_links() -> None:
    op.create_table(
        "teacher_links",
        sa.Column("id", ID, primary_key=True),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("from_teacher", ID, nullable=False),
        sa.Column("to_teacher", ID, nullable=False),
        sa.Column("evidence", sa.String(30), nullable=False),
        sa.Column("note", sa.String()),
        sa.Column("linked_by", sa.String(200), nullable=False),
        sa.Column("linked_at", INSTANT, nullable=False),
        sa.Column("undone_by", sa.String(200)),
        sa.Column("undone_at", INSTANT),
        sa.Column("undone_reason", sa.String()),
    )
    op.create_index("ix_teacher_links_account_id", "teacher_links", ["account_id"])


def _create_training_records() -> None:
    op.create_table(
        "training_records",
        *_content_of_records(),
        *_life_of_records(),
        sa.UniqueConstraint("platform", "native_id"),
    )
    op.create_index("ix_training_records_account_id", "training_records", ["account_id"])
    op.create_index("ix_training_records_region", "training_records", ["region"])
    op.create_index("ix_training_records_resource", "training_records", ["resource_platform", "resource_native_id"])
    op.create_index("ix_training_records_starts", "training_records", ["starts_on", "id"])


def _content_of_records() -> list[sa.Column[Any]]:
    """What was done."""
    return [
        sa.Column("id", ID, primary_key=True),
        sa.Column("platform", sa.String(100), nullable=False),
        sa.Column("native_id", sa.String(250), nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("region", sa.String(6)),
        sa.Column("title", sa.String(1000)),
        sa.Column("activity_key", sa.String(64), nullable=False),
        sa.Column("activity_id", sa.String(250)),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("level", sa.String(20)),
        sa.Column("form", sa.String(20)),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.Column("quantity", Exact(), nullable=False),
        sa.Column("unit", sa.String(10), nullable=False),
        sa.Column("outcome", sa.String(20)),
        sa.Column("issuer", sa.String()),
        sa.Column("program", sa.String(100)),
        sa.Column("resource_platform", sa.String(100)),
        sa.Column("resource_native_id", sa.String(250)),
        sa.Column("evidence", sa.String(), nullable=False),
    ]


def _life_of_records() -> list[sa.Column[Any]]:
    """How it stands, and where it came from."""
    return [
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reported_state", sa.String(20), nullable=False),
        sa.Column("decided", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reported_version", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("manifest_version", sa.Integer(), nullable=False),
        sa.Column("unmapped", sa.String(), nullable=False),
        sa.Column("fetched_at", INSTANT, nullable=False),
        sa.Column("modified_upstream_at", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT),
        sa.Column("erased_at", INSTANT),
    ]


def _create_training_versions() -> None:
    op.create_table(
        "training_versions",
        sa.Column("record_id", ID, primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.String(200)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("note", sa.String()),
        sa.Column("content", sa.String()),
    )


def _create_training_requests() -> None:
    op.create_table(
        "training_requests",
        sa.Column("client", sa.String(200), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )


def _create_certificates() -> None:
    op.create_table(
        "certificates",
        sa.Column("id", ID, primary_key=True),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("record_version", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("credential", sa.String()),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("issued_by", sa.String(200), nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.Column("revoked_by", sa.String(200)),
        sa.Column("revoked_reason", sa.String()),
    )
    op.create_index("ix_certificates_record_id", "certificates", ["record_id"])


def _create_credit_rules() -> None:
    op.create_table(
        "credit_rules",
        sa.Column("id", sa.String(120), primary_key=True),
        sa.Column("code", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(6), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT),
    )


def _create_ledger_entries() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("id", ID, primary_key=True),
        sa.Column("sequence", BIG_KEY, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("account", sa.String(30), nullable=False),
        sa.Column("hours", Exact(), nullable=False),
        sa.Column("uncapped_hours", Exact(), nullable=False),
        sa.Column("rule_id", sa.String(120), nullable=False),
        sa.Column("inputs", sa.String(64), nullable=False),
        sa.Column("caps_hit", sa.String(), nullable=False),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("activity_on", sa.Date(), nullable=False),
        sa.Column("awarded_at", INSTANT, nullable=False),
        sa.Column("reverses_id", ID),
        sa.UniqueConstraint("sequence"),
        sa.UniqueConstraint("reverses_id"),
    )
    op.create_index("ix_ledger_entries_account_id", "ledger_entries", ["account_id"])
    op.create_index("ix_ledger_entries_record_id", "ledger_entries", ["record_id"])


def _create_credit_recognitions() -> None:
    op.create_table(
        "credit_recognitions",
        sa.Column("id", ID, primary_key=True),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("region", sa.String(6), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("hours", Exact(), nullable=False),
        sa.Column("rule_id", sa.String(120)),
        sa.Column("note", sa.String()),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.String(200), nullable=False),
        sa.UniqueConstraint("entry_id", "region", "number"),
    )
    op.create_index("ix_credit_recognitions_record_id", "credit_recognitions", ["record_id"])
