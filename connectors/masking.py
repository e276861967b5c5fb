"""What a platform sent of a record of a person, as it may be kept and shown: structure, and no value that tells who.

Every letter becomes a dot and every digit a zero, so that lengths, signs and broken structure can still be seen. Values
that a finding names are words that no vocabulary knows, and stay where they look like words of a vocabulary.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import orjson

from connectors.records import Rejected, Unmapped
from schema.findings import Finding
from schema.national_ids import has_national_id

WORDS = frozenset({"kind", "level", "form", "role", "outcome", "state", "unit", "program", "tier"})
"""Fields whose values are words of a vocabulary."""
LONGEST_WORD = 20
BEGINNING = 77
"""Characters of a long value that messages of transforms repeat."""
_SIGN = re.compile(r"\w")


def masked(rejected: Rejected) -> Rejected:
    """A reject of a training record without personal data; its own native id is left out as well."""
    kept = frozenset(_words(rejected.findings))
    return Rejected(None, masked_findings(rejected.findings), masked_text(rejected.raw, kept))


def masked_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings that repeat nothing of a record but words that no vocabulary knows."""
    return tuple(_masked_finding(finding) for finding in findings)


def masked_text(raw: str, kept: frozenset[str] = frozenset()) -> str:
    """A record, JSON or not, without its values; texts that are among `kept` stay."""
    try:
        return orjson.dumps(_masked_value(orjson.loads(raw), kept)).decode()
    except orjson.JSONDecodeError:
        return shape_of(raw)


def masked_unmapped(value: Unmapped) -> Unmapped:
    """A value that no vocabulary knows, whole only where its field is one of words."""
    of_words = value.field.rsplit(".", 1)[-1] in WORDS and _is_word(value.value)
    return value if of_words else replace(value, value=shape_of(value.value))


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
    message = finding.message
    # messages repeat a value as it is, or the beginning of what Python would write for it
    for told in (finding.found, repr(finding.found)[:BEGINNING], finding.found[:BEGINNING]):
        message = message.replace(told, shape_of(told))
    return replace(finding, found=shape_of(finding.found), message=message)


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
