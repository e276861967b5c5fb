"""OAI-PMH answers in a draft: which format they are in, and what its records say."""

from typing import Any

from lxml import etree

from connectors.drafts.columns import Steps, xpath
from connectors.drafts.crosswalks import crosswalk
from connectors.drafts.draft import About
from connectors.drafts.fields import Material
from connectors.drafts.writing import Block
from connectors.drafts.xml_shapes import Prefixes, shape
from connectors.errors import Malformed
from connectors.extraction import XPathLanguage
from connectors.protocols.oai_pmh import NAMESPACE, OaiPmhListing

_OAI = f"{{{NAMESPACE}}}"
DUBLIN_CORE = "oai_dc"


def is_oai(root: Any) -> bool:
    """Whether an element is the root of an OAI-PMH answer."""
    return bool(root.tag == f"{_OAI}OAI-PMH")


def oai_section(root: Any, name: str, about: About, prefix: str | None = None) -> tuple[Block, Material]:
    """The keys of a section, and the records to draft its fields from; raises `Malformed` for an answer without any."""
    wrong = root.find(f"{_OAI}error")
    if wrong is not None:
        raise Malformed(f"{name} is an error of the server: {wrong.get('code')}: {(wrong.text or '').strip()[:200]}")
    records = root.findall(f".//{_OAI}record")
    described = [record for record in records if record.find(f"{_OAI}metadata") is not None]
    if not described:
        raise Malformed(f"{name} holds no records with metadata; the answer to ListRecords is needed")
    asked = root.find(f"{_OAI}request")
    prefix = prefix or (asked.get("metadataPrefix") if asked is not None else None) or DUBLIN_CORE
    prefixes, keys = Prefixes(), Block()
    metadata = described[0].find(f"{_OAI}metadata")
    top = next((prefixes.step(one.tag) for one in metadata if isinstance(one.tag, str)), "*")
    shaped = [_metadata(record, prefixes) for record in described]
    keys.put("protocol", "oai-pmh")
    if about.path:
        keys.put("path", about.path)
    keys.put("prefix", prefix)
    if prefixes.declared:
        keys.put("namespaces", dict(prefixes.declared))
    language, base = XPathLanguage(prefixes.declared), ("oai:metadata", top)
    ready = crosswalk(top, described, language) if about.section == "harvest" else []
    defaults = OaiPmhListing.default_fields({"prefix": prefix})
    known = {} if about.section == "usage" else dict(defaults)
    # a crosswalk knows its format better than guessing does
    guessed = [] if ready else shaped
    return keys, Material(described, guessed, language, _below(base), defaults=known, ready=ready)


def _metadata(record: Any, prefixes: Prefixes) -> dict[str, Any]:
    holder = record.find(f"{_OAI}metadata")
    first = next((one for one in holder if isinstance(one.tag, str)), None)
    made = shape(first, prefixes) if isinstance(first, etree._Element) else None
    return made if isinstance(made, dict) else {}


def _below(base: Steps) -> Any:
    """XPath from the record; places of the metadata are given relative to its root."""

    def render(steps: Steps, one: bool) -> str:
        return xpath((*base, *steps), one)

    return render
