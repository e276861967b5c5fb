"""The one database: engine, sessions, tables and migrations."""

from gateway.storage.engine import Database, open_database

__all__ = ["Database", "open_database"]
