"""Fragments with emphasized matches."""

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from gateway.catalog.highlights import FRAGMENT, highlight
from gateway.catalog.results import Highlight
from schema.resources import CatalogResource, Contributor, Provenance
from tests.gateway.catalog.store import NOW, record


def resource(title: str, **fields: object) -> CatalogResource:
    provenance = Provenance(fetched_at=NOW, digest="0")
    return CatalogResource(platform="zibo", record=record("1", title, **fields), provenance=provenance)


def test_what_matches_is_emphasized_in_every_field() -> None:
    found = highlight("勾股 张老师", resource("勾股定理", contributors=(Contributor(name="张老师"),), summary="无关"))
    assert found == (
        Highlight("title", "<em>勾股</em>定理"),
        Highlight("contributors", "<em>张老师</em>"),
    )


def test_markup_of_a_platform_is_escaped() -> None:
    (found,) = highlight("勾股", resource("<script>勾股</script>&"))
    assert found.fragment == "&lt;script&gt;<em>勾股</em>&lt;/script&gt;&amp;"


def test_a_long_text_is_cut_around_its_first_match() -> None:
    (found,) = highlight("定理", resource("题", summary="前" * 300 + "定理" + "后" * 300))
    assert found.fragment.startswith("…前")
    assert "<em>定理</em>" in found.fragment
    assert found.fragment.endswith("后…")


def test_width_and_case_of_the_original_are_kept() -> None:
    (found,) = highlight("python", resource("ＰＹＴＨＯＮ 入门"))
    assert found.fragment == "<em>ＰＹＴＨＯＮ</em> 入门"


def test_a_word_in_latin_letters_matches_whole_only() -> None:
    assert highlight("art", resource("start")) == ()


TEXT = st.text("勾股定<>&\"'a b㎡ﬁ", min_size=1, max_size=400).filter(lambda text: text.strip() != "")


@given(TEXT, TEXT)
def test_without_its_marks_a_fragment_is_escaped_text_of_the_field(query: str, text: str) -> None:
    stored = resource("题", summary=text)
    for found in highlight(query, stored):
        plain = re.sub("</?em>", "", found.fragment).removeprefix("…").removesuffix("…")
        assert html.unescape(plain) in text.strip()
        assert html.escape(html.unescape(plain)) == plain
        assert len(html.unescape(plain)) <= FRAGMENT
        assert found.fragment.count("<em>") == found.fragment.count("</em>") > 0
