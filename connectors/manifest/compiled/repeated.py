"""Records that a platform sends again and again, mapped once: the hits of its search."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Generic

import orjson

from connectors.manifest.compiled.mapper import CompiledMapper
from connectors.manifest.mapping import M
from connectors.records import Accepted, Rejected

LONGEST = 16 * 1024
"""Bytes of a record that is remembered, as JSON."""
MOST = 2 * 1024 * 1024
"""Bytes of all that are remembered, as JSON; mapped they take some ten times as much."""
_EXACT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS


class RepeatedRecords(Generic[M]):
    """The outcomes of a mapper, kept by what the platform sent, to the byte.

    Only for records that came as JSON, which another value never writes alike. What was not asked for longest is
    forgotten first, one by one: a thousand records let go at once would keep everybody waiting. Everything is forgotten
    when other secrets are to be kept.
    """

    def __init__(self, mapper: CompiledMapper[M]) -> None:
        self._mapper: CompiledMapper[M] = mapper
        self._secrets: Sequence[str] = ()
        self._kept: OrderedDict[bytes, Accepted[M] | Rejected | str] = OrderedDict()
        self._size = 0

    def map(self, raw: Any, secrets: Sequence[str]) -> Accepted[M] | Rejected | str:
        """As the mapper maps it."""
        try:
            key = orjson.dumps(raw, option=_EXACT)
        except TypeError:
            return self._mapper.map(raw, secrets)
        if secrets != self._secrets:
            self._secrets, self._size = secrets, 0
            self._kept.clear()
        known = self._kept.get(key)
        if known is not None:
            self._kept.move_to_end(key)
            return known
        known = self._mapper.map(raw, secrets)
        if len(key) <= LONGEST:
            self._kept[key] = known
            self._size += len(key)
            while self._size > MOST:
                self._size -= len(self._kept.popitem(last=False)[0])
        return known
