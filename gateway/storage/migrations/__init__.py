"""Alembic migrations of the one database; `gateway.storage.upgrade` runs them."""
