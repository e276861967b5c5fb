"""Global IDs: every native id survives the way there and back, nothing else is accepted."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schema.errors import InvalidIdentifier
from schema.identifiers import GlobalId, resource_id
from schema.resources import ResourceRecord

PRINTABLE = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, range(32)))), min_size=1
)


@given(st.from_regex(r"[a-z][a-z0-9-]{0,30}", fullmatch=True), PRINTABLE)
def test_every_native_id_survives_the_way_there_and_back(platform: str, native_id: str) -> None:
    text = resource_id(platform, native_id)
    assert GlobalId.parse(text) == GlobalId("Resource", (platform, native_id))
    assert str(GlobalId.parse(text)) == text
    assert text.isascii()
    assert not set(text) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text(max_size=60))
def test_whatever_is_accepted_was_written_by_us(text: str) -> None:
    try:
        parsed = GlobalId.parse(text)
    except InvalidIdentifier:
        return
    assert str(parsed) == text


@given(st.binary(max_size=40))
def test_other_bytes_in_base64_are_refused_or_written_by_us(raw: bytes) -> None:
    text = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    try:
        parsed = GlobalId.parse(text)
    except InvalidIdentifier:
        return
    assert str(parsed) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Resource",
        "UmVzb3VyY2U",  # a type name alone
        "UmVzb3VyY2UA",  # an empty part
        resource_id("chongqing", "1") + "=",  # padded
        resource_id("chongqing", "1") + " ",
        "UmVzb3VyY2UAY2hvbmdxaW5nAC8/",  # the other alphabet
        "资源",
    ],
)
def test_what_we_never_wrote_is_refused(text: str) -> None:
    with pytest.raises(InvalidIdentifier, match="is not a global ID"):
        GlobalId.parse(text)


def test_different_records_have_different_ids() -> None:
    ids = {resource_id(platform, native) for platform in ("zibo", "yuzhong") for native in ("1", "01", "１", "a:b")}
    assert len(ids) == 8


def test_an_id_is_the_same_in_every_release() -> None:
    assert resource_id("chongqing", "CQ-1024") == "UmVzb3VyY2UAY2hvbmdxaW5nAENRLTEwMjQ"


@pytest.mark.parametrize("native_id", ["", "  ", "a\0b", "a\nb", "x" * 251])
def test_native_ids_that_an_id_could_not_hold_are_refused_in_records(native_id: str) -> None:
    with pytest.raises(ValidationError, match="nativeId"):
        ResourceRecord.model_validate({"nativeId": native_id, "title": "勾股定理", "kind": "LESSON"})
