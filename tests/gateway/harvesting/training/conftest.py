"""The office of a test: harvests and a credit bank over one database."""

import pytest

from gateway.storage import Database
from tests.gateway.harvesting.training.reporting import Office


@pytest.fixture
async def office(database: Database) -> Office:
    made = Office(database)
    await made.rules()
    return made
