"""A record as unqualified Dublin Core, the poorer of the two formats."""

from collections.abc import Iterator

from lxml import etree

from connectors.simulators.catalog import Native
from connectors.simulators.neijiang.lom import LANGUAGE, XSI, told

NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
ELEMENTS = "http://purl.org/dc/elements/1.1/"


def dublin_core(record: Native) -> etree._Element:
    """The `oai_dc:dc` element; elements repeat and nothing tells one `dc:subject` from another."""
    root = etree.Element(f"{{{NAMESPACE}}}dc", nsmap={"oai_dc": NAMESPACE, "dc": ELEMENTS, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{NAMESPACE} {SCHEMA}")
    for name, text in _statements(record):
        if text is not None:
            etree.SubElement(root, f"{{{ELEMENTS}}}{name}").text = text
    return root


def _statements(record: Native) -> Iterator[tuple[str, str | None]]:
    yield "title", record["title"]
    lecturer, *others = (person["name"] for person in record["people"])
    yield "creator", lecturer
    yield "subject", record["subject"]
    for word in record["keywords"]:
        yield "subject", word
    yield "description", record["description"]
    yield "publisher", record["school"]
    for name in others:
        yield "contributor", name
    yield "date", record["published"]
    yield "type", record["type"]
    yield "format", record["format"]
    yield "identifier", record["page"]
    yield "identifier", record["entry"]
    yield "language", LANGUAGE
    for link in record["relations"]:
        yield ("source" if link["kind"] == "isbasedon" else "relation"), link["entry"]
    yield "coverage", record["stage"]
    yield "coverage", record["grade"]
    yield "rights", told(record["rights"])
