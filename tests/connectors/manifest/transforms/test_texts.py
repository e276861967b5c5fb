"""Texts with languages, vCards, lists and JSON inside of strings."""

import time

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors.manifest.transforms import compile_transform, takes_lists, transform_names

LOM_TITLE = (
    '<title xmlns="urn:lom"><string language="en">Theorem</string><string language="zh-CN"> 勾股 </string></title>'
)
XML_LANG = '<t><!-- note --><s xml:lang="zh">题</s><s xml:lang="fr">titre</s></t>'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([{"lang": "en", "text": "Theorem"}, {"lang": "zh", "text": "定理"}], "定理"),
        ([{"@language": "en", "@value": "Theorem"}], "Theorem"),
        ({"language": "zh-Hans", "value": " 定理 "}, "定理"),
        ({"en": "Theorem", "zh_CN": "定理", "note": None}, "定理"),
        (["定理", {"lang": "en", "text": "Theorem"}], "定理"),
        ([{"lang": "zh", "text": " "}, {"text": "Theorem"}], "Theorem"),
        ("定理", "定理"),
        ([], None),
        ({}, None),
        (etree.fromstring(LOM_TITLE), "勾股"),
        (etree.fromstring(XML_LANG), "题"),
    ],
)
def test_a_langstring_is_the_text_in_the_preferred_language(value: object, expected: str | None) -> None:
    assert compile_transform("langstring")(value) == expected


def test_another_language_may_be_preferred() -> None:
    assert compile_transform("langstring", {"prefer": "fr"})(etree.fromstring(XML_LANG)) == "titre"


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["FN:陈老师"], "陈老师"),
        (["fn;charset=utf-8:陈老师", "N:其他;人;;;"], "陈老师"),
        (["item1.FN:陈", " 老师"], "陈老师"),
        (["N:陈;老师;;;"], "陈老师"),
        (["N:Chen;Laoshi;;;"], "Laoshi Chen"),
        (["FN:", "N:Chen"], "Chen"),
        ([r"FN:陈老师\, 李老师\n数学组"], "陈老师, 李老师 数学组"),
        ([r"N:A\;B;C"], "C A;B"),
        (["FN;ENCODING=QUOTED-PRINTABLE:=E9=99=88", "N:陈;老师"], "陈老师"),
    ],
)
def test_the_name_of_a_vcard(lines: list[str], name: str) -> None:
    card = ["BEGIN:VCARD", "VERSION:3.0", *lines, "ORG:渝州中学", "END:VCARD"]
    for end in ("\n", "\r\n"):
        assert compile_transform("vcardName")(end.join(card)) == name


def test_a_vcard_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="the vCard holds no name"):
        compile_transform("vcardName")("BEGIN:VCARD\nORG:渝州中学\nEND:VCARD")


def test_lists_reach_only_the_transforms_that_want_them() -> None:
    assert [name for name in transform_names() if takes_lists(name)] == ["joinedBy", "langstring"]
    assert not takes_lists("unknown")


@pytest.mark.parametrize(
    ("value", "expected"), [(["a", " ", None, 3], "a\n3"), ("a", "a"), ([], None), ([" "], None), (None, None)]
)
def test_lists_are_joined_without_what_says_nothing(value: object, expected: str | None) -> None:
    assert compile_transform("joinedBy")(value) == expected


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    )
)
def test_json_inside_of_a_string_reads_back(value: object) -> None:
    assert compile_transform("json")(orjson.dumps(value).decode()) == value


@given(st.decimals(-(10**12), 10**12, allow_nan=False, places=2))
def test_decimals_are_exact(value: object) -> None:
    assert compile_transform("decimal")(f"{value:,}") == str(value)


@pytest.mark.parametrize(
    ("value", "bare", "expected"), [("85", "hundredths", 0.85), (0.85, "fraction", 0.85), ("85%", "fraction", 0.85)]
)
def test_a_bare_share_means_what_the_manifest_says(value: object, bare: str, expected: float) -> None:
    assert compile_transform("percent", {"bare": bare})(value) == expected


@pytest.mark.parametrize("piece", ["<a", "<br ", "<!--", "<script>", "</p", "< ", "\n "])
def test_html_that_never_ends_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    compile_transform("htmlToText")(piece * 100_000)
    assert time.process_time() - started < 3  # quadratic searches take minutes
