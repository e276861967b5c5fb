"""Regions found by the names that people write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.region_names import short_name
from schema.regions import region_tree

TREE = region_tree()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("渝中", "500103"),
        ("渝中区", "500103"),
        ("重庆", "500000"),
        ("重庆市渝中区", "500103"),
        ("重庆 / 巫溪县", "500238"),
        ("四川省内江市市中区", "511002"),
        ("四川/内江/市中区", "511002"),
        ("山东省-淄博市-张店区", "370303"),
        ("凉山", "513400"),
        ("凉山州", "513400"),
        ("甘孜藏族自治州", "513300"),
        ("阿坝", "513200"),
        ("吉林", "220000"),
        ("内蒙古", "150000"),
        ("广西", "450000"),
        ("新疆", "650000"),
        ("北京朝阳", "110105"),
        ("全国", "100000"),
    ],
)
def test_full_and_short_names_alone_or_below_each_other_are_found(name: str, code: str) -> None:
    found = TREE.find(name)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "name", ["市中区", "朝阳区", "鼓楼", "", " ", "不存在的地方", "重庆市张店区", "区", "x" * 5000]
)
def test_ambiguous_and_unknown_names_are_none(name: str) -> None:
    assert TREE.find(name) is None


def test_a_name_is_narrowed_by_where_it_lies() -> None:
    assert TREE.find("市中区", within="511000") == TREE.require("511002")
    assert TREE.find("市中区", within="370000") is None  # 济南, 枣庄
    assert TREE.find("重庆市", within="500000") == TREE.require("500000")
    assert TREE.find("渝中区", within="510000") is None


def test_every_region_is_found_by_its_full_path() -> None:
    for code in TREE.regions:
        names = "".join(TREE.require(part).name for part in TREE.path(code)[1:]) or "全国"
        assert TREE.find(names) == TREE.require(code), names


@given(st.text(max_size=70))
def test_any_text_gives_a_region_or_none(text: str) -> None:
    found = TREE.find(text)
    assert found is None or TREE.get(found.code) is found


@pytest.mark.parametrize(
    ("name", "short"), [("忠县", "忠县"), ("渝中区", "渝中"), ("延边朝鲜族自治州", "延边"), ("云阳县", "云阳")]
)
def test_short_names_never_shrink_to_one_character(name: str, short: str) -> None:
    assert short_name(name) == short
