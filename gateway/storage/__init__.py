"""The one database: engine, sessions, tables and migrations."""

from gateway.storage.engine import Database, open_database
from gateway.storage.identities import identity
from gateway.storage.schema import is_current, upgrade
from gateway.storage.sequences import AUDIT, CATALOG, LEDGER, TRAINING, USAGE, reserve_numbers, take_numbers

__all__ = [
    "AUDIT",
    "CATALOG",
    "LEDGER",
    "TRAINING",
    "USAGE",
    "Database",
    "identity",
    "is_current",
    "open_database",
    "reserve_numbers",
    "take_numbers",
    "upgrade",
]
