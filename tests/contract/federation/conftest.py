"""The composition library, installed once as its lock says."""

from pathlib import Path

import pytest

from tests.contract.npm import install


@pytest.fixture(scope="session")
def composer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the composition library, as its lock says."""
    return install(Path(__file__).parent, tmp_path_factory.mktemp("composition"), ["compose.mjs"])
