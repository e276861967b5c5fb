"""The index's folder: which index in it is the present one, who may write, and whether its files are whole.

`state.json` names the folder of the present index, what of the database it holds and in which format; it is replaced
atomically after every commit. A lock file, which the system frees when its holder dies, lets one process write.
"""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import struct
import zlib
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

_FOOTER_MAGIC = 1337
_SEGMENT_FILES = ("idx", "pos", "term", "store", "fast", "fieldnorm")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class IndexState:
    """What an index holds: every change of one database up to a sequence number."""

    format: int
    folder: str
    database: int
    sequence: int

    def upto(self, sequence: int) -> "IndexState":
        """The same index after it took in changes up to a sequence number."""
        return replace(self, sequence=sequence)


class IndexDirectory:
    """A directory with one present index in a folder of its own; a rebuilt one stands beside it until it is ready."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: IO[bytes] | None = None
        path.mkdir(parents=True, exist_ok=True)

    def take_writer(self) -> bool:
        """Become the one writer if nobody else is; remains so until `release` or the end of the process."""
        if self._lock is not None:
            return True
        handle = (self.path / "writer.lock").open("ab")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            return False
        self._lock = handle
        return True

    def release(self) -> None:
        """Let somebody else write."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def read_state(self) -> IndexState | None:
        """The state as last written; None where it is missing or unreadable."""
        try:
            state = IndexState(**json.loads((self.path / "state.json").read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
        numbers = (state.format, state.database, state.sequence)
        sound = all(type(number) is int for number in numbers) and isinstance(state.folder, str)
        return state if sound and Path(state.folder).name == state.folder else None

    def write_state(self, state: IndexState) -> None:
        """Replace the state so that a reader sees the old one or the new one, also after a power failure."""
        new = self.path / "state.json.new"
        with new.open("w", encoding="utf-8") as handle:
            json.dump(asdict(state), handle)
            handle.flush()
            os.fsync(handle.fileno())
        new.replace(self.path / "state.json")

    def create(self) -> str:
        """Make an empty folder for a new index and return its name."""
        name = f"index-{secrets.token_hex(4)}"
        (self.path / name).mkdir()
        return name

    def sweep(self, keep: str) -> None:
        """Delete every index but one; open readers on POSIX keep what they have mapped."""
        for folder in self.path.glob("index-*"):
            if folder.name != keep:
                shutil.rmtree(folder, ignore_errors=True)


def segments(folder: Path) -> list[dict[str, Any]]:
    """The segments an index consists of, as `meta.json` lists them; ValueError or OSError if it is unreadable."""
    meta = json.loads((folder / "meta.json").read_bytes())
    try:
        return [
            {"segment": entry["segment_id"].replace("-", ""), "deletes": (entry["deletes"] or {}).get("opstamp")}
            for entry in meta["segments"]
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("meta.json is not what tantivy writes") from error


def damage(folder: Path) -> str | None:
    """What is wrong with an index's files, by the checksum at the end of each; None where all is well.

    Reads every file once: about a second per gigabyte.
    """
    try:
        for segment in segments(folder):
            names = [f"{segment['segment']}.{kind}" for kind in _SEGMENT_FILES]
            if segment["deletes"] is not None:
                names.append(f"{segment['segment']}.{segment['deletes']}.del")
            for name in names:
                if not _whole(folder / name):
                    return f"{name} does not have its checksum"
    except (OSError, ValueError) as error:
        return str(error)
    return None


def _whole(path: Path) -> bool:
    size = path.stat().st_size
    if size < 8:
        return False
    with path.open("rb") as handle:
        handle.seek(size - 8)
        length, magic = struct.unpack("<II", handle.read(8))
        body = size - 8 - length
        if magic != _FOOTER_MAGIC or body < 0:
            return False
        handle.seek(body)
        footer: Any = None
        with contextlib.suppress(ValueError):
            footer = json.loads(handle.read(length))
        handle.seek(0)
        checksum = 0
        while body > 0:
            chunk = handle.read(min(body, _CHUNK))
            checksum = zlib.crc32(chunk, checksum)
            body -= len(chunk)
    return isinstance(footer, dict) and footer.get("crc") == checksum
