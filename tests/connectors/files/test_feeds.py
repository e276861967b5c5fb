"""XML, RSS and Atom through the hardened reader."""

import pytest
from lxml import etree

from connectors.errors import Malformed
from tests.connectors.files.reading import entries, read

LESSONS = "<?xml version='1.0' encoding='{}'?><课程表><组><课程 id='1'>甲</课程><课程 id='2'>乙</课程></组></课程表>"


@pytest.mark.parametrize(
    ("written", "packed", "declared"),
    [
        ("UTF-8", "utf-8", None),
        ("GB2312", "gb18030", None),
        ("UTF-8", "gb18030", "gb18030"),
        ("UTF-16", "utf-16", None),
    ],
)
def test_elements_are_read_in_the_encoding_of_the_file(written: str, packed: str, declared: str | None) -> None:
    body = LESSONS.format(written).encode(packed)
    records, broken = read({"kind": "xml", "records": "组/课程"}, body, encoding=declared)
    assert [(one.get("id"), one.text) for one in records] == [("1", "甲"), ("2", "乙")]
    assert broken == []


def test_prefixes_may_be_declared() -> None:
    body = b'<list xmlns="urn:a"><item/></list>'
    assert len(entries({"kind": "xml", "records": "a:item", "namespaces": {"a": "urn:a"}}, body)) == 1
    assert entries({"kind": "xml", "records": "item"}, body) == []


@pytest.mark.parametrize(
    ("kind", "body", "names"),
    [
        ("rss", b"<rss><channel><title>c</title><item/><item/></channel></rss>", ["item", "item"]),
        (
            "rss",
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
            b"<channel/><item/></rdf:RDF>",
            ["{http://purl.org/rss/1.0/}item"],
        ),
        ("atom", b'<feed xmlns="http://www.w3.org/2005/Atom"><entry/></feed>', ["{http://www.w3.org/2005/Atom}entry"]),
        ("atom", b"<feed/>", []),
    ],
)
def test_a_feed_holds_its_entries(kind: str, body: bytes, names: list[str]) -> None:
    found = entries(kind, body)
    assert all(isinstance(one, etree._Element) for one in found)
    assert [one.tag for one in found] == names


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "f: "),
        (b"<rss>", r"f: .*line 1"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><rss>&x;</rss>', "a document with a DOCTYPE is refused"),
        (b"<!DOCTYPE html><html></html>", "an HTML page, not XML"),
    ],
)
def test_what_is_no_honest_xml_is_malformed(body: bytes, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        entries("rss", body)
