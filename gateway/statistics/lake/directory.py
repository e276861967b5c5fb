"""The lake's folder: who may write in it, which files make up the lake, and which may go.

`current.json` lists the files and is replaced atomically; a file that is listed never changes. A lock file, which the
system frees when its holder dies, lets one process write. What the list no longer names stays a while for readers that
took it before.
"""

import fcntl
import os
import secrets
import shutil
import zlib
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from gateway.statistics.lake.changes import Month
from gateway.statistics.lake.state import LakeState, ListedFile, decode, encode

GRACE = timedelta(minutes=10)
"""How long a file stays after it left the list."""
_CHUNK = 1 << 20


class LakeDirectory:
    """One directory. Every method blocks; those that change files are for who `writes`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: IO[bytes] | None = None
        self._seen: tuple[int, int] | None = None

    @property
    def scratch(self) -> Path:
        """Where files are made; nothing in it outlives its writer."""
        return self.path / "unfinished"

    @property
    def writes(self) -> bool:
        """Whether this process is the writer."""
        return self._lock is not None

    def take_writer(self) -> bool:
        """Become the one writer if nobody else is; remains so until `release` or the end of the process."""
        self.path.mkdir(parents=True, exist_ok=True)
        handle = (self.path / "writer.lock").open("ab")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            return False
        self._lock = handle
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(exist_ok=True)
        return True

    def release(self) -> None:
        """Let somebody else write."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def changed(self) -> bool:
        """Whether the list was replaced since this was asked last."""
        try:
            found = (self.path / "current.json").stat()
        except FileNotFoundError:
            return False
        before, self._seen = self._seen, (found.st_ino, found.st_mtime_ns)
        return self._seen != before

    def read(self) -> LakeState | None:
        """The state as last written; None where it is missing or unreadable."""
        try:
            return decode((self.path / "current.json").read_bytes())
        except (OSError, ValueError):
            return None

    def write(self, state: LakeState) -> None:
        """Replace the state so that a reader sees the old one or the new one, also after a power failure."""
        new = self.scratch / "current.json"
        new.write_bytes(encode(state))
        _settle(new, self.path / "current.json")

    def adopt(self, made: Path, month: Month, sequence: int, kind: str) -> ListedFile:
        """Give a file that was made in the scratch folder its place and a name that no other ever has."""
        platform, name = month
        path = f"{platform}/{platform}-{name}-{sequence}-{secrets.token_hex(4)}.{kind}.parquet"
        (self.path / platform).mkdir(exist_ok=True)
        checksum = _checksum(made)
        _settle(made, self.path / path)
        return ListedFile(path, checksum)

    def is_whole(self, file: ListedFile) -> bool:
        """Whether a file is there as it was written; reads it once, about a second per gigabyte."""
        try:
            return _checksum(self.path / file.path) == file.checksum
        except OSError:
            return False

    def retire(self, files: Collection[ListedFile], now: datetime) -> None:
        """Let the time of grace begin for files that leave the list next."""
        for file in files:
            if (self.path / file.path).exists():
                os.utime(self.path / file.path, (now.timestamp(), now.timestamp()))

    def sweep(self, listed: Collection[ListedFile], now: datetime) -> None:
        """Delete what is not listed and had its time, also what a killed writer left behind."""
        keep = {self.path / file.path for file in listed}
        until = (now - GRACE).timestamp()
        for path in self.path.glob("*/*.parquet"):
            if path not in keep and path.stat().st_mtime < until:
                path.unlink()


def _settle(new: Path, target: Path) -> None:
    with new.open("rb") as handle:
        os.fsync(handle.fileno())
    new.replace(target)


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            checksum = zlib.crc32(chunk, checksum)
    return checksum
