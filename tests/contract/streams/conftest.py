"""The clients that browsers use, installed once as their lock says."""

from pathlib import Path

import pytest

from tests.contract.npm import install


@pytest.fixture(scope="session")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with graphql-ws and graphql-sse."""
    return install(Path(__file__).parent, tmp_path_factory.mktemp("clients"), ["watch.mjs"])
