"""Validation errors as findings, in one place."""

from collections.abc import Sequence

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from connectors.manifest.document import escape
from connectors.manifest.notes import shortened
from schema.findings import Finding

_SUFFIXES = {
    "missing": "missing",
    "string_too_long": "tooLong",
    "string_too_short": "missing",
    "extra_forbidden": "unknown",
}


def findings_of(error: ValidationError) -> list[Finding]:
    """One finding per error, such as `title.missing` at `/title` or `publishedAt.invalid` at `/publishedAt`."""
    return [
        Finding(
            code=f"{_name(detail['loc'])}.{_SUFFIXES.get(detail['type'], 'invalid')}",
            message=f"{_name(detail['loc'])}: {detail['msg']}",
            pointer="".join(f"/{escape(_camel(part))}" for part in detail["loc"]),
            found=None if detail["type"] == "missing" else shortened(repr(detail["input"])),
        )
        for detail in error.errors(include_url=False, include_context=False)
    ]


def _name(loc: Sequence[int | str]) -> str:
    return ".".join(_camel(part) for part in loc if isinstance(part, str)) or "record"


def _camel(part: int | str) -> str:
    return to_camel(part) if isinstance(part, str) else str(part)
