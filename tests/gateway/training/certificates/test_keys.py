"""Keys of certificates come from the setting or a file, rotate without losing the old ones, and stay secret."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.errors import InvalidInput
from gateway.training.certificates import KeyRing, SigningKey, open_keys

ONE, TWO = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


def test_the_setting_names_keys_and_its_first_one_signs(tmp_path: Path) -> None:
    ring = open_keys(f"{TWO}, {ONE},", tmp_path / "certificates.json")
    assert [key.seed[0] for key in ring.all] == [2, 1]
    assert not list(tmp_path.iterdir())
    with pytest.raises(InvalidInput, match="SHANHAI_CERTIFICATE_KEYS; put a new one first there"):
        ring.rotate()


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "names no key"), ("x", "key 1 is not the base64 of 32 bytes"), (f"{ONE},QQ==", "key 2 is not the base64")],
)
def test_a_setting_that_holds_no_keys_is_refused_without_being_shown(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as refused:
        open_keys(text, tmp_path / "certificates.json")
    assert ONE not in str(refused.value)


def test_a_file_is_made_at_the_first_use_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "certificates.json"
    ring = open_keys(None, path)
    assert not path.exists()
    (key,) = ring.all
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_keys(None, path).all == (key,)
    assert [each.name for each in tmp_path.iterdir()] == ["certificates.json"]


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    rings = [open_keys(None, tmp_path / "certificates.json") for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda ring: ring.all[0].id, rings))
    assert len(found) == 1


def test_a_rotated_key_signs_in_running_processes_and_old_ones_stay(tmp_path: Path) -> None:
    path = tmp_path / "certificates.json"
    running, command = open_keys(None, path), open_keys(None, path)
    (old,) = running.all
    new = command.rotate()
    assert running.all == (new, old)
    assert running.find(old.id) == old
    assert running.find("nobody") is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_rotations_at_once_lose_no_key(tmp_path: Path) -> None:
    path = tmp_path / "certificates.json"
    with ThreadPoolExecutor(4) as threads:
        made = set(threads.map(lambda _: open_keys(None, path).rotate().id, range(12)))
    assert made < {key.id for key in open_keys(None, path).all}
    assert len(open_keys(None, path).all) == 13


@pytest.mark.parametrize("content", ["", "{}", '{"keys": 1}', '{"keys": []}', '{"keys": ["x"]}', "[1]"])
def test_a_damaged_file_is_named_and_never_replaced(tmp_path: Path, content: str) -> None:
    path = tmp_path / "certificates.json"
    path.write_text(content, "utf-8")
    with pytest.raises(InvalidInput, match=r"certificates\.json"):
        _ = open_keys(None, path).all
    assert path.read_text("utf-8") == content


def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"or set SHANHAI_CERTIFICATE_KEYS"):
        _ = open_keys(None, tmp_path / "none" / "certificates.json").all


def test_keys_show_their_public_half_only() -> None:
    key = SigningKey(b"\1" * 32)
    assert sorted(key.public_jwk) == ["alg", "crv", "kid", "kty", "use", "x"]
    assert len(key.id) == 43
    assert repr(key) == "SigningKey()"
    assert KeyRing((key,)).find(key.id) is key
