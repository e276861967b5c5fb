"""The `files` protocol: files over HTTP, by an index that lists them, or out of a drop folder."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from connectors.errors import ConnectorError, Malformed
from connectors.extraction import Language
from connectors.files import DropPattern, Encoding, unpacked
from connectors.files.content import Content
from connectors.files.formats import AnyFormat, kind_of, model_of
from connectors.files.sources import FileUrl, FromFolder, FromIndex, FromList, IndexSpec, Source, SourceFile
from connectors.paging.model import Caps
from connectors.protocols.guards import CapGuard
from connectors.protocols.listing import Broken, Listing, RawPage, Upstream, Walk

PAGE = 500
"""Records of a page."""
FILE, RECORD, MODIFIED, DONE = "file", "record", "modified", "done"


class FilesListing(Listing):
    """Reads one file after the other: `files` below the origin, those an `index` lists, or those in a `folder`.

    A checkpoint is the name of a file and the number of its records that are done. When that file has changed since, it
    is read from its beginning, and when it is gone, everything is.
    """

    protocol: Literal["files"]
    files: FileUrl | Annotated[tuple[FileUrl, ...], Field(min_length=1, max_length=1000)] | None = None
    index: IndexSpec | None = None
    folder: DropPattern | None = None
    members: Annotated[str, Field(min_length=1)] = "*"
    format: AnyFormat
    encoding: Encoding | None = None
    missing: Literal["fail", "skip"] = "fail"
    lookback: timedelta = timedelta(hours=1)
    caps: Caps = Caps()

    @model_validator(mode="before")
    @classmethod
    def _named_format(cls, section: Any) -> Any:
        """The format that the names of the files promise, where none is written."""
        if isinstance(section, dict) and "format" not in section:
            kinds = promised(section)
            if len(kinds) == 1:
                return {**section, "format": kinds.pop()}
        return section

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(source is not None for source in (self.files, self.index, self.folder)) != 1:
            raise PydanticCustomError("sources", "the files are named by one of: files, index, folder", {})
        return self

    @classmethod
    def default_fields(cls, section: Mapping[str, Any]) -> Mapping[str, Any]:
        """Those of the format: feeds say what their entries mean."""
        written = section.get("format")
        kind = written.get("kind") if isinstance(written, dict) else written or next(iter(promised(section)), None)
        model = model_of(kind) if isinstance(kind, str) else None
        return model.default_fields() if model else {}

    @property
    def language(self) -> Language:
        """That of the format."""
        return self.format.language

    @property
    def paths(self) -> Mapping[str, str]:
        """Those of the format."""
        return {f"format/{key}": path for key, path in self.format.paths.items()}

    @property
    def tells_changes(self) -> bool:
        """Where it is known when files changed."""
        return self.folder is not None or (self.index is not None and self.index.modified is not None)

    async def pages(self, upstream: Upstream, walk: Walk) -> AsyncGenerator[RawPage, None]:
        """Yield pages file by file; raises `ConnectorError`."""
        if walk.checkpoint and DONE in walk.checkpoint:
            return
        files = await self._source(upstream, walk).files()
        start, done = _resumed(files, walk.checkpoint or {})
        for number, file in list(enumerate(files))[start:]:
            after = _checkpoint(files[number + 1], 0) if number + 1 < len(files) else {DONE: 1}
            body = await file.read()
            async for page in self._pages_of(file, body, done, after):
                yield page
            done = 0

    async def _pages_of(
        self, file: SourceFile, body: bytes | None, done: int, after: Mapping[str, str | int]
    ) -> AsyncGenerator[RawPage, None]:
        """The records of one file from the `done`-th on; without a body there are none."""
        entries = itertools.islice(_unread(self, file.name, body), done, None)
        taken, error = await asyncio.to_thread(_taken, entries)
        while taken or error is None:
            full = error is None and len(taken) == PAGE
            upcoming, later = await asyncio.to_thread(_taken, entries) if full else ([], None)
            done += len(taken)
            complete = not upcoming and error is None and later is None
            records = [entry for entry in taken if not isinstance(entry, Broken)]
            broken = [entry for entry in taken if isinstance(entry, Broken)]
            yield RawPage(records, after if complete else _checkpoint(file, done), broken=broken)
            if complete:
                return
            taken, error = upcoming, error or later
        raise error

    def _source(self, upstream: Upstream, walk: Walk) -> Source:
        guard = CapGuard(self.caps)
        since = walk.since - self.lookback if walk.since else None
        skipping = self.missing == "skip"
        if self.folder is not None:
            return FromFolder(self.folder, upstream, since, guard)
        if self.index is not None:
            return FromIndex(self.index, upstream, since, guard, walk.parameters, skipping=skipping)
        paths = (self.files,) if isinstance(self.files, str) else self.files or ()
        return FromList(paths, upstream, guard, walk.parameters, skipping=skipping)


def promised(section: Mapping[str, Any]) -> set[str]:
    """The kinds of format that the names in a section promise; an unknown ending promises none."""
    members, files, folder = section.get("members"), section.get("files"), section.get("folder")
    names = files if isinstance(files, list | tuple) else [folder if files is None else files]
    if isinstance(members, str):
        names = [members]
    kinds = {kind_of(name.partition("?")[0]) if isinstance(name, str) else None for name in names}
    return {kind for kind in kinds if kind is not None} if None not in kinds else set()


def _resumed(files: Sequence[SourceFile], checkpoint: Mapping[str, str | int]) -> tuple[int, int]:
    """The number of the file to go on with, and of its records that are done."""
    for number, file in enumerate(files):
        if file.name == checkpoint.get(FILE):
            unchanged = _stamp(file.modified) == checkpoint.get(MODIFIED)
            return number, int(checkpoint.get(RECORD, 0)) if unchanged else 0
    return 0, 0


def _checkpoint(file: SourceFile, done: int) -> dict[str, str | int]:
    stamp = _stamp(file.modified)
    return {FILE: file.name, RECORD: done, **({MODIFIED: stamp} if stamp else {})}


def _stamp(modified: datetime | None) -> str | None:
    return modified.isoformat() if modified else None


def _unread(spec: FilesListing, name: str, body: bytes | None) -> Iterator[Any]:
    """The records and broken pieces of a file."""
    if body is None:
        return
    if spec.format.kind != "xml" and body[:200].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        raise Malformed(f"{name}: is an HTML page where a file was due")
    archive = not spec.format.zipped
    for content in unpacked(name, body, encoding=spec.encoding, members=spec.members, archive=archive):
        if isinstance(content, Content):
            yield from spec.format.entries(content)
        else:
            yield content


def _taken(entries: Iterator[Any]) -> tuple[list[Any], ConnectorError | None]:
    """The next page, and what stopped it; what was read before an error is not lost."""
    taken: list[Any] = []
    try:
        taken.extend(itertools.islice(entries, PAGE))
    except ConnectorError as error:
        return taken, error
    return taken, None
