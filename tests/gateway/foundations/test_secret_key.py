"""Secret keys: chosen, or made once for a data directory whoever comes first."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.errors import InvalidInput
from gateway.keyed import KEY_BYTES, secret_key


def kept(folder: Path) -> bytes:
    return secret_key(None, folder / "signing.key", "SHANHAI_SIGNING_KEY")


def test_the_chosen_key_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    assert (
        secret_key("correct horse battery staple", tmp_path / "signing.key", "SHANHAI_SIGNING_KEY")
        == b"correct horse battery staple"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_made_once_for_the_owner_only(tmp_path: Path) -> None:
    made = kept(tmp_path)
    [path] = tmp_path.iterdir()
    assert (path.name, path.read_bytes(), len(made)) == ("signing.key", made, KEY_BYTES)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept(tmp_path) == made
    assert kept(tmp_path / "..") != made


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    for number in range(20):
        folder = tmp_path / str(number)
        folder.mkdir()
        with ThreadPoolExecutor(8) as threads:
            keys = list(threads.map(lambda _, folder=folder: kept(folder), range(8)))
        assert len(set(keys)) == 1
        assert [path.name for path in folder.iterdir()] == ["signing.key"]


def test_a_damaged_key_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    path.write_bytes(b"short")
    with pytest.raises(InvalidInput, match=f"{KEY_BYTES} bytes; restore it, or set SHANHAI_SIGNING_KEY"):
        kept(tmp_path)
    assert path.read_bytes() == b"short"


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=f"{os.sep}missing{os.sep}signing.key"):
        kept(tmp_path / "missing")
