"""States of the index that searches see: the present one, and those that RELEVANCE cursors still point into."""

import functools
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar, cast

import orjson
from tantivy import Index, Schema, Searcher

from gateway.catalog.directory import segments
from gateway.errors import CursorExpired

_Value = TypeVar("_Value")
REMEMBERED_ANSWERS = 512
RETAINED_GENERATIONS = 32
REMEMBERED_TERMS = 16_384


class Generation:
    """One unchanging state of the index, with answers that cost much and hold as long as it does.

    The token is the same in every process that has the same segments open, also after a restart.
    """

    def __init__(self, token: str, schema: Schema, searcher: Searcher) -> None:
        self.token = token
        self.schema = schema
        self.searcher = searcher
        self.holds = _holder(searcher)
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def remember(self, key: Hashable, compute: Callable[[], _Value]) -> _Value:
        """The answer to a key, computed the first time; the least used of 512 answers is forgotten."""
        known = self.recall(key)
        if known is not None:
            return cast("_Value", known)
        value = compute()
        with self._lock:
            self._answers[key] = value
            if len(self._answers) > REMEMBERED_ANSWERS:
                self._answers.popitem(last=False)
        return value

    def recall(self, key: Hashable) -> Any:
        """The answer to a key if it is remembered, else None."""
        with self._lock:
            known = self._answers.get(key)
            if known is not None:
                self._answers.move_to_end(key)
            return known


def _holder(searcher: Searcher) -> Callable[[str, str], bool]:
    """Whether any record has a term in a field; not a method, whose cache would keep its generation alive."""
    return functools.lru_cache(REMEMBERED_TERMS)(lambda field, term: searcher.doc_freq(field, term) > 0)


class RetainedGenerations:
    """Generations that a cursor was given out for; the least used of 32 is let go, and its cursors expire."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Generation] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, generation: Generation) -> None:
        """Hold on to a generation, because somebody got a cursor into it."""
        with self._lock:
            self._kept[generation.token] = generation
            self._kept.move_to_end(generation.token)
            if len(self._kept) > RETAINED_GENERATIONS:
                self._kept.popitem(last=False)

    def find(self, token: str | None, current: Generation) -> Generation:
        """The generation a cursor points into; `CursorExpired` where it is gone."""
        if token == current.token:
            return current
        with self._lock:
            if token is not None and token in self._kept:
                return self._kept[token]
        raise CursorExpired(
            "after: the index has changed too often since this cursor was given out; start again from the first page, "
            "or use another sort, whose cursors do not expire"
        )


def fresh_generation(index: Index, schema: Schema, folder: Path) -> Generation:
    """Look at the index as it is committed now."""
    while True:
        before = segments(folder)
        index.reload()
        if before == segments(folder):
            token = hashlib.blake2s(folder.name.encode() + orjson.dumps(before), digest_size=8).hexdigest()
            return Generation(token, schema, index.searcher())
