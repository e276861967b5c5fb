"""YAML as a person would write it, with a comment beside everything that was guessed."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_/\u4e00-\u9fff@.$][^\n]*")
_SPECIAL = re.compile(r":(?=[\s,]|$)|[#,\[\]{}&*!|>'\"%`\\]|^[-?@]|^\s|\s$|^$")
_MEANT = frozenset(("null", "true", "false", "~", "yes", "no", "on", "off"))
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
LONGEST_NOTE = 240
LONGEST_LINE = 110


@dataclass(frozen=True, slots=True)
class _Entry:
    key: str
    value: Any
    note: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Text of several lines, none of them empty or hiding anything, that is written as such."""

    lines: tuple[str, ...]


@dataclass(slots=True)
class Block:
    """A mapping in its order, with remarks between the keys; values are scalars, lists, plain mappings or blocks."""

    entries: list[_Entry | str] = field(default_factory=list)

    def put(self, key: str, value: Any, note: str = "") -> None:
        """Add a key; `note` becomes a comment at its end."""
        self.entries.append(_Entry(key, value, note))

    def remark(self, text: str) -> None:
        """Add a comment on a line of its own."""
        self.entries.append(text)

    def get(self, key: str) -> Any:
        """The value of a key, None where there is none."""
        return next((one.value for one in self.entries if isinstance(one, _Entry) and one.key == key), None)

    def __bool__(self) -> bool:
        return any(isinstance(entry, _Entry) for entry in self.entries)


def written(block: Block) -> str:
    """The YAML text of a block, ending with a line break."""
    return "\n".join(_lines(block, "")) + "\n"


def scalar(value: Any) -> str:
    """One value on one line; text is quoted where YAML could take it for something else."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and not _SPECIAL.search(text) and text.lower() not in _MEANT and not _HIDDEN.search(text):
        return text
    if "'" not in text and ("\\" in text or '"' in text) and not _HIDDEN.search(text):
        return f"'{text}'"
    quoted = json.dumps(text, ensure_ascii=False)
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def flow(value: Any) -> str:
    """A value on one line, lists and mappings in brackets."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(one) for one in value) + "]"
    return scalar(value)


def shown(text: str, most: int = LONGEST_NOTE) -> str:
    """What a platform sent, as it may stand in a comment: one line, nothing hidden, not too long."""
    line = " ".join(_HIDDEN.sub(" ", text).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _lines(block: Block, indent: str) -> Iterator[str]:
    for entry in block.entries:
        if isinstance(entry, str):
            yield f"{indent}# {shown(entry)}" if entry else ""
            continue
        note = f" # {shown(entry.note)}" if entry.note else ""
        head = f"{indent}{scalar(entry.key)}:"
        if isinstance(entry.value, Block):
            yield head + note
            yield from _lines(entry.value, indent + "  ")
        elif isinstance(entry.value, Lines):
            yield f"{head} |{note}"
            yield from (f"{indent}  {line}" for line in entry.value.lines)
        else:
            yield from _valued(head, entry.value, note, indent)


def _valued(head: str, value: Any, note: str, indent: str) -> Iterator[str]:
    line = f"{head} {flow(value)}"
    if isinstance(value, dict) and value and (len(line) > LONGEST_LINE or "fields" in value):
        inner = Block()
        for key, one in value.items():
            inner.put(str(key), one)
        yield head + note
        yield from _lines(inner, indent + "  ")
    else:
        yield line + note
