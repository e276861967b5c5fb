"""The reference of the manifest language as tests read it: its keys, their headings, and the examples below them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from connectors.components import discovered, models_of
from connectors.files.formats.model import FileFormat
from connectors.manifest.document import read_document
from connectors.manifest.model import ManifestDocument
from connectors.manifest.rules import FieldRule
from connectors.manifest.searching import SearchSection
from connectors.manifest.sections import HarvestSection, UsageSection
from connectors.paging.model import Caps, Paging
from connectors.protocols import Listing
from connectors.protocols.requests import RequestSpec
from tests.architecture.source import ROOT

REFERENCE = (ROOT / "docs" / "manifest.md").read_text("utf-8")
HOMES: Mapping[str, tuple[type[BaseModel], ...]] = {
    "credentials": tuple(models_of(ManifestDocument.model_fields["credentials"])),
    "harvest.paging": (Paging,),
    "harvest.fields": (FieldRule,),
    "rest.request": (RequestSpec,),
    "files.format": (FileFormat,),
    "nowhere": (Caps,),  # its keys are those of paging
}
"""Where the keys of what stands in several places are described; elsewhere only the key itself has a heading."""
SECTION_NAMES = ("harvest", "training", "usage", "search")
SECTIONS: Mapping[str, type[BaseModel]] = {"harvest": HarvestSection, "usage": UsageSection, "search": SearchSection}
ELSEWHERE = {"rest.paging": "harvest.paging", "graphql.paging": "harvest.paging"}


def _home(model: type[BaseModel]) -> str | None:
    return next((home for home, models in HOMES.items() if issubclass(model, models)), None)


def _keys(model: type[BaseModel], prefix: str, known: frozenset[str] = frozenset()) -> set[str]:
    """The keys of a record and of what it holds, without those that are described elsewhere."""
    found: set[str] = set()
    for name, info in model.model_fields.items():
        if name in known:
            continue
        key = prefix + (info.alias or name)
        found.add(ELSEWHERE.get(key, key))
        for inner in models_of(info):
            home = _home(inner)
            if home in (None, key) and inner is not model:
                found |= _keys(inner, f"{key}.")
    return found


def manifest_keys() -> set[str]:
    """Every key of the language, each once, by the name of its heading."""
    found = _keys(ManifestDocument, "", frozenset(SECTION_NAMES)) | {*SECTION_NAMES, "harvest.protocol"}
    shared = frozenset(HarvestSection.model_fields)
    for name, section in SECTIONS.items():
        found |= _keys(section, f"{name}.", shared if name != "harvest" else frozenset())
    found |= {f"harvest.fields.{key}" for key in _keys(FieldRule, "")}
    for paging in discovered("connectors.paging", Paging, "kind").values():
        found |= _keys(paging, "harvest.paging.")
    for protocol, listing in discovered("connectors.protocols", Listing, "protocol").items():
        found |= _keys(listing, f"{protocol}.", frozenset(("protocol",)))
    return found


@dataclass(frozen=True, slots=True)
class Example:
    """A piece of a manifest below a heading; `shows` says whether the key of the heading is in it."""

    heading: str
    text: str
    value: dict[str, Any]

    @property
    def shows(self) -> bool:
        """Whether the key that the heading is about occurs in it."""
        return _occurs(self.heading.rpartition(".")[2], self.value)


def _occurs(key: str, value: Any) -> bool:
    if isinstance(value, dict):
        return key in value or any(_occurs(key, inner) for inner in value.values())
    return isinstance(value, list) and any(_occurs(key, inner) for inner in value)


def _parsed(text: str) -> dict[str, Any] | None:
    document = read_document(text)
    return document.value if isinstance(document.value, dict) and not document.findings else None


def chapters() -> Iterator[tuple[str, str]]:
    """Every key's heading with the text below it."""
    for part in re.split(r"^### ", REFERENCE, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        yield heading.strip(), re.split(r"^## ", body, flags=re.MULTILINE)[0]


def examples() -> list[Example]:
    """Every YAML block, and every `key: value` in a text that shows the key of its heading."""
    found = []
    for heading, body in chapters():
        prose = re.sub(r"```.*?```", "", body, flags=re.DOTALL)
        pieces = re.findall(r"```yaml\n(.*?)```", body, re.DOTALL)
        inline = re.findall(r"``[ ]?(.+?)[ ]?``|`([^`\n]+)`", re.sub(r"\]\([^)]*\)", "]", prose))
        for block in pieces:
            value = _parsed(block)
            assert value is not None, f"{heading}: a block is no YAML mapping"
            found.append(Example(heading, block, value))
        for double, single in inline:
            text = double or single
            value = _parsed(text) if re.match(r"[A-Za-z]\w*: ", text) else None
            if value is not None and (example := Example(heading, text, value)).shows:
                found.append(example)
    return found
