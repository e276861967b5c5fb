"""A YAML document with the line and column of every key and value, and without YAML's surprises.

Plain scalars mean what they look like: only `true`, `false`, `null`, `~` and numbers in their ordinary spelling are
anything but text, so `no`, `0500` and `12:30:45` stay text. Keys are always text. Duplicate keys, aliases, tags and
further documents are refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import yaml

from schema.findings import Finding

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 40

_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d{0,17})\.\d{1,17}(?:[eE][+-]?\d{1,2})?")
_RESOLVED = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")
)
_WORDS: Mapping[str, object] = {"": None, "~": None, "null": None, "true": True, "false": False}


class Mark(Protocol):
    """Where YAML's parser stands; lines and columns count from zero."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where something stands; lines and columns count from one."""

    line: int
    column: int


@dataclass(slots=True)
class Document:
    """Plain values with positions by JSON pointer, and what was wrong with the YAML itself."""

    value: Any = None
    values: dict[str, Position] = field(default_factory=dict)
    keys: dict[str, Position] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def position(self, pointer: str, *, of_key: bool = False) -> Position | None:
        """Where the value (or its key) at a pointer stands; the nearest value around it when there is none."""
        if of_key and pointer in self.keys:
            return self.keys[pointer]
        while pointer not in self.values:
            if not pointer:
                return None
            pointer = pointer.rpartition("/")[0]
        return self.keys.get(pointer, self.values[pointer])

    def report(self, code: str, message: str, mark: Mark | None, pointer: str | None = None) -> None:
        """Add a finding about the YAML."""
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        self.findings.append(Finding(code=code, message=message, pointer=pointer, line=line, column=column))


def escape(part: str | int) -> str:
    """One part of a JSON pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def read_document(text: str) -> Document:
    """Read YAML text; never raises, what is wrong stands in `findings`."""
    document = Document()
    if len(text) > MAX_CHARACTERS:
        document.report("manifest.tooLarge", f"a manifest holds at most {MAX_CHARACTERS} characters", None)
        return document
    try:
        if not _refuse_events(text, document):
            return document
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        document.report("manifest.syntax", f"not YAML: {error.problem}", error.problem_mark or error.context_mark)
        return document
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        document.report("manifest.syntax", f"not YAML: {error}", None)
        return document
    if root is None:
        document.report("manifest.empty", "the manifest is empty", None)
        return document
    document.value = _value(root, "", document)
    if not isinstance(document.value, dict):
        document.report("manifest.wrongType", "a manifest is a mapping of keys to values", root.start_mark, "")
    return document


def _refuse_events(text: str, document: Document) -> bool:
    """Look at the stream before composing it, so that aliases and depth are refused before they cost anything."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            document.report("manifest.alias", "anchors and aliases are not used in manifests", event.start_mark)
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                document.report("manifest.syntax", "a manifest is one YAML document", event.start_mark)
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                document.report("manifest.syntax", f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if document.findings:
            return False
    return True


def _value(node: yaml.Node, pointer: str, document: Document) -> Any:
    document.values[pointer] = Position(node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, pointer, document)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, f"{pointer}/{index}", document) for index, item in enumerate(node.value)]
    return _scalar(node, pointer, document) if isinstance(node, yaml.ScalarNode) else None


def _mapping(node: yaml.MappingNode, pointer: str, document: Document) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            document.report("manifest.syntax", "a key is text", key.start_mark, pointer)
            continue
        inner = f"{pointer}/{escape(key.value)}"
        if key.value in found:
            document.report("manifest.duplicateKey", f"the key {key.value!r} stands here twice", key.start_mark, inner)
            continue
        document.keys[inner] = Position(key.start_mark.line + 1, key.start_mark.column + 1)
        found[key.value] = _value(value, inner, document)
    return found


def _scalar(node: yaml.ScalarNode, pointer: str, document: Document) -> Any:
    written: str = node.value
    if node.tag not in _RESOLVED:
        message = f"tags such as {node.tag} are not used in manifests"
        document.report("manifest.syntax", message, node.start_mark, pointer)
    if node.style:  # quoted or block text; the C parser says '' for plain scalars
        return written
    if written in _WORDS:
        return _WORDS[written]
    if _INTEGER.fullmatch(written):
        return int(written)
    if _DECIMAL.fullmatch(written):
        return float(written)
    return written
