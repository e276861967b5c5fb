"""The one database: engine, sessions, tables and migrations."""

from gateway.storage.engine import Database, open_database
from gateway.storage.identities import identity
from gateway.storage.schema import is_current, upgrade
from gateway.storage.sequences import CATALOG, USAGE, reserve_numbers, take_numbers

__all__ = [
    "CATALOG",
    "USAGE",
    "Database",
    "identity",
    "is_current",
    "open_database",
    "reserve_numbers",
    "take_numbers",
    "upgrade",
]
