"""The folder in which the operator lets platforms drop files: patterns, and what may be read below it."""

import fnmatch
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from connectors.errors import Malformed, Transient, UpstreamFailure
from connectors.files.content import MOST_BYTES

SETTING = "SHANHAI_DROP_DIR"
QUIET = 5.0
"""Seconds since the last change after which a file is taken to be complete."""
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
MOST_FILES = 10_000


def _valid(pattern: str) -> str:
    steps = pattern.split("/")
    if pattern.startswith("/") or "\\" in pattern or ":" in pattern or "\0" in pattern:
        raise ValueError("a folder pattern is relative and uses /, such as neijiang/training/*.csv")
    if any(step in ("", ".", "..", "**") or step.startswith("~") for step in steps):
        raise ValueError("a folder pattern names every folder on its way: no .., no ** and no empty step")
    return pattern


DropPattern = Annotated[str, AfterValidator(_valid)]
"""Names of files below the drop folder; `*`, `?` and `[…]` stand for parts of a name, never for a `/`."""


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """A file below the folder: its name there, its real place, and when it was last changed or put there."""

    name: str
    path: Path
    modified: datetime

    def read(self) -> bytes:
        """Its bytes; raises `Malformed` when it is too large and `Transient` when it is gone."""
        try:
            if self.path.stat().st_size > MOST_BYTES:
                raise Malformed(f"{self.name}: a file has at most {MOST_BYTES >> 20} MB; split it")
            return self.path.read_bytes()
        except OSError as error:
            raise Transient(f"{self.name}: the file cannot be read ({error.strerror})") from None


def dropped(folder: Path | None, pattern: str) -> list[DroppedFile]:
    """The finished files that match, sorted by name.

    Hidden and unfinished ones (`.part`, `.tmp`) are passed over. Raises `UpstreamFailure` where there is no drop
    folder, where nothing matches, and for a link that leads out of it.
    """
    if folder is None:
        raise UpstreamFailure(
            f"the manifest reads {pattern} from a drop folder, but the operator has set none ({SETTING})"
        )
    root = folder.resolve()
    found = sorted(_walk(root, root, pattern.split("/")))
    if not found:
        raise UpstreamFailure(f"nothing in the drop folder ({SETTING}) is named {pattern}")
    if len(found) > MOST_FILES:
        raise UpstreamFailure(f"more than {MOST_FILES:,} files are named {pattern}; move old ones away")
    return [_described(root, path) for path in found]


def _walk(root: Path, folder: Path, steps: list[str]) -> Iterator[Path]:
    """Files that match step by step; every folder on the way is checked before it is looked into."""
    if not folder.resolve().is_relative_to(root):
        raise UpstreamFailure(f"{folder.relative_to(root)} leads out of the drop folder and is not read")
    if not folder.is_dir():
        return
    step, *others = steps
    for entry in folder.iterdir():
        hidden = entry.name.startswith(".") or entry.name.lower().endswith(UNFINISHED)
        if hidden or not fnmatch.fnmatchcase(entry.name, step):
            continue
        if others:
            yield from _walk(root, entry, others)
        else:
            yield entry


def _described(root: Path, path: Path) -> DroppedFile:
    name = path.relative_to(root).as_posix()
    real = path.resolve()
    if not real.is_relative_to(root):
        raise UpstreamFailure(f"{name} leads out of the drop folder and is not read")
    try:
        found = real.stat()
    except OSError as error:
        raise Transient(f"{name}: the file cannot be read ({error.strerror})") from None
    if not stat.S_ISREG(found.st_mode):
        raise UpstreamFailure(f"{name} is no ordinary file")
    # the time of change survives copying; the inode's own time says when the file came here
    return DroppedFile(name, real, datetime.fromtimestamp(max(found.st_mtime, found.st_ctime), UTC))
