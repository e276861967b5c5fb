"""An empty catalog on SQLite; what reads the database by key uses `database` and so both."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.catalog import CatalogService
from gateway.storage import Database, open_database
from schema.access import Access
from schema.resources import ResourceRecord
from tests.gateway.catalog.store import opened, put


@dataclass
class Catalog:
    """A catalog with its database and the folder of its index."""

    service: CatalogService
    database: Database
    folder: Path

    async def put(self, platform: str, *records: ResourceRecord, access: Access = Access.PUBLIC) -> None:
        await put(self.database, platform, *records, access=access)
        await self.service.catch_up()


@pytest.fixture
async def sqlite(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    path = tmp_path / "catalog.db"
    shutil.copyfile(sqlite_template, path)
    database = open_database(f"sqlite+aiosqlite:///{path}")
    yield database
    await database.aclose()


@pytest.fixture
async def catalog(sqlite: Database, tmp_path: Path) -> AsyncIterator[Catalog]:
    async with await opened(sqlite, tmp_path / "index") as service:
        yield Catalog(service, sqlite, tmp_path / "index")


def pytest_make_parametrize_id(config: Any, val: Any, argname: str) -> str | None:
    """Readable ids for enum values."""
    return str(val) if hasattr(val, "value") else None
