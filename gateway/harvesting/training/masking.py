"""What a platform sent of a record of a person, as it may be kept: names and structure, and no value that tells who.

Every letter becomes a dot and every digit a zero, so that lengths, signs and broken structure can still be seen. Values
that a finding names are words that no vocabulary knows, and stay where they look like words of a vocabulary.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import orjson

from connectors.records import Rejected
from schema.findings import Finding
from schema.national_ids import has_national_id

WORDS = frozenset({"kind", "level", "form", "role", "outcome", "state", "unit", "program", "tier"})
"""Fields whose values are words of a vocabulary."""
LONGEST_WORD = 20
_SIGN = re.compile(r"\w")


def masked(rejected: Rejected) -> Rejected:
    """A reject of a training record without personal data; its own native id is left out as well."""
    kept = frozenset(_words(rejected.findings))
    findings = tuple(_masked_finding(finding) for finding in rejected.findings)
    return Rejected(None, findings, _masked_text(rejected.raw, kept))


def shape_of(text: str) -> str:
    """Text with a dot for every letter and a zero for every digit."""
    return _SIGN.sub(lambda found: "0" if found.group().isdigit() else "·", text)


def _words(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        if finding.found is not None and _is_of_vocabulary(finding) and _is_word(finding.found):
            yield finding.found


def _is_of_vocabulary(finding: Finding) -> bool:
    return finding.pointer is not None and finding.pointer.rsplit("/", 1)[-1] in WORDS


def _is_word(text: str) -> bool:
    return len(text) <= LONGEST_WORD and not any(sign.isdigit() for sign in text)


def _masked_finding(finding: Finding) -> Finding:
    """What was found is told where it is a word; a message that repeats it does not."""
    if finding.found is None or (_is_of_vocabulary(finding) and _is_word(finding.found)):
        return finding if not has_national_id(finding.message) else replace(finding, message=shape_of(finding.message))
    shape = shape_of(finding.found)
    return replace(finding, found=shape, message=finding.message.replace(finding.found, shape))


def _masked_text(raw: str, kept: frozenset[str]) -> str:
    try:
        return orjson.dumps(_masked_value(orjson.loads(raw), kept)).decode()
    except orjson.JSONDecodeError:
        return shape_of(raw)


def _masked_value(value: Any, kept: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {_name(name): _masked_value(inner, kept) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked_value(inner, kept) for inner in value]
    if isinstance(value, str):
        return value if value in kept else shape_of(value)
    return value if value is None or isinstance(value, bool) else shape_of(str(value))


def _name(name: str) -> str:
    """A key as it stands, unless it is no name but a value."""
    return shape_of(name) if has_national_id(name) or len(name) > 100 or "@" in name else name
