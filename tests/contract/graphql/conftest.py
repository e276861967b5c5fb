"""The stored world, filled once and copied for each test."""

from pathlib import Path

import pytest

from tests.contract.graphql.stored import fill
from tests.services.postgres import outside_the_loop


@pytest.fixture(scope="session")
def stored_folder(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Database, index and lake of a stored world, to be copied and never opened."""
    folder = tmp_path_factory.mktemp("stored")
    outside_the_loop(fill(folder, sqlite_template))
    return folder
