"""Fixtures of the registry's tests."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.storage import Database, open_database


@pytest.fixture
async def sqlite_database(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A fresh SQLite database, where what is tested does not depend on the database."""
    path = tmp_path / "shanhai.db"
    shutil.copyfile(sqlite_template, path)
    opened = open_database(f"sqlite+aiosqlite:///{path}")
    yield opened
    await opened.aclose()
