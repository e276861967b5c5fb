"""Secrets that stand in a manifest in clear, where only their names should."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from connectors.manifest.document import Document, escape
from schema.findings import Finding

_NAMES = re.compile(
    r"(?:^|[_\-.])(?:password|passwd|pwd|secret|token|api[_\-]?key|app[_\-]?(?:key|secret)|access[_\-]?key|private[_\-]?key|"
    r"authorization|cookie)$",
    re.IGNORECASE,
)
_SHAPES = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"), "a private key"),
    (re.compile(r"^(?:Bearer|Basic|Token)\s+[A-Za-z0-9._~+/=-]{8,}$", re.IGNORECASE), "a proof of identity"),
    (re.compile(r"^eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*$"), "a JSON Web Token"),
    (re.compile(r"^(?:AKIA|LTAI|ghp_|sk-)[A-Za-z0-9_-]{12,}$"), "an access key"),
    (re.compile(r"^https?://[^/@\s:]+:[^/@\s]+@"), "user and password in an address"),
)
_OPAQUE = re.compile(r"^[A-Za-z0-9+/_=-]{24,}$")
_BITS = 3.6
_UNKNOWN = "a value that looks like a secret"


def secrets_in_clear(document: Document) -> list[Finding]:
    """One finding per value that looks like a secret; the value itself is never repeated."""
    return [
        Finding(
            code="manifest.secretInClear",
            message=f"{what} must not stand in a manifest; write the name of a secret and set its value outside",
            pointer=pointer,
            line=position.line if position else None,
            column=position.column if position else None,
            expected="the name of a secret",
        )
        for pointer, what, _ in _suspects(document.value, "")
        for position in [document.position(pointer)]
    ]


def without_values_in_clear(findings: Iterable[Finding], document: Document) -> list[Finding]:
    """Findings that repeat no value which looks like a secret, wherever it was found wrong for another reason."""
    values = [value for _, _, value in _suspects(document.value, "")]

    def blotted(text: str | None) -> str | None:
        for value in values:
            text = text.replace(value, "•••") if text else text
        return text

    return [
        replace(one, message=blotted(one.message) or "", found=blotted(one.found), suggestion=blotted(one.suggestion))
        for one in findings
    ]


def _suspects(value: Any, pointer: str) -> Iterator[tuple[str, str, str]]:
    """Pointers to what looks like a secret, what it looks like, and the value."""
    if isinstance(value, dict):
        # what belongs to a test or to a golden vector is for demonstration, by its nature
        if pointer.startswith("/tests") or "/vectors/" in pointer:
            return
        if set(value) == {"secret"}:
            named = value["secret"]
            if isinstance(named, str) and _opaque(named):
                yield f"{pointer}/secret", _UNKNOWN, named
            return
        for key, inner in value.items():
            yield from _suspects(inner, f"{pointer}/{escape(key)}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _suspects(inner, f"{pointer}/{index}")
    elif isinstance(value, str):
        what = _shape(value, pointer)
        if what:
            yield pointer, what, value


def _shape(value: str, pointer: str) -> str | None:
    for pattern, what in _SHAPES:
        if pattern.search(value):
            return what
    key = pointer.rpartition("/")[2]
    carried = re.search(r"/(?:headers|query|json|form)/", pointer)
    if carried and _NAMES.search(key):
        return f"a value for {key!r}"
    place = "/credentials/" in pointer or ("/counts/" in pointer and key == "sketch")
    return _UNKNOWN if place and _opaque(value) else None


def _opaque(value: str) -> bool:
    return bool(_OPAQUE.match(value)) and _entropy(value) > _BITS and bool(re.search(r"\d", value))


def _entropy(value: str) -> float:
    """Shannon entropy in bits per character; words stay near 3, random text above 4."""
    counts = [value.count(character) / len(value) for character in set(value)]
    return -sum(share * math.log2(share) for share in counts)
