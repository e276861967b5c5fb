"""The tree of administrative divisions and its traps."""

import pytest

from schema.errors import UnknownRegion
from schema.regions import NATION, RegionLevel, region_tree

TREE = region_tree()


def test_yuzhong_and_wuxi_both_lie_directly_in_chongqing() -> None:
    assert TREE.path("500103") == (NATION, "500000", "500103")
    assert TREE.path("500238") == (NATION, "500000", "500238")
    assert TREE.require("500103").level == TREE.require("500238").level == RegionLevel.DISTRICT


def test_every_path_starts_at_the_nation_and_ends_at_its_region() -> None:
    for code in TREE.regions:
        path = TREE.path(code)
        assert path[0] == NATION
        assert path[-1] == code
        assert len(path) <= 4
        assert [TREE.is_within(code, ancestor) for ancestor in path] == [True] * len(path)


def test_children_and_parents_agree() -> None:
    for code, region in TREE.regions.items():
        assert all(child.parent == code for child in TREE.children(code))
        if region.parent:
            assert region in TREE.children(region.parent)
    assert sum(len(TREE.children(code)) for code in TREE.regions) == len(TREE.regions) - 1


def test_there_are_no_pseudo_cities() -> None:
    assert [r.name for r in TREE.regions.values() if r.name in ("市辖区", "县", "省直辖县级行政区划")] == []
    assert {r.level for r in TREE.children("500000")} == {RegionLevel.DISTRICT}
    assert len(TREE.children(NATION)) == 34


def test_the_regions_of_the_five_platforms_are_where_they_belong() -> None:
    assert TREE.is_within("511083", "511000")
    assert TREE.is_within("370303", "370300")
    assert not TREE.is_within("500103", "510000")
    assert len(TREE.children("370300")) == 8
    assert [r.name for r in TREE.children("511000")] == ["市中区", "东兴区", "威远县", "资中县", "隆昌市"]


def test_an_unknown_code_says_what_a_code_looks_like() -> None:
    with pytest.raises(UnknownRegion, match=r"'abc' is no known GB/T 2260 region code such as '500103'$"):
        TREE.require("abc")
    assert TREE.get("abc") is None


def test_a_retired_code_and_a_name_lead_to_the_code_that_was_meant() -> None:
    with pytest.raises(UnknownRegion, match="did you mean '511083' \\(隆昌市\\)"):
        TREE.require("511028")
    with pytest.raises(UnknownRegion, match="did you mean '500103' \\(渝中区\\)"):
        TREE.path("渝中")


def test_retired_codes_are_out_of_use_and_lead_to_codes_in_use() -> None:
    assert set(TREE.retired) & set(TREE.regions) == set()
    assert set(TREE.retired.values()) <= set(TREE.regions)
    assert TREE.current("511028") == TREE.require("511083")
    assert TREE.current("500200") == TREE.require("500000")
    assert TREE.current("500103") == TREE.require("500103")
    assert TREE.current("000000") is None
