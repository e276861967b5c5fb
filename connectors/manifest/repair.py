"""A manifest as it was probably meant, so that one misspelled key does not hide every other mistake."""

import copy
from collections.abc import Sequence
from typing import Any

from connectors.manifest.document import Document, Position, escape
from schema.findings import Finding


def repaired(mistakes: Sequence[Finding], document: Document) -> Document | None:
    """The document with unknown keys renamed as suggested, else left out; None where anything else is wrong."""
    if any(finding.code != "manifest.unknownKey" for finding in mistakes):
        return None
    meant = Document(copy.deepcopy(document.value), dict(document.values), dict(document.keys))
    # what lies deeper comes first, because renaming a key moves what is below it
    for finding in sorted(mistakes, key=lambda one: (one.pointer or "").count("/"), reverse=True):
        _rename(meant, finding.pointer or "", finding.suggestion)
    return meant


def _rename(meant: Document, pointer: str, suggestion: str | None) -> None:
    parent, _, last = pointer.rpartition("/")
    holder: Any = meant.value
    for part in parent.split("/")[1:]:
        holder = holder[int(part) if isinstance(holder, list) else _unescaped(part)]
    value = holder.pop(_unescaped(last))
    if suggestion is None or suggestion in holder:
        return
    holder[suggestion] = value
    for positions in (meant.values, meant.keys):
        _move(positions, pointer, f"{parent}/{escape(suggestion)}")


def _move(positions: dict[str, Position], before: str, after: str) -> None:
    for pointer in [one for one in positions if one == before or one.startswith(f"{before}/")]:
        positions[after + pointer.removeprefix(before)] = positions[pointer]


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
