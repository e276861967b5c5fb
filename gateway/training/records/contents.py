"""What a record says, apart from where it stands: from a platform's report or a draft, as columns and as JSON."""

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

import orjson
from sqlalchemy import Row

from gateway.training.questions import RecordDraft
from schema.parts import Organization
from schema.training import TrainingReport

Content = Mapping[str, Any]
"""Values by column of `training_records`."""
COLUMNS = (
    "title", "activity_id", "kind", "level", "form", "role", "starts_on", "ends_on", "quantity", "unit", "outcome",
    "issuer", "program", "resource_platform", "resource_native_id", "evidence",
)  # fmt: skip
PLACES = Decimal("0.000001")
_WIDE = Context(prec=60)


def reported(report: TrainingReport, platform: str) -> Content:
    """What a platform reports; who vouches for it is None where the platform does not say."""
    return {
        "title": report.title,
        "activity_id": report.activity_id,
        "kind": report.kind,
        "level": report.level,
        "form": report.form,
        "role": report.role,
        "starts_on": report.starts_on,
        "ends_on": report.ends_on,
        "quantity": _exact(report.quantity),
        "unit": report.unit,
        "outcome": report.outcome,
        "issuer": organization(report.issuer),
        "program": report.program,
        "resource_platform": platform if report.resource else None,
        "resource_native_id": report.resource,
        "evidence": _evidence(report.evidence),
    }


def drafted(draft: RecordDraft) -> Content:
    """What an officer entered."""
    platform, native_id = draft.resource or (None, None)
    return {
        "title": draft.title.strip(),
        "activity_id": None,
        "kind": draft.kind,
        "level": draft.level,
        "form": draft.form,
        "role": draft.role,
        "starts_on": draft.starts_on,
        "ends_on": draft.ends_on,
        "quantity": _exact(draft.quantity),
        "unit": draft.unit,
        "outcome": draft.outcome,
        "issuer": organization(Organization(name=draft.issuer.strip())),
        "program": draft.program,
        "resource_platform": platform,
        "resource_native_id": native_id,
        "evidence": _evidence(draft.evidence),
    }


def stored(row: Row[Any]) -> Content:
    """What a row of `training_records` says."""
    return {name: getattr(row, name) for name in COLUMNS}


def written(content: Content) -> str:
    """Canonical JSON of a content: names sorted, days as ISO, numbers as text without trailing zeros."""
    return orjson.dumps(dict(content), default=_plain, option=orjson.OPT_SORT_KEYS).decode()


def digest(content: Content, whose: str) -> str:
    """SHA-256 of a content and the keyed hash of the teacher it is of, in 64 hexadecimal digits."""
    return hashlib.sha256(f"{written(content)}\0{whose}".encode()).hexdigest()


def organization(found: Organization | None) -> str | None:
    """JSON of an organization."""
    return None if found is None else found.to_json().decode()


def _exact(number: Decimal) -> Decimal:
    """The number as it is read back from the database, so that what comes again is the same."""
    return number.quantize(PLACES, ROUND_HALF_EVEN, _WIDE)


def _evidence(urls: tuple[str, ...]) -> str:
    return orjson.dumps([{"name": None, "url": url} for url in urls]).decode()


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize(_WIDE):f}"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
