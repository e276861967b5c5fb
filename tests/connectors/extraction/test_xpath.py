"""XPath beside a reference, and what no accepted expression can do."""

import copy
import time
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors.extraction import ExpressionError, XPathLanguage, read_xml

XPATH = XPathLanguage({"p": "urn:p"})
NAMES = st.sampled_from(["a", "b", "c", "{urn:p}a"])
TEXTS = st.sampled_from([None, "1", "课", " x "])


def element(name: str, text: str | None, attribute: str | None, children: list[etree._Element]) -> etree._Element:
    """One element of a tree."""
    made = etree.Element(name, {"k": attribute} if attribute else {})
    made.text = text
    made.extend(children)
    return made


TREES = st.recursive(
    st.builds(element, NAMES, TEXTS, TEXTS, st.just([])),
    lambda inner: st.builds(element, NAMES, TEXTS, TEXTS, st.lists(inner, max_size=3)),
    max_leaves=8,
)
PATHS = st.sampled_from(
    ["a", "a/b", ".//a", ".//p:a/b", "*", "*/*", ".//*", "a[b]", ".//a[@k]", ".//b[@k='1']", "a[b='1']/c", "."]
)
STEPS = st.sampled_from(
    ["a", "p:a", "*", "node()", "text()", "@k", ".", "self::a", "descendant::b", "a[1]", "*[last()]"]
)
JOINTS = st.sampled_from(["/", "//", " + ", " = ", "[", "(", " and ", " * ", "/../", "::", "]", ")"])
WRITTEN = st.lists(STEPS | JOINTS, min_size=1, max_size=7).map("".join)


def plain(found: list[Any]) -> Any:
    """The answer as it should be, from the reference's elements."""
    values = [
        ElementTree.tostring(node) if len(node) else (node.text or "").strip()
        for node in found
        if len(node) or (node.text or "").strip()
    ]
    return values if len(values) > 1 else values[0] if values else None


def shown(value: Any) -> Any:
    """An answer that can be compared: elements by their text."""
    if isinstance(value, list):
        return [shown(item) for item in value]
    return ElementTree.tostring(copied(value)) if isinstance(value, etree._Element) else value


def copied(tree: etree._Element) -> ElementTree.Element:
    """The same tree for the reference."""
    made = ElementTree.Element(str(tree.tag), {str(name): str(value) for name, value in tree.attrib.items()})
    made.text = tree.text
    made.extend(copied(child) for child in tree)
    return made


@given(tree=TREES, path=PATHS)
def test_paths_find_what_elementtree_finds(tree: etree._Element, path: str) -> None:
    assert shown(XPATH.compile(path)(tree)) == plain(copied(tree).findall(path, {"p": "urn:p"}))


@given(tree=TREES, text=WRITTEN)
def test_no_accepted_path_without_a_parent_step_looks_beyond_its_record(tree: etree._Element, text: str) -> None:
    try:
        find = XPATH.compile(text)
    except ExpressionError:
        return
    document = etree.Element("a")
    document.extend([copy.deepcopy(tree), copy.deepcopy(tree)])
    if ".." not in text:
        assert shown(find(document[0])) == shown(find(tree))


@given(tree=TREES, text=WRITTEN | st.text(max_size=30))
def test_any_text_is_an_xpath_or_a_clear_error(tree: etree._Element, text: str) -> None:
    try:
        find = XPATH.compile(text)
    except ExpressionError as error:
        message = str(error)
    else:
        find(tree)
        message = "an expression"
    assert message


@given(tree=TREES)
def test_a_record_read_back_from_its_text_has_the_same_digest(tree: etree._Element) -> None:
    assert XPATH.digest(read_xml(XPATH.text(tree).encode())) == XPATH.digest(tree)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("oai:header/oai:identifier", "oai:neijiang.example:1001"),
        ("oai:header/@status", None),
        ("oai:header/oai:setSpec", ["math", "grade7"]),
        ("oai:metadata/oai_dc:dc/dc:title[@xml:lang='zh']", "勾股定理"),
        ("oai:metadata/oai_dc:dc/dc:title[not(@xml:lang)]", "Untitled"),
        ("normalize-space(.//dc:description)", "A long text."),
        ("count(.//dc:subject)", 0),
        ("oai:metadata/*/@xsi:schemaLocation", "http://x http://y"),
        ("concat(.//oai:identifier, '#', .//dc:date)", "oai:neijiang.example:1001#2024-03-15"),
        ("../@page", "3"),
    ],
)
def test_a_record_of_a_repository_is_read_with_the_common_prefixes(path: str, expected: object) -> None:
    root = read_xml(
        """<?xml version="1.0" encoding="UTF-8"?>
        <ListRecords xmlns="http://www.openarchives.org/OAI/2.0/" page="3"><record><header>
        <identifier>oai:neijiang.example:1001</identifier><setSpec>math</setSpec><setSpec>grade7</setSpec></header>
        <metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
          xmlns:d="http://purl.org/dc/elements/1.1/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
          xsi:schemaLocation="http://x http://y"><d:title xml:lang="zh"><![CDATA[勾股定理]]></d:title>
        <d:title>Untitled</d:title><d:description> A long
           <!-- really --> text. </d:description><d:date>2024-03-15</d:date></oai_dc:dc></metadata>
        </record></ListRecords>""".encode()
    )
    assert XPATH.compile(path)(XPATH.compile_entries("oai:record")(root)) == expected


BROAD = b"<a>" + (b"<b>" * 200 + b"</b>" * 200) * 100 + b"<b/>" * 80_000 + b"</a>"


@pytest.mark.parametrize(
    "text",
    [
        ".//*/*",
        "*/*/*",
        ".//* = 'c'",
        ".//* = string(.//c)",
        ".//*[contains(., 'q')]",
        "count(.//*[*/*/*/*])",
        "count(.//*[count(*[count(*[b]) > 0]) > 0][last()])",
    ],
)
def test_accepted_paths_are_quick_over_a_hundred_thousand_elements(text: str) -> None:
    root = read_xml(BROAD)
    find = XPATH.compile_entries(text)
    started = time.process_time()
    find(root)
    assert time.process_time() - started < 5  # quadratic ones take minutes


@pytest.mark.parametrize(
    "text",
    [
        "a = b",
        "a[1]/b != c/@d",
        ". < ..",
        "@a >= @b",
        "x/text() <= child::y",
        "* = *",
        "a = ((b))",
        "(a[b = 'x']) = b",
        "a = 'x' and b = c",
        "a[b = c]",
        "not(a > b)",
        "count(a[. = 'x'][b = c/d])",
        "id('x') = a",
        "concat(a, b = c",
    ],
)
def test_two_paths_are_not_compared(text: str) -> None:
    with pytest.raises(ExpressionError, match="a comparison has a path on one side only"):
        XPATH.compile(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count(*[. = 'x'])", 2),
        ("string(a) = b", True),
        ("b = string(a)", True),
        ("count(a) = count(b)", False),
        ("a = 'x' and b = 'x' or c = 'z'", True),
        ("n + 1 = n", False),
        ("n = -n", False),
        ("n * 2 = m", True),
        ("(a = 'x') = (b = 'y')", True),
        ("a = 'x' = b", True),
        ("concat(a, b) = m", False),
        ("n = .5", False),
        ("n[. >= 2] = 2.", True),
    ],
)
def test_a_path_is_compared_with_a_value(text: str, expected: object) -> None:
    root = read_xml(b"<r><a>x</a><b>y</b><b>x</b><n>2</n><m>4</m></r>")
    assert XPATH.compile(text)(root) == expected
