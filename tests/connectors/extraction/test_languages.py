"""Both languages answer with plain values, know their records and digest them."""

import hashlib
from typing import Any

import pytest
from lxml import etree

from connectors.extraction import JMESPATH, ExpressionError, Language, XPathLanguage

XPATH = XPathLanguage()
LOM = etree.fromstring(
    '<lom xmlns="http://ltsc.ieee.org/xsd/LOM" xmlns:unused="urn:unused"><general><title>'
    '<string language="zh"> 勾股定理 </string><string language="en">Pythagoras</string></title>'
    "<!-- a comment --><keyword/></general><size>2.50</size></lom>"
)


def xpath(text: str) -> Any:
    return XPATH.compile(text)(LOM)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lom:size", "2.50"),
        ("number(lom:size)", 2.5),
        ("number(lom:size) * 2", 5),
        ("number(lom:general)", None),
        (".//lom:string", ["勾股定理", "Pythagoras"]),
        (".//lom:string[@language='en']", "Pythagoras"),
        (".//lom:string/@language", ["zh", "en"]),
        (".//lom:string/text()", ["勾股定理", "Pythagoras"]),
        ("lom:general/lom:keyword", None),
        ("lom:general/comment()", None),
        ("lom:missing", None),
        ("string(lom:missing)", None),
        ("boolean(lom:size)", True),
        ("count(.//lom:string)", 2),
        ("'a' = \"b//c//d\"", False),
    ],
)
def test_an_xpath_answers_with_plain_values(text: str, expected: object) -> None:
    found = xpath(text)
    assert (type(found), found) == (type(expected), expected)


def test_an_element_with_child_elements_stays_an_element_for_relative_paths() -> None:
    title = xpath("lom:general/lom:title")
    assert XPATH.is_record(title)
    assert XPATH.compile("lom:string[1]/@language")(title) == "zh"


def test_entries_stay_elements_also_without_child_elements() -> None:
    entries = XPATH.compile_entries(".//lom:string")(LOM)
    assert [(XPATH.compile("@language")(entry), XPATH.compile(".")(entry)) for entry in entries] == [
        ("zh", "勾股定理"),
        ("en", "Pythagoras"),
    ]


@pytest.mark.parametrize("value", [None, "text", {"a": 1}, [], 3])
def test_an_xpath_finds_nothing_in_what_is_no_element(value: object) -> None:
    assert XPATH.compile(".")(value) is None
    assert not XPATH.is_record(value)


def test_a_manifest_adds_prefixes_and_may_give_common_ones_another_meaning() -> None:
    sample = etree.fromstring('<a xmlns:x="urn:x"><x:b>1</x:b></a>')
    assert XPathLanguage({"y": "urn:x", "dc": "urn:x"}).compile("string(y:b) = dc:b")(sample) is True
    with pytest.raises(ExpressionError, match=r"the prefix 'y' is not declared; known: atom, .*, lom, "):
        XPATH.compile("a[b = y:b]")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("//lom:string", r"write \.//name"),
        ("lom:size = /lom:lom", r"starts at the record"),
        ("lom:size and /lom:lom", r"starts at the record"),
        ("lom:size[//lom:string]", r"starts at the record"),
        (".//a//b", r"// stands only at the beginning of a path, as in \.//name; name the steps between"),
        ("a//b", r"// stands only at the beginning"),
        ("(.//a)//b", r"// stands only at the beginning"),
        ("descendant::a//b", r"// stands only at the beginning"),
        ("a/descendant::b", r"// stands only at the beginning"),
        (".//a+.//b+.//c+.//d", r"// at most 3 times"),
        ("a/following-sibling::b", r"following-sibling:: is not allowed"),
        ("a|b", r"unions are not allowed; write \*\[self::a or self::b\]"),
        ("a[.//c]", r"// is not allowed in brackets; name the steps there"),
        ("a[count(b[descendant::c]) = 1]", r"// is not allowed in brackets"),
        ("a[../b]", r"\.\. is not allowed in brackets"),
        (".//..", r"\.\. stands only at the beginning of a path"),
        ("a/parent::b", r"parent:: stands only at the beginning of a path"),
        ("a[parent::b]", r"parent:: is not allowed"),
        ("a" * 501, r"at most 500 characters, this one 501"),
        ("$a", r"variables do not exist"),
        ("re:test(., 'a')", r"no function re:test\(\)"),
        ("document('x')", r"no function document\(\)"),
        ("a[", r"a\[: invalid expression"),
        ("", r"invalid expression"),
        ("'a", r"unfinished literal"),
    ],
)
def test_an_xpath_that_is_wrong_or_costly_is_refused(text: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        XPATH.compile(text)


@pytest.mark.parametrize(
    "text",
    [
        "* * *",
        "and and and",
        "(a)/c",
        "*[self::a or self::b]",
        "a[b[c]]/c[e]/@f",
        "../../a/b",
        "..//a",
        "'x' = .//b",
        "concat(.//a, .//b)",
        "课程/@名",
    ],
)
def test_an_xpath_that_only_looks_costly_is_compiled(text: str) -> None:
    XPATH.compile(text)


@pytest.mark.parametrize("language", [JMESPATH, XPATH])
def test_a_digest_of_what_is_no_record_is_a_type_error(language: Language) -> None:
    with pytest.raises(TypeError):
        language.digest({1, 2})


def test_the_digest_of_an_element_is_that_of_its_exclusive_canonical_form() -> None:
    canonical = '<size xmlns="http://ltsc.ieee.org/xsd/LOM">2.50</size>'
    assert XPATH.digest(LOM[1]) == hashlib.sha256(canonical.encode()).hexdigest()


def test_spelling_and_surroundings_do_not_change_a_digest_and_content_does() -> None:
    one, two, three = (
        etree.fromstring(text)[0]
        for text in (
            '<r xmlns:d="u:d"><a y="2" x="1"><d:b/></a> tail</r>',
            "<r xmlns:e='u:e'><!-- --><a x='1' y='2' ><d:b xmlns:d='u:d'></d:b><!--c--></a></r>".replace(
                "<!-- -->", ""
            ),
            '<r xmlns:d="u:d"><a y="2" x="1"><d:b/>.</a></r>',
        )
    )
    assert XPATH.digest(one) == XPATH.digest(two) != XPATH.digest(three)


def test_an_element_with_a_relative_namespace_has_a_digest() -> None:
    one, two = (etree.fromstring(f'<r xmlns="relative">{text}</r>') for text in "12")
    assert XPATH.digest(one) != XPATH.digest(two)


def test_the_text_of_a_record_is_readable_and_keeps_namespaces() -> None:
    sample = etree.fromstring('<r xmlns:d="u:d"><d:b>题</d:b>tail</r>')
    assert XPATH.text(sample[0]) == '<d:b xmlns:d="u:d">题</d:b>'
    assert XPATH.text(None) == "None"
    assert JMESPATH.text({"题": [1]}) == '{"题":[1]}'
    assert JMESPATH.text({1}) == "an element nested too deeply to be kept"
    assert JMESPATH.digest({"b": 1, "a": 2}) == hashlib.sha256(b'{"a":2,"b":1}').hexdigest()
    assert JMESPATH.is_record({})
    assert not JMESPATH.is_record([])
