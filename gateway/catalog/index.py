"""The search index on disk: opened, found sound or replaced, written by one process and read by all."""

import logging
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from tantivy import Document, Index, IndexWriter

from gateway.catalog.directory import IndexDirectory, IndexState, damage, segments
from gateway.catalog.documents import DocumentBuilder, StoredRow, document_key
from gateway.catalog.fields import index_format, index_schema, register_tokenizer
from gateway.catalog.generations import Generation, RetainedGenerations, fresh_generation
from gateway.catalog.ports import PlatformNames
from gateway.errors import NotReady
from gateway.logs import reason_of

_log = logging.getLogger(__name__)
_HEAP, _THREADS = 256_000_000, 1
"""A second thread would wait for the documents, which Python builds, and double the segments every search looks into.
"""


class OpenIndex:
    """One index folder, open for searching and, after `write`, for changes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.schema = index_schema()
        self._index = Index(self.schema, path=str(path))
        register_tokenizer(self._index)
        self._writer: IndexWriter | None = None
        self.generation = fresh_generation(self._index, self.schema, path)
        self._seen = segments(path)

    def refresh(self) -> None:
        """See what was committed or merged since, by whomever."""
        present = segments(self.path)
        if present != self._seen:
            self.generation = fresh_generation(self._index, self.schema, self.path)
            self._seen = present

    def write(self, rows: Iterable[StoredRow], builder: DocumentBuilder, replacing_after: int) -> None:
        """Take changes in; those up to `replacing_after` are known to be of records that are not in the index yet."""
        if self._writer is None:
            self._writer = self._index.writer(_HEAP, _THREADS)
        for row in rows:
            document = _document(builder, row)
            if row.sequence > replacing_after:
                self._writer.delete_documents_by_term("key", document_key(row.platform, row.native_id))
            if document is not None:
                self._writer.add_document(document)

    def commit(self) -> None:
        """Make what was written durable and visible."""
        if self._writer is not None:
            try:
                self._writer.commit()
            except ValueError:
                self._writer = None  # such as a full disk; what was written is read again from the database
                raise
            self.refresh()

    def close(self) -> None:
        """Let running merges end and free the folder."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None


class CatalogIndex:
    """The present index of a directory. Every method blocks: call them in a thread, writing ones in one thread."""

    def __init__(self, path: Path, platforms: PlatformNames) -> None:
        self._directory = IndexDirectory(path)
        self.platforms = platforms
        self._open: OpenIndex | None = None
        self._state: IndexState | None = None
        self._empty_until = 0
        self.retained = RetainedGenerations()

    @property
    def generation(self) -> Generation:
        """What searches see; `NotReady` before there is any index."""
        if self._open is None:
            raise NotReady("the search index is being built; try again in a moment")
        return self._open.generation

    @property
    def sequence(self) -> int:
        """The last change that the index holds."""
        return self._state.sequence if self._state else 0

    def open(self, database: int, newest: int) -> bool:
        """Open the index, or an empty one where it is missing, damaged, of another format, of another database or
        ahead of it; returns whether this process writes it."""
        state = self._directory.read_state()
        if not self._directory.take_writer():
            self._follow(state)
            return False
        fault = self._fault(state, database, newest)
        if fault is None and state is not None:
            self._adopt(state)
            self._directory.sweep(state.folder)
        else:
            _log.log(logging.WARNING if state else logging.INFO, "the search index is built anew: %s", fault)
            self.start_over(database, newest)
        return True

    def start_over(self, database: int, newest: int) -> None:
        """Put an empty index in place of the present one."""
        self.swap(*self.beside(database), newest)

    def beside(self, database: int) -> tuple[OpenIndex, IndexState]:
        """An empty index next to the present one, which goes on answering."""
        folder = self._directory.create()
        return OpenIndex(self._directory.path / folder), IndexState(index_format(), folder, database, 0)

    def swap(self, new: OpenIndex, state: IndexState, empty_until: int = 0) -> None:
        """Make another index the present one and delete the old."""
        self._directory.write_state(state)
        old, self._open, self._state, self._empty_until = self._open, new, state, empty_until
        if old is not None:
            old.close()
        self._directory.sweep(state.folder)

    def writes(self) -> bool:
        """Whether this process writes, or does from now on because the one that did is gone."""
        return self._directory.take_writer()

    def write(self, rows: Iterable[StoredRow], now: datetime) -> None:
        """Take changes in; they count and show after `commit`."""
        if self._open is not None:
            self._open.write(rows, DocumentBuilder(self.platforms, now), self._empty_until)

    def commit(self, sequence: int) -> None:
        """Make changes up to a sequence number durable and visible."""
        if self._open is not None and self._state is not None:
            self._open.commit()
            self._state = self._state.upto(sequence)
            self._directory.write_state(self._state)

    def refresh(self) -> None:
        """See what the writing process committed, or the background merged."""
        if self.writes() and self._open is not None:
            self._open.refresh()
        else:
            self._follow(self._directory.read_state())

    def close(self) -> None:
        """Close the files and free the writer's place."""
        if self._open is not None:
            self._open.close()
            self._open = None
        self._directory.release()

    def _follow(self, state: IndexState | None) -> None:
        if state is None or state.format != index_format():
            return
        try:
            if self._open is not None and self._open.path.name == state.folder:
                self._open.refresh()
                self._state = state
            else:
                self._adopt(state)
        except (OSError, ValueError) as error:
            _log.warning("the search index of the writing process cannot be read yet: %s", reason_of(error))

    def _adopt(self, state: IndexState) -> None:
        if not (self._directory.path / state.folder).is_dir():
            raise ValueError(f"there is no folder {state.folder}")
        self._open, self._state, self._empty_until = OpenIndex(self._directory.path / state.folder), state, 0

    def _fault(self, state: IndexState | None, database: int, newest: int) -> str | None:
        if state is None:
            return "there is none, or its state cannot be read"
        if state.format != index_format():
            return "it was written by a version with another format"
        if state.database != database:
            return "it belongs to another database"
        if state.sequence > newest:
            return f"it is ahead of the database ({state.sequence} > {newest})"
        found = damage(self._directory.path / state.folder)
        return found or self._unopenable(state)

    def _unopenable(self, state: IndexState) -> str | None:
        try:
            OpenIndex(self._directory.path / state.folder)
        except BaseException as error:  # a panic of the index library is no Exception
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            return str(error)
        return None


def _document(builder: DocumentBuilder, row: StoredRow) -> Document | None:
    """A live row's document; None for a tombstone, and for a row that cannot be indexed, which must not stop others."""
    if row.withdrawn_at is not None:
        return None
    try:
        return builder.build(row)
    except (KeyError, TypeError, ValueError, AttributeError):
        _log.exception("the stored record %s %s cannot be indexed and is left out", row.platform, row.native_id)
        return None
