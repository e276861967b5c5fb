"""Every value that the national platform really uses: mapped, or known to be no term of its dimension."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from schema.vocabularies import VocabularyScheme, vocabulary
from tests.architecture.source import ROOT

SAMPLES = ROOT.parent / "shared" / "samples" / "smartedu-national"
S = VocabularyScheme
DIMENSIONS = {"zxxxd": S.STAGE, "zxxnj": S.GRADE, "zxxxk": S.SUBJECT, "zxxbb": S.EDITION}
HIERARCHIES = {"学段": S.STAGE, "电子教材": S.STAGE, "年级": S.GRADE, "学科": S.SUBJECT, "版本": S.EDITION}
# the platform files these under 年级 although they are none
NO_GRADES = {"学生读本", "教师用书", "世界历史", "中国历史", "沪教版"}

pytestmark = pytest.mark.skipif(
    not SAMPLES.exists() and os.environ.get("CI") != "true",
    reason="recorded responses of the national platform missing",
)


def load(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text("utf-8"))


def tagged(node: Any) -> Iterator[tuple[VocabularyScheme, str]]:
    for hierarchy in node.get("hierarchies") or ():
        for child in hierarchy["children"]:
            if hierarchy["hierarchy_name"] in HIERARCHIES:
                yield HIERARCHIES[hierarchy["hierarchy_name"]], child["tag_name"]
            yield from tagged(child)


def unmapped(values: set[tuple[VocabularyScheme, str]]) -> set[tuple[VocabularyScheme, str]]:
    return {(scheme, name) for scheme, name in values if vocabulary(scheme).resolve(name) is None}


@pytest.mark.parametrize("tags", ["national_lesson_tag.json", "tch_material_tag.json"])
def test_every_tag_of_the_hierarchies_is_mapped(tags: str) -> None:
    assert {name for _, name in unmapped(set(tagged(load(tags))))} <= NO_GRADES


def test_every_tag_of_the_recorded_rows_is_mapped() -> None:
    values = {
        (DIMENSIONS[tag["tag_dimension_id"]], tag["tag_name"])
        for row in load("national_lesson.part_100.subset.json")
        for tag in row["tag_list"]
        if tag["tag_dimension_id"] in DIMENSIONS
    }
    assert len(values) > 70
    assert {name for _, name in unmapped(values)} <= NO_GRADES
