"""Workbooks (XLSX, ECMA-376) read row by row: a zip file of XML parts, whose own word on sizes is not believed."""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from lxml import etree

from connectors.errors import Malformed
from connectors.files.cells import Cells, Dates, column_of, local_name, text_of
from connectors.files.content import MOST_AT_ONCE

MOST_ROWS = 1_048_576
MOST_IN_TREE = 16 * 1024**2
"""Bytes of a part that is held as a whole: names of sheets, styles."""
MOST_TEXTS = 2_000_000
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


class Workbook:
    """An XLSX file; raises `Malformed` where it is none, or one that grows without measure."""

    def __init__(self, name: str, body: bytes) -> None:
        self._name = name
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(body))
        except _DAMAGED as error:
            raise Malformed(f"{name}: is no workbook ({error}); write XLSX") from None
        self._parts = {info.orig_filename.lower(): info for info in self._archive.infolist()}
        self._left = MOST_AT_ONCE

    def rows(self, sheet: str | int) -> Iterator[tuple[int, list[Any]]]:
        """The rows of a sheet, by its name or its number from one, with their numbers; an empty cell is None.

        Values are text, numbers (whole ones `int`), booleans and ISO dates; of a formula, the value it had last.
        """
        cells = Cells(self._shared(), self._dates())
        row: list[Any] = []
        number = position = 0
        for event, element in self._events(self._part_of(sheet), "row", "c", "sheetData", start="row"):
            if event == "start":
                row, position = [], 0
                written = element.get("r")
                number = int(written) if written and written.isdecimal() else number + 1
                if not 0 < number <= MOST_ROWS:
                    raise Malformed(f"{self._name}: there is no row {number}")
                continue
            kind = local_name(element)
            if kind == "sheetData":
                return
            if kind == "row":
                yield number, row
            else:
                position = self._column(element.get("r"), position)
                row.extend([None] * (position - len(row)))
                row[position - 1] = cells.value(element)

    def _column(self, place: str | None, before: int) -> int:
        try:
            return column_of(place, before)
        except ValueError as error:
            raise Malformed(f"{self._name}: {error}") from None

    def _part_of(self, sheet: str | int) -> str:
        """The part that holds a sheet."""
        sheets = [
            (found.get("name", ""), found.get(_RELATION) or found.get(_STRICT))
            for found in self._all("xl/workbook.xml", "sheet")
        ]
        chosen = [found for number, found in enumerate(sheets, 1) if sheet in (number, found[0])]
        if not chosen:
            names = ", ".join(name for name, _ in sheets[:20]) or "none"
            raise Malformed(f"{self._name}: there is no sheet {sheet!r}; it has {names}")
        targets = {
            found.get("Id"): found.get("Target", "")
            for found in self._all("xl/_rels/workbook.xml.rels", "Relationship")
        }
        target = targets.get(chosen[0][1], "")
        return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")

    def _shared(self) -> list[str]:
        """The texts that cells share."""
        texts: list[str] = []
        if "xl/sharedstrings.xml" in self._parts:
            for _, item in self._events("xl/sharedStrings.xml", "si"):
                texts.append(text_of(item))
                if len(texts) > MOST_TEXTS:
                    raise Malformed(f"{self._name}: more than {MOST_TEXTS:,} texts in one workbook; split it")
        return texts

    def _dates(self) -> Dates:
        properties = self._all("xl/workbook.xml", "workbookPr")
        since_1904 = any(found.get("date1904") in ("1", "true") for found in properties)
        if "xl/styles.xml" not in self._parts:
            return Dates({}, [], since_1904=since_1904)
        codes = {
            found.get("numFmtId", ""): found.get("formatCode", "") for found in self._all("xl/styles.xml", "numFmt")
        }
        inside = [list(found) for found in self._all("xl/styles.xml", "cellXfs")]
        return Dates(
            codes, [style.get("numFmtId", "0") for styles in inside for style in styles], since_1904=since_1904
        )

    def _all(self, part: str, tag: str) -> list[Any]:
        """Every element of a small part."""
        root: Any = None
        for _, element in self._parsed(part, None, ("end",), MOST_IN_TREE):
            root = element
        return [] if root is None else list(root.iter(f"{{*}}{tag}"))

    def _events(self, part: str, *tags: str, start: str | None = None) -> Iterator[tuple[str, Any]]:
        """The ends of elements, and the starts of one kind; what has been seen is forgotten."""
        names = [f"{{*}}{tag}" for tag in tags]
        for event, element in self._parsed(part, names, ("start", "end") if start else ("end",)):
            if event == "start":
                if local_name(element) == start:
                    yield event, element
                continue
            yield event, element
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]

    def _parsed(
        self, part: str, tags: list[str] | None, events: Sequence[Literal["start", "end"]], most: int = MOST_AT_ONCE
    ) -> Iterator[tuple[str, Any]]:
        info = self._parts.get(part.lower())
        if info is None:
            raise Malformed(f"{self._name}: the workbook has no {part}")
        # the size an archive states is not believed: everything is read, and counted
        info.file_size = 1 << 40
        try:
            with self._archive.open(info) as stream:
                yield from etree.iterparse(
                    _Counted(self, stream, most),
                    events=events,
                    tag=tags,
                    resolve_entities=False,
                    no_network=True,
                    load_dtd=False,
                    huge_tree=False,
                    remove_comments=True,
                    remove_pis=True,
                )
        except (etree.XMLSyntaxError, *_DAMAGED) as error:
            raise Malformed(f"{self._name}: {part} is damaged ({error})") from None

    def spend(self, size: int) -> None:
        """Count bytes of parts; raises `Malformed` when they are too many."""
        self._left -= size
        if self._left < 0:
            raise Malformed(f"{self._name}: a workbook has at most {MOST_AT_ONCE >> 20} MB when unpacked; split it")


class _Counted:
    """A part whose bytes are counted as they are read, and in which no document type may stand."""

    def __init__(self, workbook: Workbook, stream: Any, most: int) -> None:
        self._workbook, self._stream, self._left = workbook, stream, most
        self._first = True

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._stream.read(size)
        self._workbook.spend(len(data))
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("it is larger than any honest one")
        if self._first and b"<!DOCTYPE" in data.upper():
            raise ValueError("a document with a DOCTYPE is refused")
        self._first = False
        return data
