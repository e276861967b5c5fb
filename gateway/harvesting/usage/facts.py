"""Facts as they are stored: rounded like the database does, and known by the key of what they count."""

import base64
import binascii
import functools
import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal

import orjson

from connectors.records import Accepted, Rejected
from gateway.storage.tables.columns import PLACES
from schema.findings import Finding
from schema.usage import UsageFact

DIMENSIONS = {
    "region": "region",
    "stage": "stage",
    "subject": "subject",
    "kind": "kind",
    "teaching_mode": "teachingMode",
    "classroom_kind": "classroomKind",
    "program": "program",
    "resource": "resource",
}
"""Columns of what a fact counts beside its measure, and their names in JSON."""
Stated = tuple[str | None, ...]
"""Values of the dimensions, in the order of the columns."""
LARGEST_REVISION = 2**63 - 1
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)
_BROKEN_SKETCH = Finding("sketch.invalid", "the sketch is no Base64", pointer="/sketch", expected="Base64 with padding")


@dataclass(frozen=True, slots=True)
class PreparedFact:
    """A fact as it would be stored."""

    accepted: Accepted[UsageFact]
    stated: Stated
    key: str
    value: Decimal
    weight: Decimal | None
    sketch: bytes | None

    @property
    def day(self) -> date:
        """The day it counts."""
        return self.accepted.record.day

    @property
    def measure(self) -> str:
        """Code of its measure."""
        return self.accepted.record.measure

    @property
    def revision(self) -> int:
        """How often the platform has corrected it, as far as it says so; beyond 64 bits all are the same."""
        return min(self.accepted.record.revision, LARGEST_REVISION)


def prepare(accepted: Accepted[UsageFact]) -> PreparedFact | Rejected:
    """Round, key and decode one fact; a sketch that cannot be decoded rejects it."""
    fact = accepted.record
    stated = (
        fact.region,
        fact.stage,
        fact.subject.code if fact.subject else None,
        fact.kind,
        fact.teaching_mode,
        fact.classroom_kind,
        fact.program,
        fact.resource,
    )
    try:
        sketch = base64.b64decode(fact.sketch, validate=True) if fact.sketch else None
    except binascii.Error:
        return Rejected(None, (_BROKEN_SKETCH,), fact.to_json().decode())
    weight = None if fact.weight is None else rounded(fact.weight)
    return PreparedFact(accepted, stated, fact_key(fact.measure, stated), rounded(fact.value), weight, sketch)


def rounded(number: Decimal) -> Decimal:
    """The number as it is read back from the database, so that what comes again is the same."""
    return number.quantize(PLACES, context=_WIDE)


@functools.lru_cache(maxsize=16_384)
def fact_key(measure: str, stated: Stated) -> str:
    """The first 32 hexadecimal digits of the SHA-256 of measure and dimensions as canonical JSON.

    Canonical is: what is not stated left out, names sorted, no spaces, UTF-8. The key is stored, so that none of this
    may change; the same combinations come again with every day.
    """
    text = orjson.dumps({**_named(stated), "measure": measure}, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()[:32]


def dimensions_json(stated: Stated) -> str:
    """The dimensions that are stated, as JSON."""
    return orjson.dumps(_named(stated), option=orjson.OPT_SORT_KEYS).decode()


def _named(stated: Stated) -> dict[str, str]:
    return {name: value for name, value in zip(DIMENSIONS.values(), stated, strict=True) if value is not None}
