"""Records that a platform sends again and again, mapped once: the hits of its search."""

from collections.abc import Sequence
from typing import Any, Generic

import orjson

from connectors.manifest.compiled.mapper import CompiledMapper
from connectors.manifest.mapping import M
from connectors.records import Accepted, Rejected

LONGEST = 16 * 1024
"""Bytes of a record that is remembered, as JSON."""
MOST = 4 * 1024 * 1024
"""Bytes of the records of one generation; two are remembered."""
_EXACT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS


class RepeatedRecords(Generic[M]):
    """The outcomes of a mapper, kept by what the platform sent, to the byte.

    Only for records that came as JSON, which another value never writes alike. What has not been asked for while a
    generation filled up is forgotten, and so is everything when other secrets are to be kept.
    """

    def __init__(self, mapper: CompiledMapper[M]) -> None:
        self._mapper: CompiledMapper[M] = mapper
        self._secrets: Sequence[str] = ()
        self._young: dict[bytes, Accepted[M] | Rejected | str] = {}
        self._old: dict[bytes, Accepted[M] | Rejected | str] = {}
        self._size = 0

    def map(self, raw: Any, secrets: Sequence[str]) -> Accepted[M] | Rejected | str:
        """As the mapper maps it."""
        try:
            key = orjson.dumps(raw, option=_EXACT)
        except TypeError:
            return self._mapper.map(raw, secrets)
        if secrets != self._secrets:
            self._secrets, self._young, self._old, self._size = secrets, {}, {}, 0
        known = self._young.get(key)
        if known is not None:
            return known
        known = self._old.get(key) or self._mapper.map(raw, secrets)
        if len(key) <= LONGEST:
            self._size += len(key)
            if self._size > MOST:
                self._old, self._young, self._size = self._young, {}, len(key)
            self._young[key] = known
        return known
